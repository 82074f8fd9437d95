internal import Synchronization

/// A request to stop, made once by anyone and seen by everyone: work in progress ends early and in good order.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  private let parent: Cancellation?

  /// Not cancelled.
  public init() { parent = nil }

  /// Cancelled on its own or together with `parent`.
  public init(after parent: Cancellation) { self.parent = parent }

  /// Asks for the end. Safe in any thread, any number of times; never blocks.
  public func cancel() { flag.store(true, ordering: .releasing) }

  /// Whether somebody asked.
  public var isCancelled: Bool { flag.load(ordering: .acquiring) || parent?.isCancelled == true }
}
