internal import Foundation

/// Pauses between attempts that fail: each about twice the one before, up to a limit, and none exactly like another's,
/// so that many clients of a server that comes back do not come all at once.
package struct Backoff {
  private let limit: Double
  private var next: Double
  private static let first = 0.25

  /// - Parameter limit: seconds that no pause exceeds.
  package init(limit: Double) {
    self.limit = limit
    next = min(Self.first, limit)
  }

  /// The next pause in seconds: between half and all of what doubling gives.
  package mutating func pause() -> Double {
    defer { next = min(next * 2, limit) }
    return next * Double.random(in: 0.5...1)
  }

  /// Begins anew, after a success.
  package mutating func reset() { next = min(Self.first, limit) }

  /// Sleeps for so many seconds, or until `isOver` says so.
  package static func sleep(_ seconds: Double, unless isOver: () -> Bool) {
    let end = ContinuousClock.now + .seconds(seconds)
    while !isOver() {
      let left = end - .now
      guard left > .zero else { return }
      // Short, since an interrupt is to be felt at once.
      usleep(useconds_t(min(left / .microseconds(1), 20_000)))
    }
  }
}
