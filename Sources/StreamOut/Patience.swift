internal import Frames

/// How long a reader that takes nothing is waited for: until the deadline if there is one, else without end, but only two
/// seconds once the work is cancelled.
final class Patience {
  private static let grace = Duration.seconds(2)

  private let cancellation: Cancellation
  /// A limit that somebody else moves on; nil for none.
  private let limit: Deadline?
  /// When the present stall has lasted long enough; nil while bytes flow or nobody has cancelled.
  private var deadline: ContinuousClock.Instant?

  init(_ cancellation: Cancellation, limit: Deadline? = nil) {
    self.cancellation = cancellation
    self.limit = limit
  }

  /// The reader has taken something.
  func renew() { deadline = nil }

  /// Whether to give up; to be asked again and again while nothing moves.
  var isExhausted: Bool {
    if limit?.isDue == true { return true }
    guard cancellation.isCancelled else { return false }
    let deadline = self.deadline ?? .now + Self.grace
    self.deadline = deadline
    return deadline < .now
  }
}
