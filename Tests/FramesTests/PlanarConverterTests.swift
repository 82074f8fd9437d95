import Frames
import Testing

@Suite struct PlanarConverterTests {
  /// Luma weights and whether the range is full follow from height and name.
  @Test(arguments: [
    ("yuv444p", 48), ("yuv444p", 720), ("yuvj444p", 48), ("yuv420p", 48), ("yuv422p10le", 720), ("rgb24", 48),
    ("gray", 48),
  ])
  func roundTrip(name: String, height: Int) throws {
    let format = try #require(PixelFormat(named: name))
    let frame = try FramePool(width: 32, height: height, format: format).blankFrame(timeBase: Rational(1, 25))
    let depth = name.contains("10") ? 10 : 8
    // Flat, so that the way of subsampling does not matter.
    let codes =
      name == "rgb24" ? [60] : name == "gray" ? [60] : [60 << (depth - 8), 120 << (depth - 8), 140 << (depth - 8)]
    fill(frame, codes, depth: depth)

    let converter = PlanarConverter()
    let picture = try converter.planar(frame)
    #expect(picture.width == 32 && picture.height == height)
    let wanted = rgb(name, codes.map { Double($0) / Double(1 << (depth - 8)) }, height: height)
    for channel in 0..<3 {
      #expect(abs(Double(picture[channel, height - 1, 31]) - wanted[channel]) < 0.003, "\(wanted)")
    }

    let back = try converter.native(picture, describedBy: frame)
    #expect(back.format == format && back.width == 32 && back.height == height)
    #expect(
      back.color == frame.color && back.timestamp.ticks == frame.timestamp.ticks && back.timeBase == frame.timeBase)
    for (plane, code) in codes.enumerated() {
      #expect(abs(Int(sample(back, plane, depth: depth)) - code) <= 1 << (depth - 8), "plane \(plane)")
    }
  }

  /// Another size, and values that are none, are taken as they come.
  @Test func clampsAndResizes() throws {
    let format = try #require(PixelFormat(named: "rgb24"))
    let model = try FramePool(width: 32, height: 16, format: format).blankFrame()
    let picture = PlanarFrame(width: 5, height: 3)
    for channel in 0..<3 { picture[channel, 2, 4] = [-1, 0.5, 7][channel] }
    let frame = try PlanarConverter().native(picture, describedBy: model)
    #expect(frame.width == 5 && frame.height == 3)
    let last = frame.plane(0) + 2 * frame.stride(ofPlane: 0) + 12
    #expect(last[0] == 0 && abs(Int(last[1]) - 128) <= 1 && last[2] == 255)
  }

  private func fill(_ frame: VideoFrame, _ codes: [Int], depth: Int) {
    for (plane, code) in codes.enumerated() {
      let rows = plane > 0 && frame.format.name.contains("420") ? frame.height / 2 : frame.height
      let stride = frame.stride(ofPlane: plane)
      for y in 0..<rows {
        let row = UnsafeMutableRawPointer(frame.plane(plane) + y * stride)
        if depth == 8 {
          row.initializeMemory(as: UInt8.self, repeating: UInt8(code), count: stride)
        } else {
          row.initializeMemory(as: UInt16.self, repeating: UInt16(code), count: stride / 2)
        }
      }
    }
  }

  private func sample(_ frame: VideoFrame, _ plane: Int, depth: Int) -> UInt16 {
    let first = UnsafeRawPointer(frame.plane(plane))
    return depth == 8 ? UInt16(first.load(as: UInt8.self)) : first.load(as: UInt16.self)
  }

  /// ITU-T H.273 on codes of 8 bits.
  private func rgb(_ name: String, _ codes: [Double], height: Int) -> [Double] {
    let isFull = !name.hasPrefix("yuv") || name.hasPrefix("yuvj")
    guard codes.count == 3 else { return [Double](repeating: codes[0] / 255, count: 3) }
    let (kr, kb) = height >= 720 ? (0.2126, 0.0722) : (0.299, 0.114)
    let y = isFull ? codes[0] / 255 : (codes[0] - 16) / 219
    let (u, v) = ((codes[1] - 128) / (isFull ? 255 : 224), (codes[2] - 128) / (isFull ? 255 : 224))
    let (r, b) = (y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u)
    return [r, (y - kr * r - kb * b) / (1 - kr - kb), b]
  }
}
