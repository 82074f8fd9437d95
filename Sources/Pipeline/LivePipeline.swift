internal import Enhancer
internal import Foundation
public import Frames
internal import StreamIn
internal import StreamOut

/// Reads, decodes, enhances and encodes a live source with bounded delay, and keeps it and its sinks alive.
///
/// Reading, decoding and enhancing have a thread each, and so has every sink; the caller's encodes. Where the machine does
/// not keep up, decoded frames are dropped, the oldest first; sound and times stay as they are. Memory does not grow with
/// time.
public struct LivePipeline {
  private let job: LiveJob
  private let cancellation: Cancellation
  /// Ends the reader: the user's wish, the end of the run, or a failure of a later stage.
  private let stopping: Cancellation
  private let source: LiveSource
  private let writer: LiveWriter
  private let enhancer: Enhancer
  private let statistics: LiveStatistics
  private let report: @Sendable (LiveMessage) -> Void

  /// Claims what the sinks will write; the source is not opened yet.
  ///
  /// - Parameters:
  ///   - cancellation: once cancelled, the run ends soon, with its outputs finished.
  ///   - report: told what happens while the run goes on; called on several threads.
  public init(
    _ job: LiveJob, cancellation: Cancellation = .init(), report: @escaping @Sendable (LiveMessage) -> Void = { _ in }
  ) throws(PipelineError) {
    var job = job
    job.processing.input = job.source
    self.job = job
    self.cancellation = cancellation
    self.report = report
    stopping = Cancellation(after: cancellation)
    source = LiveSource(job.source, options: job.sourceOptions, cancellation: stopping)
    statistics = LiveStatistics(source: redacted(job.source))
    for target in job.targets where SameFile.names(job.source, target.location) {
      throw .sameFile(redacted(target.location))
    }
    do throws(EnhancerError) {
      enhancer = try Enhancer(
        weights: job.processing.weights, options: job.processing.enhancement, threads: job.processing.bandThreads)
    } catch {
      throw .enhancer(error)
    }
    var options = job.processing.streamOut
    options.trail = options.trail ?? job.processing.trail
    do throws(StreamOutError) {
      writer = try LiveWriter(job.targets, options: options, sinkOptions: job.sinkOptions) { text in
        report(.init(.warning, text))
      }
    } catch {
      throw .output(error)
    }
  }

  /// How the run is doing; may be asked on any thread at any time.
  public var status: @Sendable () -> LiveStatus {
    { [statistics, sinks = writer.sinks] in
      var status = statistics.status
      status.sinks = sinks.statuses
      return status
    }
  }

  /// Does the work on the calling thread and on others, which have ended when it returns.
  ///
  /// Ends with the source, if that is a recording, with the limits of the job, or with the cancellation; the outputs are
  /// finished in any case. Throws when the source or all sinks are given up.
  /// - Parameter onFrame: called for every encoded frame, in order, on the calling thread.
  public func run(onFrame: (FrameReport) -> Void = { _ in }) throws(PipelineError) -> Summary {
    let started = ContinuousClock.now
    let packets = LivePacketQueue(capacity: LivePacketQueue.liveCapacity)
    let frames = LiveFrameQueue { [statistics] in statistics.dropped($0) }
    let stages = Stages(stopping: stopping, decoded: frames)
    let found = FirstDescription()
    let input = LiveInputStage(
      source: source, packets: packets, sinks: writer.sinks, statistics: statistics, found: found, report: report)
    stages.start("read", from: nil, to: packets, input)
    stages.start(
      "decode", from: packets, to: frames,
      LiveDecodeStage(packets: packets, frames: frames, statistics: statistics, noteFrame: source.noteFrame))
    stages.start(
      "enhance", from: frames, to: stages.enhanced,
      EnhanceStage(
        estimate: EstimateStage(enhancer: enhancer, job: job.processing, formats: writer.encodedFormats),
        // Cameras say nothing of being turned but in their frames.
        apply: ApplyStage(enhancer: enhancer, job: job.processing, displayMatrix: nil)))
    let guardian = LiveGuardian(
      job: job, sinks: writer.sinks, statistics: statistics, stages: stages, stopping: stopping)
    guardian.start()
    do throws(StreamOutError) {
      try LiveOutputStage(
        writer: writer, frames: frames, found: found, statistics: statistics, started: started, report: report
      ).run(stages, limit: job.frames, onFrame: onFrame)
    } catch {
      stages.fail(.output(error))
    }
    stopping.cancel()
    stages.enhanced.close()
    stages.wait()
    guardian.stop()
    do throws(StreamOutError) {
      try writer.finish()
    } catch {
      stages.fail(.output(error))
    }
    return try summarize(stages, started)
  }

  private func summarize(_ stages: Stages, _ started: ContinuousClock.Instant) throws(PipelineError) -> Summary {
    let status = self.status()
    var summary = Summary(
      input: redacted(job.source), output: job.targets.map { redacted($0.location) }.joined(separator: ", "))
    summary.isInterrupted = cancellation.isCancelled
    if status.framesIn == 0, stages.failure == nil, !summary.isInterrupted {
      stages.fail(.input(.nothingDecoded(location: summary.input, findings: [])))
    }
    if let failure = stages.failure { throw failure }
    summary.framesIn = status.framesIn
    summary.framesOut = status.framesOut
    summary.framesDamaged = status.framesDamaged
    summary.framesDropped = status.framesDropped
    summary.reused = status.framesReused
    summary.estimates = status.framesOut - status.framesReused
    summary.warnings = stages.warnings
    summary.seconds = (ContinuousClock.now - started).seconds
    summary.fps = summary.seconds > 0 ? Double(summary.framesOut) / summary.seconds : 0
    return summary
  }
}
