import Frames
import Testing

@testable import Enhancer

/// Where the values of a map end up at full size.
struct CurveMapTests {
  /// The map value at a pixel, by the definition of each sampling, in Double.
  static func value(_ map: CurveMap, _ index: Int, channel: Int, x: Int, y: Int) -> Double {
    let geometry = map.geometry
    func position(_ pixel: Int, _ pixels: Int, _ cells: Int) -> Double {
      let position =
        switch geometry.sampling {
        case .area: (Double(pixel) - Double(geometry.scale - 1) / 2) / Double(geometry.scale)
        case .reference: pixels > 1 ? Double(pixel * (cells - 1)) / Double(pixels - 1) : 0
        }
      return min(max(position, 0), Double(cells - 1))
    }
    let px = position(x, geometry.pictureWidth, map.width), py = position(y, geometry.pictureHeight, map.height)
    let (left, top) = (Int(px), Int(py))
    let (right, bottom) = (min(left + 1, map.width - 1), min(top + 1, map.height - 1))
    let (across, down) = (px - Double(left), py - Double(top))
    func cell(_ x: Int, _ y: Int) -> Double { Double(map[index, channel: channel, y, x]) }
    return (cell(left, top) * (1 - across) + cell(right, top) * across) * (1 - down)
      + (cell(left, bottom) * (1 - across) + cell(right, bottom) * across) * down
  }

  /// A sample that stands for two pixels lies in the middle between them, and the last of an odd number on its one.
  @Test(arguments: [Sampling.area, .reference], [(1, 1), (2, 1), (3, 1), (8, 2), (31, 12), (640, 12), (97, 64)])
  func halvedAxesLieBetween(_ sampling: Sampling, _ size: (pixels: Int, scale: Int)) {
    let geometry = MapGeometry(
      pictureWidth: size.pixels, pictureHeight: size.pixels, scale: size.scale, sampling: sampling)
    let axis = geometry.horizontalAxis(), half = axis.halved(), cells = geometry.width
    func position(_ pixel: Int) -> Double {
      switch sampling {
      case .area: (Double(pixel) - Double(size.scale - 1) / 2) / Double(size.scale)
      case .reference: size.pixels > 1 ? Double(pixel * (cells - 1)) / Double(size.pixels - 1) : 0
      }
    }
    #expect(half.weights.count == (size.pixels + 1) / 2)
    for sample in half.weights.indices {
      let (first, second) = (2 * sample, min(2 * sample + 1, size.pixels - 1))
      let expected = min(max((position(first) + position(second)) / 2, 0), Double(cells - 1))
      for found in [half.position(ofPixel: sample), axis.position(between: first, second)] {
        #expect(abs(Double(found.lower) + Double(found.weight) - expected) < 1e-4, "sample \(sample)")
        #expect((found.lower...min(found.lower + 1, cells - 1)).contains(found.upper) && found.upper < cells)
      }
      if half.isIdentity { #expect(half.position(ofPixel: sample).lower == sample) }
    }
  }

  /// x + a (x² − x), eight times.
  static func bent(_ x: Double, _ map: CurveMap, channel: Int, x column: Int, y row: Int) -> Double {
    var x = x
    for pass in 0..<CurveMap.iterations {
      let a = value(map, map.maps == 1 ? 0 : pass, channel: channel, x: column, y: row)
      x += a * (x * x - x)
    }
    return x
  }

  @Test(arguments: Sampling.allCases, [(1, 1), (3, 2), (40, 31), (61, 7), (96, 48)])
  func planarApplication(_ sampling: Sampling, _ size: (Int, Int)) {
    for scale in [1, 2, 3, 12, 64] {
      for maps in [1, 8] {
        let geometry = MapGeometry(
          pictureWidth: size.0, pictureHeight: size.1, scale: scale, sampling: sampling)
        let map = CurveMap.random(geometry, maps: maps, seed: 7)
        let frame = PlanarFrame.random(width: size.0, height: size.1, seed: 8)
        let result = PlanarFrame(width: size.0, height: size.1)
        CurveApplication(threads: 1).apply(map, to: frame, into: result)
        var worst = 0.0
        for channel in 0..<3 {
          for y in 0..<size.1 {
            for x in 0..<size.0 {
              let want = Self.bent(Double(frame[channel, y, x]), map, channel: channel, x: x, y: y)
              worst = max(worst, abs(want - Double(result[channel, y, x])))
            }
          }
        }
        #expect(worst < 1e-5, "scale \(scale), \(maps) maps")
        // In place gives the same bits.
        CurveApplication(threads: 1).apply(map, to: frame, into: frame)
        #expect(frame.values == result.values)
      }
    }
  }

  @Test func cells() {
    func cells(_ pixels: Int, _ scale: Int, _ sampling: Sampling) -> Int {
      MapGeometry(pictureWidth: pixels, pictureHeight: 1, scale: scale, sampling: sampling).width
    }
    #expect([1, 11, 17, 18, 29, 30, 1920].map { cells($0, 12, .area) } == [1, 1, 1, 2, 2, 3, 160])
    #expect([1, 11, 17, 18, 29, 30, 1920].map { cells($0, 12, .reference) } == [1, 1, 1, 1, 2, 2, 160])
    #expect(cells(4096, 1, .area) == 4096)
  }

  @Test func valuesAreClamped() {
    let geometry = MapGeometry(pictureWidth: 1, pictureHeight: 1, scale: 12, sampling: .area)
    #expect(CurveMap(geometry: geometry, maps: 1, values: [-2, 0.5, 7]).values == [-1, 0.5, 1])
    #expect(CurveMap(geometry: geometry, maps: 1).isIdentity)
    #expect(!CurveMap(geometry: geometry, maps: 1, values: [0, 0, -0.001]).isIdentity)
  }
}
