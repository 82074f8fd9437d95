internal import Foundation

/// Leads from one curve map to the next over several frames, so that the picture does not jump when a map is replaced.
struct CurveFade {
  /// After this many seconds, 63 % of the way is done; after half a second, 98 %.
  private static let usualTimeConstant = 0.12
  /// Curve values, and gains, that are closer than this to each other look the same.
  private static let indistinguishable: Float = 0.001

  private var timeConstant = usualTimeConstant
  private var shown: CurveMap?

  /// Lets the way to the next target take the less time the less old the map before has become, seconds beyond the frame
  /// that it was made for: what is estimated frame by frame follows at once, what was late comes as slowly as it was late.
  mutating func hurry(after age: Double) { timeConstant = min(max(age, 0), Self.usualTimeConstant) }

  /// The map for the next frame, on the way to `target`; `target` itself once there, and at a cut.
  /// - Parameters:
  ///   - step: seconds since the frame before.
  ///   - spare: a map to be filled, asked for only on the way.
  mutating func next(towards target: CurveMap, isCut: Bool, step: Double, spare: () -> CurveMap) -> CurveMap {
    guard let shown, shown !== target, !isCut, shown.geometry == target.geometry else {
      self.shown = target
      return target
    }
    let share = Float(1 - exp(-step / timeConstant))
    let map = spare()
    map.mix(shown, target, share: share)
    let arrived = map.distance(to: target) < Self.indistinguishable
    self.shown = arrived ? target : map
    return arrived ? target : map
  }
}

extension CurveMap {
  /// Fills this map with values between those of two others of its geometry.
  fileprivate func mix(_ from: CurveMap, _ to: CurveMap, share: Float) {
    fill(from, to) { $0 + share * ($1 - $0) }
    tone = to.tone
    if let a = from.tone, let b = to.tone {
      tone?.gain = a.gain + share * (b.gain - a.gain)
      tone?.amount = a.amount + share * (b.amount - a.amount)
    }
  }

  /// The largest difference of any value or of the gain.
  fileprivate func distance(to other: CurveMap) -> Float {
    var largest = largestDifference(to: other)
    if let a = tone, let b = other.tone { largest = max(largest, abs(a.gain - b.gain), abs(a.amount - b.amount)) }
    return largest
  }
}
