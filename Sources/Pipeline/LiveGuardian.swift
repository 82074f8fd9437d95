internal import Foundation
internal import Frames
internal import StreamOut
internal import Synchronization

/// Looks a few times a second whether a live run has to end: its time is over, or no sink is left that takes anything.
final class LiveGuardian: Sendable {
  private let job: LiveJob
  private let sinks: LiveSinks
  private let statistics: LiveStatistics
  private let stages: Stages
  private let stopping: Cancellation
  private let isStopped = Atomic<Bool>(false)
  private let ended = DispatchSemaphore(value: 0)

  private static let interval = 0.1

  init(job: LiveJob, sinks: LiveSinks, statistics: LiveStatistics, stages: Stages, stopping: Cancellation) {
    (self.job, self.sinks, self.statistics) = (job, sinks, statistics)
    (self.stages, self.stopping) = (stages, stopping)
  }

  func start() {
    let thread = Thread { [self] in
      var latestWriting = ContinuousClock.now
      var firstFrame: ContinuousClock.Instant?
      while !isStopped.load(ordering: .acquiring) {
        let now = ContinuousClock.now
        let hasFrames = statistics.hasEncoded
        if hasFrames, firstFrame == nil { firstFrame = now }
        if let failure = sinks.failure { stages.fail(.output(failure)) }
        let statuses = sinks.statuses
        if !hasFrames || statuses.contains(where: { $0.state == .writing }) { latestWriting = now }
        if let limit = job.sourceOptions.giveUpAfter, (now - latestWriting).seconds > limit {
          let reason = statuses.compactMap(\.latestFailure).first ?? "none has opened within \(limit) s"
          stages.fail(.output(.noSinkLeft(reason: reason)))
        }
        if let duration = job.duration, let firstFrame, (now - firstFrame).seconds >= duration { stopping.cancel() }
        Thread.sleep(forTimeInterval: Self.interval)
      }
      ended.signal()
    }
    thread.name = "guardian"
    thread.start()
  }

  /// Ends the thread.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    ended.wait()
  }
}
