internal import ArgumentParser
internal import Foundation
internal import Frames
internal import Monitoring
internal import Pipeline
internal import StreamIn
internal import StreamOut

/// Enhances cameras and streams as they come.
struct LiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live",
    abstract: "Enhance a camera or stream as it comes, for weeks.",
    discussion: """
      EXAMPLES
        A camera, published again where a media server listens:
          zdce-video live rtsp://user:password@camera/stream -o rtsp://127.0.0.1:8554/bright
        A recording in files of ten minutes, the newest week of them kept, and a playlist for browsers:
          zdce-video live rtsp://camera/stream -o 'rec/%Y-%m-%d_%H-%M-%S.mp4' --segment 10m --keep 7d -o www/live.m3u8
        A USB camera, sent as a transport stream:
          zdce-video live /dev/video0 --video-size 1280x720 --framerate 30 --input-format mjpeg -o udp://192.0.2.7:1234
        What cameras are there, and what they can do:
          zdce-video live --list-devices
        A file as if it were a camera, with metrics for Prometheus:
          zdce-video live night.mp4 --realtime -o null --metrics 127.0.0.1:9464

      Sources: rtsp, rtsps, http and https (MJPEG, HLS), udp, rtp and srt (MPEG-TS) and other URLs of FFmpeg; v4l2 devices; \
      - for a pipe; files with --realtime. Sinks: rtsp, rtsps, rtmp, udp, rtp, srt and other URLs; .m3u8; paths, with \
      strftime's codes for files cut by time; - for a pipe, with --format; null.

      One encode serves all sinks. A source or sink that is lost is opened again, after pauses that grow; none waits for \
      another. Frames are dropped where the machine does not keep up, oldest first, and counted. SIGUSR1 prints a full \
      status. docs/live.md says more.
      """)

  @Argument(help: ArgumentHelp("A URL, a device, a file with --realtime, or - for a pipe.", valueName: "source"))
  var source: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; repeat it for several sinks.", valueName: "sink"))
  var output: [String] = []

  @OptionGroup(title: "Source") var camera: CameraOptions
  @OptionGroup(title: "Recordings and limits") var limits: LiveRunOptions
  @OptionGroup(title: "Processing") var processing: ProcessingOptions
  @OptionGroup(title: "Encoding") var encoding: EncodingOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions
  @OptionGroup(title: "Watching") var watching: WatchingOptions

  @Flag(name: [.customShort("y"), .customLong("overwrite")], help: "Overwrite files that exist when the run begins.")
  var overwrite = false

  func validate() throws {
    if camera.listDevices {
      guard source == nil, output.isEmpty else {
        throw ValidationError("--list-devices stands alone: leave out the source and -o")
      }
      return
    }
    guard let source else { throw ValidationError("nothing to enhance: name a source, or use --list-devices") }
    guard !output.isEmpty else { throw ValidationError("nowhere to write: give -o SINK, or -o null to only look") }
    guard Set(output).count == output.count else { throw ValidationError("a sink is given twice: give each once") }
    if SameFile.isFile(source), !camera.realtime {
      throw ValidationError("'\(source)' is a file: add --realtime to play it as a camera, or use enhance")
    }
    if output.contains("-") {
      guard encoding.format != nil else {
        throw ValidationError("a pipe has no name to tell its format: give --format, such as mpegts or matroska")
      }
      guard !reporting.json, reporting.report == nil else {
        throw ValidationError("-o - leaves standard output to the video: leave out --json and --report")
      }
    }
    for (option, path) in [("--report", reporting.report), ("--trace", reporting.trace)] {
      guard let path, output.contains(path) else { continue }
      throw ValidationError("\(option) '\(path)' is also a sink: choose another name")
    }
    do {
      try LiveWriter.check(try targets(), codec: encoding.codec)
    } catch let error as StreamOutError where error.isUsage {
      throw ValidationError("\(error)")
    } catch {}
  }

  func run() throws {
    if camera.listDevices { return try DeviceList.print(json: reporting.json) }
    let log = LiveLog(format: watching.logFormat, isQuiet: reporting.quiet)
    LibraryLog.route(verbose: reporting.verbose)
    let cancellation = InterruptSignals.heeded()
    let statusSignal = StatusSignal.heeded()
    let records: FrameRecords
    do {
      records = try FrameRecords(
        reporting, of: try InputList([source ?? "-"], output: output[0], outputDirectory: nil), overwrite: overwrite)
    } catch let error as TextFile.Failure {
      log.error("\(error)")
      throw ExitCode(1)
    }
    records.begin(input: redacted(source ?? ""))
    let result = enhance(log, records, cancellation, statusSignal)
    var outcome = Outcome()
    outcome.note(result)
    for failure in records.close() {
      log.error(failure)
      outcome.note(.failed)
    }
    if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
  }

  private func enhance(
    _ log: LiveLog, _ records: FrameRecords, _ cancellation: Cancellation, _ statusSignal: StatusSignal
  ) -> Outcome.Result {
    do {
      let pipeline = try LivePipeline(try job(), cancellation: cancellation) { message in log.report(message) }
      let watcher = LiveWatcher(
        status: pipeline.status, log: log, showsLines: !reporting.quiet && !reporting.noProgress, signal: statusSignal)
      let metrics = try watching.metrics.map { try MetricsServer(at: $0, version: version, status: pipeline.status) }
      let manager = ServiceManager()
      manager?.watch(pipeline.status)
      defer {
        metrics?.stop()
        manager?.stopping()
      }
      let summary = try watcher.during { try pipeline.run { frame in records.add(frame) } }
      for warning in summary.warnings { log.report(warning: warning) }
      let isSummarized = log.summarize(summary, json: reporting.json)
      if summary.isInterrupted { return .interrupted }
      guard isSummarized else {
        log.error("the summary could not be written to standard output")
        return .failed
      }
      return summary.framesDamaged > 0 ? .damaged : .done
    } catch {
      log.error("\(error)")
      return cancellation.isCancelled ? .interrupted : .failed
    }
  }

  private func targets() throws -> [LiveTarget] {
    try output.map {
      try LiveTarget(
        $0, format: encoding.format, segment: limits.segment?.seconds, retention: limits.keep?.retention,
        transport: camera.rtspTransport.rawValue, overwrite: overwrite)
    }
  }

  private func job() throws -> LiveJob {
    var job = LiveJob(source: source ?? "-", targets: try targets())
    try processing.configure(&job.processing)
    encoding.configure(&job.processing)
    job.processing.streamOut.preset = job.processing.streamOut.preset ?? StreamOutOptions.automaticPreset
    job.sourceOptions = camera.options
    job.sourceOptions.threads = processing.threads
    job.sinkOptions.openTimeout = job.sourceOptions.openTimeout
    job.sinkOptions.writeTimeout = job.sourceOptions.readTimeout
    job.sinkOptions.reconnectMaxDelay = job.sourceOptions.reconnectMaxDelay
    job.frames = limits.frames
    job.duration = limits.duration?.seconds
    return job
  }
}
