import Foundation
import Frames
import Testing

@testable import Enhancer

/// How far results with an earlier map are likely to be from those with a fresh one.
struct StaleErrorTests {
  /// A map of one value, and a picture of one.
  private static func map(_ value: Float, width: Int, height: Int, gain: Float? = nil) -> CurveMap {
    let geometry = MapGeometry(pictureWidth: 12 * width, pictureHeight: 12 * height, scale: 12, sampling: .area)
    let map = CurveMap(geometry: geometry, maps: 1, values: Array(repeating: value, count: 3 * width * height))
    if let gain { map.tone = Tone(gain: gain, amount: 1, scene: 0) }
    return map
  }

  private static func picture(_ value: Float, width: Int, height: Int) -> PlanarFrame {
    let frame = PlanarFrame(width: width, height: height)
    for channel in 0..<3 { for y in 0..<height { for x in 0..<width { frame[channel, y, x] = value } } }
    return frame
  }

  private static func curved(_ value: Double, _ curve: Double) -> Double {
    (0..<CurveMap.iterations).reduce(value) { x, _ in x + curve * (x * x - x) }
  }

  /// It learns what the two maps make of the picture, gain and all, whatever the size.
  @Test(arguments: [(107, 60), (1, 1), (33, 2), (160, 90)], [nil, 2] as [Float?])
  func learns(size: (width: Int, height: Int), gain: Float?) {
    var error = StaleError(kernels: .best)
    #expect(error.predicted(for: 1) == 0.7)
    let earlier = Self.map(-0.3, width: size.width, height: size.height)
    let map = Self.map(-0.2, width: size.width, height: size.height, gain: gain)
    let value = 0.1 * Double(gain ?? 1)
    let expected = Self.curved(value, -0.3) - Self.curved(value, -0.2)
    // Half of the way in logarithms each time.
    for count in 1...12 {
      error.learn(
        from: earlier, to: map, thumbnail: Self.picture(0.1, width: size.width, height: size.height), shift: 0.1)
      let left = pow(0.5, Double(count)), ratio = pow(expected / 0.1, 1 - left) * pow(0.7, left)
      #expect(abs(error.predicted(for: 0.1) - 0.1 * ratio) < 1e-3 * ratio)
    }
    error.forget()
    #expect(error.predicted(for: 1) == 0.7)
  }

  /// What is too little, too much or no number teaches nothing, or not more than is possible.
  @Test func limits() {
    var error = StaleError(kernels: .best)
    let (steep, flat) = (Self.map(-1, width: 9, height: 7), Self.map(0, width: 9, height: 7))
    let picture = Self.picture(0.1, width: 9, height: 7)
    error.learn(from: steep, to: flat, thumbnail: picture, shift: 0.0004)
    error.learn(from: steep, to: flat, thumbnail: Self.picture(.nan, width: 9, height: 7), shift: 0.1)
    #expect(error.predicted(for: 1) == 0.7)
    for _ in 0..<30 { error.learn(from: steep, to: flat, thumbnail: picture, shift: 0.001) }
    #expect(abs(error.predicted(for: 1) - 4) < 1e-3)
    for _ in 0..<30 { error.learn(from: flat, to: flat, thumbnail: picture, shift: 0.5) }
    #expect(abs(error.predicted(for: 1) - 0.1) < 1e-3)
  }
}
