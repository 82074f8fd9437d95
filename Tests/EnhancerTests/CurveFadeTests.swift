import Foundation
import Testing

@testable import Enhancer

/// The way from one map to the next.
struct CurveFadeTests {
  private static let geometry = MapGeometry(pictureWidth: 48, pictureHeight: 36, scale: 12, sampling: .area)

  private static func map(_ value: Float) -> CurveMap {
    CurveMap(geometry: geometry, maps: 1, values: Array(repeating: value, count: 3 * geometry.width * geometry.height))
  }

  /// The values shown, one for each step of a thirtieth of a second, on the way from one map to another.
  private static func way(
    _ fade: inout CurveFade, from start: Float, to end: Float, life: Double, delay: Double, steps: Int
  ) -> [Float] {
    let step = 1.0 / 30
    let (first, target) = (map(start), map(end))
    var shown = fade.next(towards: first, isCut: true, step: step) { map(0) }
    #expect(shown === first)
    fade.expectTarget(after: life, lateBy: delay)
    return (0..<steps).map { _ in
      shown = fade.next(towards: target, isCut: false, step: step) { map(0) }
      return shown.values[0]
    }
  }

  /// In an eighth of a second most of the way is done; a target that came late is reached sooner, but not at once.
  @Test(arguments: [(0.0, 0.12), (0.06, 0.09), (0.5, 0.06), (5.0, 0.06)])
  func calm(delay: Double, timeConstant: Double) {
    var fade = CurveFade(isPrompt: false)
    // The time for which the map before served does not matter.
    let values = Self.way(&fade, from: 0, to: -0.01, life: 9, delay: delay, steps: 8)
    for (index, value) in values.enumerated() {
      let expected = -0.01 * (1 - exp(-Double(index + 1) / 30 / timeConstant))
      // Once it is close enough, it is there.
      #expect(abs(Double(value) - expected) < 1e-6 || abs(expected + 0.01) < 0.001 && value == -0.01)
    }
  }

  /// No curve changes faster than 0.4 in a second, however far the next map is.
  @Test func gentle() {
    var fade = CurveFade(isPrompt: false)
    let values = Self.way(&fade, from: -0.4, to: 0, life: 0, delay: 1, steps: 40)
    for (before, after) in zip([-0.4] + values, values) { #expect(after - before <= 0.4 / 30 + 1e-6) }
    #expect(abs(values[14] + 0.2) < 1e-3 && values.last == 0)
  }

  /// The paper's look follows fresh maps at once; where one came late it takes as long, up to the usual time.
  @Test(arguments: [(-0.01, 1.0), (0.0, 1.0), (0.06, nil), (3.0, nil)] as [(Double, Double?)])
  func prompt(life: Double, share: Double?) {
    var fade = CurveFade(isPrompt: true)
    let share = share ?? 1 - exp(-1 / 30 / min(life, 0.12))
    let values = Self.way(&fade, from: -0.4, to: 0, life: life, delay: 1, steps: 1)
    #expect(abs(Double(values[0]) + 0.4 * (1 - share)) < 1e-5)
  }

  @Test func cutsAreNotFaded() {
    var fade = CurveFade(isPrompt: false)
    let maps = [Self.map(-0.4), Self.map(0)]
    for map in maps { #expect(fade.next(towards: map, isCut: true, step: 0.04) { Self.map(0) } === map) }
  }
}
