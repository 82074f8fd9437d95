internal import Foundation

/// Leads from one curve map to the next over several frames, so that the picture does not jump when a map is replaced.
struct CurveFade {
  /// After this many seconds, 63 % of the way is done, unless that is too fast.
  private static let usualTimeConstant = 0.12, shortestTimeConstant = 0.06
  /// What curve values change in a second, at most: where something large goes, the curve of what it has hidden is another.
  private static let largestSpeed = 0.4
  /// Curve values, and gains, that are closer than this to each other look the same.
  private static let indistinguishable: Float = 0.001

  /// Whether each target's curves are to be there as soon as can be, not gently.
  private let isPrompt: Bool
  private var timeConstant = usualTimeConstant
  private var shown: CurveMap?

  init(isPrompt: Bool) { self.isPrompt = isPrompt }

  /// Tells what the next target follows on.
  ///
  /// Prompt: what is estimated frame by frame follows at once; else the way takes as long as the target before stayed. Not
  /// prompt: what comes late is followed faster, so that the picture is about where maps for each frame would have led it to.
  /// - Parameters:
  ///   - life: seconds for which the target before stayed, beyond those of a frame; 0 if it fitted until now, and does not at all
  ///     any more.
  ///   - delay: seconds for which it had not quite fitted any more.
  mutating func expectTarget(after life: Double, lateBy delay: Double) {
    let wanted = isPrompt ? max(life, 0) : max(Self.usualTimeConstant - delay / 2, Self.shortestTimeConstant)
    timeConstant = min(wanted, Self.usualTimeConstant)
  }

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
    map.mix(shown, target, share: share, atMost: isPrompt ? .infinity : Float(max(step, 0) * Self.largestSpeed))
    let arrived = map.distance(to: target) < Self.indistinguishable
    self.shown = arrived ? target : map
    return arrived ? target : map
  }
}

extension CurveMap {
  /// Fills this map with values between those of two others of its geometry, which differ from the first's by no more than
  /// `most`.
  fileprivate func mix(_ from: CurveMap, _ to: CurveMap, share: Float, atMost most: Float) {
    fill(from, to) { $0 + min(max(share * ($1 - $0), -most), most) }
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
