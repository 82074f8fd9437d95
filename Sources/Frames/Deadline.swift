package import CFFmpeg
internal import Synchronization

/// When blocking work is to be given up: at a moment that its owner moves on, or on cancellation.
///
/// FFmpeg asks through `interruptCallback` again and again while it waits.
package final class Deadline: Sendable {
  package let cancellation: Cancellation
  /// Nanoseconds after `origin`; the greatest value is never.
  private let due = Atomic<Int64>(.max)
  private static let origin = ContinuousClock.now

  /// Without a moment; only `cancellation` counts.
  package init(_ cancellation: Cancellation) { self.cancellation = cancellation }

  /// Moves the moment to so many seconds from now; nil is never.
  package func set(_ seconds: Double?) {
    let now = ContinuousClock.now - Self.origin
    due.store(seconds.map { Self.nanoseconds(now) + Int64(min($0, 1e9) * 1e9) } ?? .max, ordering: .releasing)
  }

  /// The moment has passed.
  package var isExpired: Bool {
    let due = self.due.load(ordering: .acquiring)
    return due != .max && due <= Self.nanoseconds(ContinuousClock.now - Self.origin)
  }

  /// The moment has passed, or somebody has cancelled.
  package var isDue: Bool { cancellation.isCancelled || isExpired }

  /// Asks this deadline, which must outlive whatever holds the callback.
  package var interruptCallback: AVIOInterruptCB {
    AVIOInterruptCB(
      callback: { Unmanaged<Deadline>.fromOpaque($0!).takeUnretainedValue().isDue ? 1 : 0 },
      opaque: Unmanaged.passUnretained(self).toOpaque())
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
  }
}
