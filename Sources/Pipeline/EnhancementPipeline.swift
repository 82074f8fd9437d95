internal import Enhancer
internal import Foundation
public import Frames
internal import StreamIn
internal import StreamOut

/// Decode, estimate, apply and encode, overlapped: each stage has a thread of its own, with short queues between.
///
/// While frame n is enhanced, n+1 is estimated, n+2 decoded and n-1 encoded. Memory does not grow with length.
public struct EnhancementPipeline {
  private let job: Job
  /// The user's wish to stop.
  private let cancellation: Cancellation
  /// Ends the reader: the user's wish, or a failure of a later stage, which must not wait for a silent input.
  private let stopping: Cancellation
  private let reader: StreamReader
  private let writer: StreamWriter
  private let enhancer: Enhancer

  /// What the input holds.
  public var description: MediaDescription { reader.description }

  /// Opens the input and claims the output. Nothing that exists is changed yet.
  public init(_ job: Job, cancellation: Cancellation = .init()) throws(PipelineError) {
    var job = job
    job.input = normalized(job.input)
    job.output = normalized(job.output)
    self.cancellation = cancellation
    stopping = Cancellation(after: cancellation)
    guard !SameFile.names(job.input, job.output) else { throw .sameFile(redacted(job.output)) }
    do throws(StreamInError) {
      reader = try StreamReader(job.input, options: job.streamIn, cancellation: stopping)
    } catch {
      // Whatever a reader says that was told to give up.
      throw cancellation.isCancelled ? .interrupted(location: redacted(job.input)) : .input(error)
    }
    if reader.description.isStillPicture { job.enhancement.when = job.enhancement.when ?? .always }
    do throws(EnhancerError) {
      enhancer = try Enhancer(weights: job.weights, options: job.enhancement, threads: job.bandThreads)
    } catch {
      throw .enhancer(error)
    }
    self.job = job
    if job.enhancement.strength > 0, let transfer = reader.description.video.color.highDynamicRangeTransfer {
      throw .highDynamicRange(location: redacted(job.input), transfer: transfer)
    }
    var options = job.streamOut
    options.trail = options.trail ?? job.trail
    do throws(StreamOutError) {
      writer = try StreamWriter(job.output, input: reader.description, options: options, cancellation: cancellation)
    } catch {
      throw .output(error)
    }
  }

  /// Does the work on the calling thread and on others, which have ended when it returns.
  ///
  /// A cancelled job ends early with a complete output. After an error the output is finished as far as it goes, and
  /// removed unless it can be played.
  /// - Parameter onFrame: called for every encoded frame, in order, on the calling thread.
  public func run(onFrame: (FrameReport) -> Void = { _ in }) throws(PipelineError) -> Summary {
    let started = ContinuousClock.now
    let stages = Stages(stopping: stopping)
    var summary = Summary(input: redacted(job.input), output: redacted(job.output))
    stages.start("decode", from: nil, to: stages.decoded, InputStage(reader: reader))
    stages.start(
      "estimate", from: stages.decoded, to: stages.estimated,
      EstimateStage(enhancer: enhancer, job: job, formats: writer.encodedFormats))
    stages.start(
      "apply", from: stages.estimated, to: stages.enhanced,
      ApplyStage(enhancer: enhancer, job: job, displayMatrix: reader.description.video.displayMatrix))
    do throws(StreamOutError) {
      try OutputStage(writer: writer, started: started).run(stages, into: &summary, onFrame: onFrame)
    } catch {
      stages.fail(.output(error))
    }
    stages.enhanced.close()
    stages.wait()

    summary.framesDamaged = reader.damage.count + writer.refusedPackets
    summary.isInterrupted = cancellation.isCancelled
    try finish(stages, framesWritten: summary.framesOut)
    summary.warnings = stages.warnings + writer.warnings + reader.warnings + reader.damage.findings
    summary.seconds = (ContinuousClock.now - started).milliseconds / 1e3
    summary.fps = summary.seconds > 0 ? Double(summary.framesOut) / summary.seconds : 0
    return summary
  }

  /// Completes the output; throws the first failure of the job, after saving what can be saved.
  private func finish(_ stages: Stages, framesWritten: Int) throws(PipelineError) {
    if framesWritten == 0, stages.failure == nil, !cancellation.isCancelled {
      stages.fail(.input(reader.reasonForNothing))
    }
    do throws(StreamOutError) {
      try writer.finish()
    } catch {
      stages.fail(.output(error))
    }
    if framesWritten == 0 { writer.discard() }
    guard let failure = stages.failure else { return }
    if !isPlayable(job.output) { writer.discard() }
    throw failure
  }

  /// Whether at least one frame can be read back.
  private func isPlayable(_ location: String) -> Bool {
    // Reading from a pipe or device would wait for somebody to write.
    guard SameFile.isRegularFile(location), let reader = try? StreamReader(location) else { return false }
    while let event = try? reader.next() {
      if case .frame = event { return true }
    }
    return false
  }
}
