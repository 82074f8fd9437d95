internal import Dispatch
internal import Foundation
internal import Frames
internal import Synchronization

/// Turns SIGINT and SIGTERM into a cancellation; a second signal ends the program at once.
final class InterruptSignals {
  private var sources: [any DispatchSourceSignal] = []

  init(cancelling cancellation: Cancellation) {
    for number in [SIGINT, SIGTERM] {
      // The default action would end the process before the source sees the signal.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if cancellation.isCancelled { _exit(130) }
        cancellation.cancel()
      }
      source.resume()
      sources.append(source)
    }
  }

  /// Gives the signals back their default actions.
  func stop() {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
