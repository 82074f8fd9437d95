internal import Foundation
internal import Frames
internal import Synchronization

/// Turns SIGINT and SIGTERM into a cancellation. A second signal, or one that no work listens to, ends the program at
/// once; the exit code is 130 either way.
enum InterruptSignals {
  private static let requested = Cancellation()
  private static let isHeeded = Atomic<Bool>(false)

  /// Takes the signals over from their default actions. To be called before anything else is done.
  static func install() {
    // Made here, since a signal handler may not allocate.
    _ = requested.isCancelled
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&signals, number)
      // Nothing but atomic operations and _exit: it may run in the middle of anything.
      signal(number) { _ in
        if InterruptSignals.requested.isCancelled { _exit(130) }
        InterruptSignals.requested.cancel()
        if !InterruptSignals.isHeeded.load(ordering: .acquiring) { _exit(130) }
      }
    }
    // Whoever started the program may have had them blocked, which is inherited.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// What the first signal cancels from now on; the caller finishes in good order.
  static func heeded() -> Cancellation {
    isHeeded.store(true, ordering: .releasing)
    return requested
  }
}
