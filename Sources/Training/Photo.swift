internal import Foundation
internal import Frames
internal import StreamIn

/// A photograph as light, made small: what crops are cut from.
struct Photo: Sendable {
  /// File name, for reports.
  let name: String
  /// From the largest to the smallest; at least one.
  let levels: [Level]

  /// The photograph at one size.
  struct Level: Sendable {
    let width: Int, height: Int
    /// `3 × height × width`, linear light, 65535 is white.
    let light: [UInt16]
  }

  /// A photograph that is there already.
  init(name: String, levels: [Level]) { (self.name, self.levels) = (name, levels) }

  /// Decodes a picture and makes it small, so that its shorter side has each of `sides` pixels, or all that there are.
  ///
  /// Nil if it cannot be decoded or its shorter side has fewer than `least` pixels.
  init?(path: String, sides: [Int], least: Int) {
    guard let frame = Self.decode(path), min(frame.width, frame.height) >= least else { return nil }
    let shorter = min(frame.width, frame.height)
    var levels: [Level] = []
    var picture = Self.light(of: frame)
    for side in Set(sides.map { min($0, shorter) }).sorted(by: >) where side >= least {
      picture = picture.reduced(shorterSide: side)
      levels.append(
        Level(
          width: picture.width, height: picture.height,
          light: picture.values.map { UInt16(($0 * 65535).rounded()) }))
    }
    guard !levels.isEmpty else { return nil }
    self.levels = levels
    name = (path as NSString).lastPathComponent
  }

  /// The first frame as planar 8-bit RGB.
  private static func decode(_ path: String) -> VideoFrame? {
    do {
      let reader = try StreamReader(path, options: StreamInOptions(threads: 1))
      while let event = try reader.next() {
        guard case .frame(let frame) = event, let format = PixelFormat(named: "gbrp") else { continue }
        return try Scaler(width: frame.width, height: frame.height, format: format).convert(frame)
      }
      return nil
    } catch {
      return nil
    }
  }

  private static func light(of frame: VideoFrame) -> LightPicture {
    let (width, height) = (frame.width, frame.height)
    var values = [Float](repeating: 0, count: 3 * width * height)
    let table = LightTransfer.ofCode
    values.withUnsafeMutableBufferPointer { values in
      table.withUnsafeBufferPointer { table in
        for channel in 0..<3 {
          // FFmpeg's planes are green, blue, red.
          let plane = frame.plane([2, 0, 1][channel])
          let stride = frame.stride(ofPlane: [2, 0, 1][channel])
          for y in 0..<height {
            let row = plane + y * stride
            let target = values.baseAddress! + (channel * height + y) * width
            for x in 0..<width { target[x] = table[Int(row[x])] }
          }
        }
      }
    }
    return LightPicture(width: width, height: height, values: values)
  }
}

/// `3 × height × width` linear light in [0, 1].
struct LightPicture {
  var width: Int, height: Int
  var values: [Float]

  /// The mean of the pixels that fall on each new one, parts of pixels included.
  func reduced(shorterSide side: Int) -> LightPicture {
    let scale = Double(side) / Double(min(width, height))
    let newWidth = max(side, Int((Double(width) * scale).rounded()))
    let newHeight = max(side, Int((Double(height) * scale).rounded()))
    guard newWidth < width || newHeight < height else { return self }
    let columns = Self.shares(from: width, to: newWidth)
    let rows = Self.shares(from: height, to: newHeight)
    var result = LightPicture(
      width: newWidth, height: newHeight, values: [Float](repeating: 0, count: 3 * newWidth * newHeight))
    var sums = [Float](repeating: 0, count: width)
    values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        sums.withUnsafeMutableBufferPointer { sums in
          for channel in 0..<3 {
            for y in 0..<newHeight {
              sums.update(repeating: 0)
              for (offset, share) in rows[y].shares.enumerated() {
                let row = source.baseAddress! + (channel * height + rows[y].first + offset) * width
                for x in 0..<width { sums[x] += share * row[x] }
              }
              for x in 0..<newWidth {
                var sum: Float = 0
                for (offset, share) in columns[x].shares.enumerated() { sum += share * sums[columns[x].first + offset] }
                target[(channel * newHeight + y) * newWidth + x] = min(1, sum)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// For each new position, the first of the old ones that it covers, and how much of it each of them makes up.
  private static func shares(from old: Int, to new: Int) -> [(first: Int, shares: [Float])] {
    (0..<new).map { index in
      let start = Double(index) * Double(old) / Double(new)
      let end = Double(index + 1) * Double(old) / Double(new)
      let first = Int(start)
      let last = min(old - 1, Int(end.rounded(.up)) - 1)
      return (first, (first...last).map { Float((min(end, Double($0 + 1)) - max(start, Double($0))) / (end - start)) })
    }
  }
}
