internal import Foundation

/// Leads from one curve map to the next over several frames, so that the picture does not jump when a map is replaced.
struct CurveFade {
  /// After this many seconds, 63 % of the way is done; after half a second, 98 %.
  private static let timeConstant = 0.12
  /// Curve values, and gains, that are closer than this to each other look the same.
  private static let indistinguishable: Float = 0.001
  /// What is assumed of frames that do not say how much time lies between them.
  private static let usualStep = 1.0 / 30

  private var shown: CurveMap?
  private var time: Double?

  /// The map for the next frame, on the way to `target`; `target` itself once there, and at a cut.
  /// - Parameters:
  ///   - time: of the frame, in seconds; nil where there is none.
  ///   - spare: a map to be filled, asked for only on the way.
  mutating func next(towards target: CurveMap, isCut: Bool, time: Double?, spare: () -> CurveMap) -> CurveMap {
    var step = Self.usualStep
    // A clock that stands still, or runs backwards, says nothing.
    if let time, let last = self.time, time > last { step = min(time - last, 1) }
    self.time = time
    guard let shown, shown !== target, !isCut, shown.geometry == target.geometry else {
      self.shown = target
      return target
    }
    let share = Float(1 - exp(-step / Self.timeConstant))
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
