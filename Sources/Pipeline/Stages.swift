internal import Foundation
internal import Frames
internal import Synchronization

/// What the stages of one job share: their threads, the queues between them, the first failure, and warnings.
final class Stages: Sendable {
  // Frames between two stages: as few as keep all of them busy, since each costs its memory several times over, by the
  // frames that decoder, stages and encoder hold besides. The encoder's pace varies most.
  let decoded: any ParcelQueue
  /// Unused where one thread estimates and applies.
  let estimated = BoundedQueue<Parcel>(capacity: 1)
  let enhanced = BoundedQueue<Parcel>(capacity: 2)
  private let state = Mutex(State())
  private let running = DispatchGroup()
  private let stopping: Cancellation

  /// - Parameters:
  ///   - stopping: cancelled by the first failure.
  ///   - decoded: what hands over the decoded frames, where that is not a queue that waits for room.
  init(stopping: Cancellation, decoded: (any ParcelQueue)? = nil) {
    self.stopping = stopping
    self.decoded = decoded ?? BoundedQueue<Parcel>(capacity: 1)
  }

  private struct State {
    var failure: PipelineError?
    var warnings: [String] = []
  }

  /// The first failure of any stage.
  var failure: PipelineError? { state.withLock { $0.failure } }
  var warnings: [String] { state.withLock { $0.warnings } }

  func warn(_ text: String) { state.withLock { $0.warnings.append(text) } }
  func fail(_ error: PipelineError) {
    state.withLock { $0.failure = $0.failure ?? error }
    stopping.cancel()
  }

  /// Starts one stage on a thread of its own, since codecs block: from `source`, unless it is the first, to `target`.
  func start(
    _ name: String, from source: (any Handover)?, to target: any Handover, _ stage: some Stage
  ) {
    running.enter()
    let thread = Thread { [self] in
      do throws(PipelineError) {
        try stage.run(self)
      } catch {
        fail(error)
      }
      // Upstream stops; downstream finishes what it has.
      source?.close()
      target.finish()
      running.leave()
    }
    thread.name = name
    thread.start()
  }

  /// Hands each parcel from `source` to `target` after `work` on it, until there are no more or none is wanted.
  func relay(
    from source: any ParcelQueue, to target: any ParcelQueue,
    _ work: (inout Parcel) throws(PipelineError) -> Void
  ) throws(PipelineError) {
    while var parcel = source.pop() {
      try work(&parcel)
      guard target.push(parcel) else { return }
    }
  }

  /// Waits until every stage that was started has ended.
  func wait() { running.wait() }
}

/// A step of the pipeline that runs on a thread of its own.
protocol Stage: Sendable {
  /// Works until its source has no more, its target wants no more, or it fails.
  func run(_ stages: Stages) throws(PipelineError)
}
