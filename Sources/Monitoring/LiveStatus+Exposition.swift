internal import Pipeline
internal import StreamOut

extension Exposition {
  /// Everything about a live run and its process. Names begin with `zdce_video_` and `process_`; docs/live.md lists them.
  init(_ status: LiveStatus, process: ProcessFigures?, version: String) {
    add(.gauge, "zdce_video_info", "Program version and source.", [(["version": version, "source": status.source], 1)])
    addFrames(status)
    addLatencies(status)
    addSinks(status.sinks)
    if let process { add(process) }
  }

  private mutating func addFrames(_ status: LiveStatus) {
    let counters = [
      ("frames_in", "Frames decoded, those dropped afterwards included.", status.framesIn),
      ("frames_out", "Frames encoded.", status.framesOut),
      ("frames_dropped", "Frames left out to keep up.", status.framesDropped),
      ("frames_damaged", "Frames, packets and reads that were damaged.", status.framesDamaged),
      ("frames_reused", "Encoded frames that an earlier curve map served.", status.framesReused),
      ("reconnects", "Openings of the source after the first one.", status.reconnects),
      ("encoded_bytes", "Bytes of encoded video.", status.bytesOut),
    ]
    for (name, help, value) in counters { add(.counter, "zdce_video_\(name)_total", help, Double(value)) }
    add(.gauge, "zdce_video_input_fps", "Frames decoded per second, over the latest few seconds.", status.inFPS)
    add(.gauge, "zdce_video_output_fps", "Frames encoded per second, over the latest few seconds.", status.outFPS)
    add(
      .gauge, "zdce_video_source_state", "What the source is doing: 1 for its present state.",
      LiveStatus.SourceState.allCases.map { (["state": $0.rawValue], status.sourceState == $0 ? 1 : 0) })
    if let time = status.timeOfLastFrame {
      add(.gauge, "zdce_video_last_frame_timestamp_seconds", "When a frame was last encoded, since 1970.", time)
    }
  }

  private mutating func addLatencies(_ status: LiveStatus) {
    let stages = status.latencies
    let bounds = LatencyHistogram.bounds
    addHistogram(
      "zdce_video_latency_seconds", "From the arrival of a packet to the hand-over of the encoded packet to the sinks.",
      bounds: bounds, [([:], stages.total.counts, stages.total.sum)])
    let named = [
      ("decode", stages.decode), ("estimate", stages.estimate), ("apply", stages.apply), ("encode", stages.encode),
    ]
    addHistogram(
      "zdce_video_stage_duration_seconds", "Time that a stage takes for a frame.", bounds: bounds,
      named.map { (["stage": $0], $1.counts, $1.sum) })
  }

  /// The number says which sink of the command line it is, since two may have the same name.
  private mutating func addSinks(_ sinks: [LiveSinkStatus]) {
    func samples(_ value: (LiveSinkStatus) -> Int) -> [Sample] {
      sinks.enumerated().map { (["sink": String($0), "target": $1.name], Double(value($1))) }
    }
    add(.counter, "zdce_video_sink_frames_written_total", "Frames written to a sink.", samples(\.framesWritten))
    add(
      .counter, "zdce_video_sink_frames_dropped_total", "Frames that a sink left out, closed or too slow.",
      samples(\.framesDropped))
    add(.counter, "zdce_video_sink_bytes_total", "Bytes written to a sink, all streams.", samples(\.bytesWritten))
    add(
      .counter, "zdce_video_sink_reconnects_total", "Openings of a sink after the first one.", samples(\.reconnects))
    add(
      .gauge, "zdce_video_sink_state", "What a sink is doing: 1 for its present state.",
      sinks.enumerated().flatMap { number, sink in
        LiveSinkStatus.State.allCases.map {
          (["sink": String(number), "target": sink.name, "state": $0.rawValue], sink.state == $0 ? 1 : 0)
        }
      })
  }

  /// Under the names that Prometheus's own libraries use.
  private mutating func add(_ process: ProcessFigures) {
    add(.counter, "process_cpu_seconds_total", "User and system time.", process.processorSeconds)
    let gauges = [
      ("resident_memory_bytes", "Memory in use that lies in RAM.", process.residentBytes),
      ("virtual_memory_bytes", "Address space.", process.virtualBytes),
      ("open_fds", "Open file descriptors.", process.openDescriptors),
      ("max_fds", "How many may be open.", process.descriptorLimit),
      ("threads", "Threads.", process.threads),
      ("start_time_seconds", "When the process began, since 1970.", process.startTime),
    ]
    for (name, help, value) in gauges { add(.gauge, "process_\(name)", help, value) }
  }
}
