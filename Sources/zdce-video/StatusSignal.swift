internal import Foundation
internal import Synchronization

/// SIGUSR1 as a wish for a full status.
final class StatusSignal: Sendable {
  private static let wishes = Atomic<Int>(0)

  private init() {}

  /// Takes the signal over from its default action, which would end the program.
  static func heeded() -> StatusSignal {
    // Made here, since a signal handler may not allocate.
    _ = wishes.load(ordering: .relaxed)
    signal(SIGUSR1) { _ in StatusSignal.wishes.add(1, ordering: .releasing) }
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    return StatusSignal()
  }

  /// Whether the status was asked for since this was asked last.
  func take() -> Bool { Self.wishes.exchange(0, ordering: .acquiring) > 0 }
}
