import CFFmpeg
import Frames
import Testing

@testable import Enhancer

/// Enhanced native frames against the same written down pixel by pixel, in Double.
struct CurveApplicationTests {
  /// What the kernels' contract asks for: code + round(what the curve adds); chroma moves by the mean over its pixels.
  private static func expected(_ frame: TestFrame, _ map: CurveMap, interlaced: Bool) -> [Int] {
    let layout = frame.layout
    let (width, height) = (frame.frame.width, frame.frame.height)
    let largest = Double(1 << layout.depth - 1)
    let unit = Double(1 << (layout.depth - 8))
    let isFull = frame.frame.color.isFullRange(frame.frame.format)
    let (kr, kb) = frame.frame.color.lumaWeights(height: height)
    let sizes = (0..<frame.componentCount).map { frame.size($0) }
    var change = sizes.map { [Double](repeating: 0, count: $0.width * $0.height) }
    var counts = sizes.map { [Double](repeating: 0, count: $0.width * $0.height) }
    for y in 0..<height {
      var chromaRow = y >> layout.chromaShiftY
      if interlaced, layout.chromaShiftY == 1, height - y / 4 * 4 >= 3 { chromaRow = y / 4 * 2 + y % 2 }
      for x in 0..<width {
        let rgb = ThumbnailTests.pixel(frame, x: x, y: y, chromaRow: chromaRow)
        var delta = SIMD3<Double>(repeating: 0)
        for channel in 0..<3 {
          let value = min(max(rgb[channel], 0), 1)
          delta[channel] = CurveMapTests.bent(value, map, channel: channel, x: x, y: y) - value
        }
        func add(_ component: Int, _ index: Int, _ value: Double) {
          change[component][index] += value
          counts[component][index] += 1
        }
        if layout.model == .rgb {
          for channel in 0..<3 { add(channel, y * width + x, delta[channel] * largest) }
          continue
        }
        let luma = kr * delta[0] + (1 - kr - kb) * delta[1] + kb * delta[2]
        add(0, y * width + x, luma * (isFull ? largest : 219 * unit))
        guard layout.model == .yuv else { continue }
        let index = chromaRow * sizes[1].width + x >> layout.chromaShiftX
        let scale = isFull ? largest : 224 * unit
        add(1, index, (delta[2] - luma) / (2 * (1 - kb)) * scale)
        add(2, index, (delta[0] - luma) / (2 * (1 - kr)) * scale)
      }
    }
    var codes: [Int] = []
    for component in 0..<frame.componentCount {
      for index in change[component].indices {
        let code = frame[component, index / sizes[component].width, index % sizes[component].width]
        let value = Double(code) + change[component][index] / counts[component][index]
        codes.append(Int(min(max(value, 0), largest).rounded()))
      }
    }
    if layout.alpha != nil {
      for y in 0..<height { for x in 0..<width { codes.append(frame[3, y, x]) } }
    }
    return codes
  }

  private static func compare(
    _ frame: TestFrame, _ map: CurveMap, kernels: Kernels = .best, interlaced: Bool = false
  ) throws -> (largest: Int, mean: Double) {
    let result = TestFrame(try CurveApplication(threads: 1, kernels: kernels).apply(map, to: frame.frame))
    #expect(result.frame.format == frame.frame.format && result.frame.isInterlaced == interlaced)
    let differences = zip(result.codes, expected(frame, map, interlaced: interlaced)).map { abs($0 - $1) }
    #expect(differences.count == result.codes.count)
    return (differences.max() ?? 0, Double(differences.reduce(0, +)) / Double(differences.count))
  }

  @Test(arguments: TestFrame.directFormats)
  func everyFormat(_ format: String) throws {
    for (range, interlaced) in [(AVCOL_RANGE_MPEG, false), (AVCOL_RANGE_JPEG, true), (AVCOL_RANGE_UNSPECIFIED, true)] {
      let frame = try TestFrame(
        format, width: 37, height: 29, color: (AVCOL_SPC_BT709, range), interlaced: interlaced)
      frame.fill(seed: 1, range: 0...0.7)
      for (scale, maps) in [(1, 1), (2, 1), (12, 8)] {
        let geometry = MapGeometry(pictureWidth: 37, pictureHeight: 29, scale: scale, sampling: .area)
        let map = CurveMap.random(geometry, maps: maps, seed: 2)
        for variant in NetworkTests.variants {
          let kernels = try #require(Kernels(variant))
          let (largest, mean) = try Self.compare(frame, map, kernels: kernels, interlaced: interlaced)
          #expect(largest <= (frame.layout.depth > 12 ? 2 : 1), "\(variant), scale \(scale)")
          #expect(mean < (frame.layout.depth > 12 ? 0.2 : 0.02), "\(variant), scale \(scale)")
        }
      }
    }
  }

  /// Every height has its own last rows.
  @Test(arguments: 1...9, [false, true])
  func heightsAndFields(_ height: Int, _ interlaced: Bool) throws {
    for width in [1, 2, 5] {
      let frame = try TestFrame("yuv420p", width: width, height: height, interlaced: interlaced)
      frame.fill(seed: 3)
      let geometry = MapGeometry(pictureWidth: width, pictureHeight: height, scale: 2, sampling: .area)
      let (largest, mean) = try Self.compare(frame, .random(geometry, seed: 4), interlaced: interlaced)
      #expect(largest <= 1 && mean <= 0.05)
    }
  }

  /// Two fields taken at different times: a bright first field must not colour the second.
  @Test func fieldsStayApart() throws {
    let frame = try TestFrame("yuv420p", width: 16, height: 16, interlaced: true)
    for y in 0..<16 { for x in 0..<16 { frame[0, y, x] = y % 2 == 0 ? 100 : 30 } }
    for y in 0..<8 {
      for x in 0..<8 {
        frame[1, y, x] = y % 2 == 0 ? 90 : 128
        frame[2, y, x] = y % 2 == 0 ? 180 : 128
      }
    }
    let geometry = MapGeometry(pictureWidth: 16, pictureHeight: 16, scale: 12, sampling: .area)
    let map = CurveMap(geometry: geometry, maps: 1, values: [-0.3, -0.3, -0.3])
    let result = TestFrame(try CurveApplication(threads: 1).apply(map, to: frame.frame))
    for y in stride(from: 1, to: 8, by: 2) {
      for x in 0..<8 { #expect(result[1, y, x] == 128 && result[2, y, x] == 128) }
    }
    #expect(result[2, 0, 0] != 180)
  }

  @Test func bottomUp() throws {
    for format in ["yuv420p", "rgb24", "gbrap"] {
      let upright = try TestFrame(format, width: 21, height: 18)
      let flipped = try TestFrame(format, width: 21, height: 18, bottomUp: true)
      upright.fill(seed: 5)
      flipped.fill(seed: 5)
      let map = CurveMap.random(
        MapGeometry(pictureWidth: 21, pictureHeight: 18, scale: 12, sampling: .area), seed: 6)
      let application = CurveApplication(threads: 1)
      #expect(
        TestFrame(try application.apply(map, to: upright.frame)).codes
          == TestFrame(try application.apply(map, to: flipped.frame)).codes)
    }
  }

  /// Bytes between the pixels that mean nothing go along, so that equal inputs give equal files.
  @Test(arguments: ["bgr0", "0rgb"])
  func paddingBytes(_ format: String) throws {
    let frame = try TestFrame(format, width: 9, height: 3)
    frame.fill(seed: 7)
    let offset = format == "0rgb" ? 0 : 3
    for x in 0..<9 { frame.frame.plane(0)[4 * x + offset] = UInt8(40 + x) }
    let map = CurveMap.random(MapGeometry(pictureWidth: 9, pictureHeight: 3, scale: 12, sampling: .area), seed: 8)
    let result = try CurveApplication(threads: 1).apply(map, to: frame.frame)
    for x in 0..<9 { #expect(result.plane(0)[4 * x + offset] == UInt8(40 + x)) }
  }

  @Test(arguments: ["yuv420p", "yuyv422", "rgb24", "p010le", "gray"])
  func threadsDoNotShow(_ format: String) throws {
    let frame = try TestFrame(format, width: 130, height: 211)
    frame.fill(seed: 9)
    let planar = PlanarFrame.random(width: 130, height: 211, seed: 10)
    let geometry = MapGeometry(pictureWidth: 130, pictureHeight: 211, scale: 12, sampling: .area)
    let map = CurveMap.random(geometry, seed: 11)
    var native: [[Int]] = []
    var floats: [[Float]] = []
    for threads in [1, 2, 4] {
      let application = CurveApplication(threads: threads)
      native.append(TestFrame(try application.apply(map, to: frame.frame)).codes)
      let result = PlanarFrame(width: 130, height: 211)
      application.apply(map, to: planar, into: result)
      floats.append(result.values)
    }
    #expect(native[0] == native[1] && native[0] == native[2])
    #expect(floats[0] == floats[1] && floats[0] == floats[2])
  }

  /// Scratch and pool follow the size, the format and the map.
  @Test func changesBetweenFrames() throws {
    let application = CurveApplication(threads: 2)
    for (format, width, height, maps) in [
      ("yuv420p", 60, 100, 1), ("yuv420p", 130, 60, 8), ("rgb24", 130, 60, 1), ("yuv420p", 60, 100, 1),
    ] {
      let frame = try TestFrame(format, width: width, height: height)
      frame.fill(seed: 12)
      let geometry = MapGeometry(pictureWidth: width, pictureHeight: height, scale: 12, sampling: .area)
      let map = CurveMap.random(geometry, maps: maps, seed: 13)
      let fresh = try CurveApplication(threads: 1).apply(map, to: frame.frame)
      #expect(TestFrame(try application.apply(map, to: frame.frame)).codes == TestFrame(fresh).codes)
    }
  }

  @Test func identityGivesTheFrameItself() throws {
    let frame = try TestFrame("yuv420p", width: 20, height: 20)
    let map = CurveMap(
      geometry: MapGeometry(pictureWidth: 20, pictureHeight: 20, scale: 12, sampling: .area), maps: 1)
    #expect(try CurveApplication(threads: 1).apply(map, to: frame.frame) === frame.frame)
  }
}
