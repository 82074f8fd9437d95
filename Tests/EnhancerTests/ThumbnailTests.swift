import CFFmpeg
import Frames
import Testing

@testable import Enhancer

/// Thumbnails against sums written down one pixel at a time, in Double.
struct ThumbnailTests {
  /// RGB of one pixel, unclamped; chroma is that of the nearest sample.
  static func pixel(_ frame: TestFrame, x: Int, y: Int, chromaRow: Int? = nil) -> SIMD3<Double> {
    let layout = frame.layout
    let largest = Double(1 << layout.depth - 1)
    if layout.model == .rgb {
      return SIMD3(Double(frame[0, y, x]), Double(frame[1, y, x]), Double(frame[2, y, x])) / largest
    }
    let unit = Double(1 << (layout.depth - 8))
    let isFull = frame.frame.color.isFullRange(frame.frame.format)
    let (kr, kb) = frame.frame.color.lumaWeights(height: frame.frame.height)
    let luma = isFull ? Double(frame[0, y, x]) / largest : (Double(frame[0, y, x]) - 16 * unit) / (219 * unit)
    guard layout.model == .yuv else { return SIMD3(repeating: luma) }
    let row = chromaRow ?? y >> layout.chromaShiftY
    let column = x >> layout.chromaShiftX
    let scale = isFull ? largest : 224 * unit
    let cb = (Double(frame[1, row, column]) - 128 * unit) / scale
    let cr = (Double(frame[2, row, column]) - 128 * unit) / scale
    let r = luma + 2 * (1 - kr) * cr
    let b = luma + 2 * (1 - kb) * cb
    return SIMD3(r, (luma - kr * r - kb * b) / (1 - kr - kb), b)
  }

  private static func clamped(_ value: SIMD3<Double>) -> SIMD3<Double> {
    value.clamped(lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 1))
  }

  /// Largest difference between a thumbnail of `frame` and means of its pixels.
  private static func areaError(_ frame: TestFrame, scale: Int, kernels: Kernels = .best) throws -> Double {
    let (width, height) = (frame.frame.width, frame.frame.height)
    let geometry = MapGeometry(pictureWidth: width, pictureHeight: height, scale: scale, sampling: .area)
    let columns = max(1, (width + scale / 2) / scale), rows = max(1, (height + scale / 2) / scale)
    #expect(geometry.width == columns && geometry.height == rows)
    let thumbnail = PlanarFrame(width: columns, height: rows)
    try Thumbnailer(kernels: kernels).fill(thumbnail, from: frame.frame, geometry: geometry)
    var worst = 0.0
    for cy in 0..<rows {
      for cx in 0..<columns {
        var sum = SIMD3<Double>(repeating: 0)
        var count = 0.0
        for y in cy * scale..<(cy == rows - 1 ? height : (cy + 1) * scale) {
          for x in cx * scale..<(cx == columns - 1 ? width : (cx + 1) * scale) {
            sum += pixel(frame, x: x, y: y)
            count += 1
          }
        }
        let mean = clamped(sum / count)
        for channel in 0..<3 { worst = max(worst, abs(mean[channel] - Double(thumbnail[channel, cy, cx]))) }
      }
    }
    return worst
  }

  @Test(arguments: TestFrame.directFormats)
  func everyFormat(_ format: String) throws {
    for range in [AVCOL_RANGE_UNSPECIFIED, AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG] {
      let frame = try TestFrame(format, width: 41, height: 31, color: (AVCOL_SPC_BT709, range))
      frame.fill(seed: 1)
      for scale in [1, 3, 12] { #expect(try Self.areaError(frame, scale: scale) < 2e-6) }
    }
  }

  @Test(arguments: [(1, 1), (3, 2), (17, 1023), (720, 405)])
  func sizes(_ width: Int, _ height: Int) throws {
    for format in ["yuv420p", "rgb24", "p010le"] {
      let frame = try TestFrame(format, width: width, height: height)
      frame.fill(seed: 2)
      for variant in NetworkTests.variants {
        #expect(try Self.areaError(frame, scale: 12, kernels: #require(Kernels(variant))) < 2e-6)
      }
    }
  }

  @Test func bottomUp() throws {
    for format in ["yuv420p", "bgr24"] {
      let frame = try TestFrame(format, width: 30, height: 27, bottomUp: true)
      #expect(frame.frame.stride(ofPlane: 0) < 0)
      frame.fill(seed: 3)
      #expect(try Self.areaError(frame, scale: 12) < 2e-6)
    }
  }

  @Test func planarFrames() {
    let frame = PlanarFrame.random(width: 31, height: 20, seed: 4)
    let geometry = MapGeometry(pictureWidth: 31, pictureHeight: 20, scale: 12, sampling: .area)
    let thumbnail = PlanarFrame(width: 3, height: 2)
    Thumbnailer().fill(thumbnail, from: frame, geometry: geometry)
    var sum = 0.0
    for y in 12..<20 { for x in 24..<31 { sum += Double(frame[1, y, x]) } }
    #expect(abs(Double(thumbnail[1, 1, 2]) - sum / 56) < 2e-6)

    // Each sum is that of its own columns.
    let wide = PlanarFrame.random(width: 12 * 10 + 5, height: 13, seed: 5), cells = PlanarFrame(width: 10, height: 1)
    Thumbnailer().fill(
      cells, from: wide, geometry: MapGeometry(pictureWidth: 125, pictureHeight: 13, scale: 12, sampling: .area))
    for channel in 0..<3 {
      for cell in 0..<10 {
        let columns = cell * 12..<(cell == 9 ? 125 : cell * 12 + 12)
        let values = (0..<13).flatMap { y in columns.map { Double(wide[channel, y, $0]) } }
        #expect(abs(Double(cells[channel, 0, cell]) - values.reduce(0, +) / Double(values.count)) < 2e-6)
      }
    }

    // One cell for each pixel: the same values.
    let whole = PlanarFrame(width: 31, height: 20)
    for sampling in Sampling.allCases {
      Thumbnailer().fill(
        whole, from: frame,
        geometry: MapGeometry(pictureWidth: 31, pictureHeight: 20, scale: 1, sampling: sampling))
      #expect(whole.values == frame.values)
    }
  }

  @Test(.enabled(if: Folder.hasReferences)) func referenceSampling() throws {
    let expected = try Folder.reference("lime4.zero-dce++.x12")
    let shape = try #require(expected.entries["pixels"]).shape
    let pixels = try #require(expected.floats("pixels"))
    let frame = try TestFrame("rgb24", width: shape[1], height: shape[0])
    for y in 0..<shape[0] {
      for x in 0..<shape[1] {
        for channel in 0..<3 { frame[channel, y, x] = Int(pixels[(y * shape[1] + x) * 3 + channel]) }
      }
    }
    let geometry = MapGeometry(pictureWidth: shape[1], pictureHeight: shape[0], scale: 12, sampling: .reference)
    let thumbnail = PlanarFrame(width: geometry.width, height: geometry.height)
    try Thumbnailer().fill(thumbnail, from: frame.frame, geometry: geometry)
    #expect(difference(thumbnail.values, try #require(expected.floats("downsampled"))).largest < 1e-6)
  }

  /// Even scales read the four middle pixels of a cell, odd ones the middle one; small pictures their edge.
  @Test func referenceSamplingReadsTheMiddle() {
    let frame = PlanarFrame.random(width: 29, height: 25, seed: 5)
    func thumbnail(_ scale: Int) -> PlanarFrame {
      let geometry = MapGeometry(pictureWidth: 29, pictureHeight: 25, scale: scale, sampling: .reference)
      let result = PlanarFrame(width: geometry.width, height: geometry.height)
      Thumbnailer().fill(result, from: frame, geometry: geometry)
      return result
    }
    let even = thumbnail(12)
    #expect(even.width == 2 && even.height == 2)
    let four = [frame[2, 5, 17], frame[2, 5, 18], frame[2, 6, 17], frame[2, 6, 18]].reduce(0, +) / 4
    #expect(abs(even[2, 0, 1] - four) < 1e-6)
    #expect(thumbnail(5)[0, 4, 3] == frame[0, 22, 17])
    // The middle of a cell of 64 would be at 31.5, past the last column and row.
    #expect(thumbnail(64)[1, 0, 0] == frame[1, 24, 28])
  }
}
