internal import CFFmpegShims
internal import Frames

/// What a sink's thread does: opens the target, writes what the queue holds, cuts recordings, and begins again after a
/// failure, with growing pauses.
///
/// `@unchecked Sendable`: made by one thread and handed to the sink's own, which alone uses it from then on.
final class LiveSinkWorker: @unchecked Sendable {
  private let target: LiveTarget
  private let options: LiveSinkOptions
  /// Claimed when the run began; used for the first opening.
  private var claimed: OutputFile?
  /// What is written, and what becomes of the streams in it; settled with the first opening.
  private var container: Container?, plan: StreamPlan?
  private var output: LiveOutput?
  private var backoff: Backoff
  private var isFirstOpening = true

  private init(_ target: LiveTarget, options: LiveSinkOptions, claimed: OutputFile?) {
    self.target = target
    self.options = options
    self.claimed = claimed
    backoff = Backoff(limit: options.reconnectMaxDelay)
  }

  /// Claims what can be claimed before there is anything to write, so that a mistake shows at once.
  static func claim(_ target: LiveTarget, options: LiveSinkOptions) throws(StreamOutError) -> LiveSinkWorker {
    var claimed: OutputFile?
    switch target.kind {
    case .recording where !target.isDated:
      claimed = try OutputFile(target.location, overwrite: target.overwrite)
    case .playlist: claimed = try OutputFile(target.location, overwrite: target.overwrite, opensItself: true)
    default: break
    }
    return LiveSinkWorker(target, options: options, claimed: claimed)
  }

  /// Works until the queue has ended, or nothing can be done any more.
  func run(_ sink: LiveSink) {
    guard let format = sink.queue.waitForFormat() else {
      claimed?.remove()
      return sink.update { $0.state = .finished }
    }
    let deadline = Deadline(sink.cancellation)
    while true {
      do {
        try writeAll(sink, format, deadline)
        return sink.update { $0.state = .finished }
      } catch {
        // A file is worth its trailer even so, and some muxers close their connections only then.
        deadline.set(1)
        try? output?.finish()
        output = nil
        let isOver = sink.cancellation.isCancelled
        guard !isOver, target.kind != .pipe else {
          return sink.update {
            $0.state = .failed
            $0.latestFailure = error.description
          }
        }
        pause(sink, after: error)
      }
    }
  }

  private func pause(_ sink: LiveSink, after error: StreamOutError) {
    let seconds = backoff.pause()
    sink.update {
      $0.state = .waiting
      $0.latestFailure = error.description
    }
    sink.report("\(error); next attempt in \((seconds * 10).rounded() / 10) s")
    Backoff.sleep(seconds) { sink.cancellation.isCancelled }
    let dropped = sink.queue.restart()
    sink.update { $0.framesDropped += dropped }
    // Without it the sink would wait for the next one anyway, which is seconds away.
    sink.requestKeyFrame()
  }

  private func writeAll(_ sink: LiveSink, _ format: LiveFormat, _ deadline: Deadline) throws(StreamOutError) {
    var needsKey = true
    var gaps = 0
    while let packet = sink.queue.pop() {
      if let output, let start = output.start, let length = target.segment, packet.isKey,
        packet.seconds - start >= length - 0.001
      {
        deadline.set(options.writeTimeout)
        self.output = nil
        try output.finish()
      }
      if output == nil {
        sink.update { $0.state = .connecting }
        gaps = sink.queue.gapCount
        output = try open(sink, format, deadline)
        // What has waited too long is gone, and what comes next must be a beginning.
        needsKey = sink.queue.gapCount != gaps || !packet.isKey
        sink.update { $0.state = .writing }
      }
      if needsKey, !packet.isKey {
        if packet.isVideo { sink.update { $0.framesDropped += 1 } }
        continue
      }
      needsKey = false
      let bytes = packet.packet.byteCount
      deadline.set(options.writeTimeout)
      do {
        try output!.write(packet)
      } catch {
        throw deadline.isExpired ? .noProgress(location: target.name, seconds: options.writeTimeout) : error
      }
      backoff.reset()
      sink.update {
        $0.bytesWritten += bytes
        if packet.isVideo { $0.framesWritten += 1 }
      }
    }
    deadline.set(options.writeTimeout)
    try output?.finish()
    output = nil
  }

  private func open(_ sink: LiveSink, _ format: LiveFormat, _ deadline: Deadline) throws(StreamOutError) -> LiveOutput {
    deadline.set(options.openTimeout)
    switch HostLookup.run(target.location, deadline: deadline) {
    case .found: break
    case .unknown(let host, let reason): throw .unresolved(location: target.name, host: host, reason: reason)
    case .noAnswer(let host): throw .unresolved(location: target.name, host: host, reason: "no answer")
    }
    let (container, plan) = try plan(sink, format)
    let file = try nextFile()
    let opened: LiveOutput
    do {
      opened = try LiveOutput(
        target, file: file, format: format, container: container, plan: plan, deadline: deadline)
    } catch {
      throw deadline.isExpired ? .noProgress(location: target.name, seconds: options.openTimeout) : error
    }
    if !isFirstOpening, target.segment == nil || sink.status.state == .waiting {
      sink.update { $0.reconnects += 1 }
    }
    isFirstOpening = false
    target.retention?.prune(target.location, current: opened.location)
    return opened
  }

  /// The container and what becomes of the streams; what is changed or left out is said once.
  private func plan(_ sink: LiveSink, _ format: LiveFormat) throws(StreamOutError) -> (Container, StreamPlan) {
    if let container, let plan { return (container, plan) }
    var container = try target.container
    if let quickTime = container.quickTime(forSoundOf: format.input) {
      container = quickTime
      sink.report(Container.quickTimeWarning(location: target.name))
    }
    let plan = StreamPlan(format.input, container: container)
    for warning in plan.warnings { sink.report("\(target.name): \(warning)") }
    (self.container, self.plan) = (container, plan)
    return (container, plan)
  }

  /// The file or place to open now. Nothing that exists is overwritten, what this run has written least of all.
  private func nextFile() throws(StreamOutError) -> OutputFile {
    if let file = claimed {
      claimed = nil
      return file
    }
    guard target.kind == .recording else { return try OutputFile(target.location, overwrite: true, opensItself: true) }
    for attempt in 1...1000 {
      let path =
        target.isDated
        ? try SegmentName(target.location).path(attempt: attempt) : SegmentName.numbered(target.location, attempt)
      do {
        return try OutputFile(path, overwrite: false)
      } catch {
        guard case .exists = error else { throw error }
      }
    }
    throw .exists(location: target.name)
  }
}
