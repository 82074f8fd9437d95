internal import Foundation
internal import Pipeline
internal import Synchronization

/// Says every second how a live run is doing, and in full whenever somebody asks by a signal.
final class LiveWatcher: Sendable {
  private let status: @Sendable () -> LiveStatus
  private let log: LiveLog
  private let showsLines: Bool
  private let signal: StatusSignal
  private let isStopped = Atomic<Bool>(false)
  private let ended = DispatchSemaphore(value: 0)

  /// Looks for signals so often, in seconds, and says something every tenth time.
  private static let interval = 0.1

  init(status: @escaping @Sendable () -> LiveStatus, log: LiveLog, showsLines: Bool, signal: StatusSignal) {
    (self.status, self.log, self.showsLines, self.signal) = (status, log, showsLines, signal)
  }

  /// Watches while `work` is done; nothing is said after it.
  func during<Result>(_ work: () throws -> Result) rethrows -> Result {
    start()
    defer { stop() }
    return try work()
  }

  private func start() {
    let thread = Thread { [self] in
      var count = 0
      while !isStopped.load(ordering: .acquiring) {
        Thread.sleep(forTimeInterval: Self.interval)
        if signal.take() { log.fullStatus(status()) }
        count += 1
        if count % 10 == 0, showsLines, !isStopped.load(ordering: .acquiring) { log.status(status()) }
      }
      ended.signal()
    }
    thread.name = "status"
    thread.start()
  }

  private func stop() {
    isStopped.store(true, ordering: .releasing)
    ended.wait()
  }
}
