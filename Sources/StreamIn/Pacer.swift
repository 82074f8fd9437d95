internal import Frames

/// Lets time pass between packets as their times say.
struct Pacer {
  /// When time zero is.
  private var origin: ContinuousClock.Instant?

  /// Seconds by which packets may be early or late before the pace begins anew: the source has jumped or stalled.
  private static let tolerance = (early: 10.0, late: 1.0)

  /// Waits until a packet with that time is due, or `cancellation`.
  mutating func wait(until seconds: Double, unless cancellation: Cancellation) {
    let now = ContinuousClock.now
    let start = origin ?? now - .seconds(seconds)
    let early = (start + .seconds(seconds) - now) / .seconds(1)
    guard early < Self.tolerance.early, early > -Self.tolerance.late else {
      origin = now - .seconds(seconds)
      return
    }
    origin = start
    if early > 0 { Backoff.sleep(early) { cancellation.isCancelled } }
  }
}
