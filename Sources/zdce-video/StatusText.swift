internal import Logging
internal import Pipeline
internal import StreamOut

/// The status of a live run in words and in fields.
enum StatusText {
  /// One line: how fast, how late, what was lost.
  static func line(_ status: LiveStatus) -> String {
    let reused = status.framesOut > 0 ? 100 * status.framesReused / status.framesOut : 0
    return (status.sourceState == .streaming ? "" : "\(status.sourceState.rawValue): ")
      + "in \(decimal(status.inFPS, 1)) fps, out \(decimal(status.outFPS, 1)) fps, dropped \(status.framesDropped), "
      + "reused \(reused) %, latency p50 \(milliseconds(status.latencyP50)) p99 \(milliseconds(status.latencyP99)) ms, "
      + "reconnects \(status.reconnects), \(decimal(status.bitrate / 1e6, 2)) Mbit/s" + sinks(status)
  }

  /// Only sinks that do not write are worth a word.
  private static func sinks(_ status: LiveStatus) -> String {
    let others = status.sinks.filter { ![.writing, .idle].contains($0.state) }
    return others.isEmpty ? "" : "; " + others.map { "\($0.name) \($0.state.rawValue)" }.joined(separator: ", ")
  }

  /// Everything, line by line.
  static func lines(_ status: LiveStatus) -> [String] {
    var lines = [
      "source \(status.source): \(status.sourceState.rawValue), up \(decimal(status.uptime, 1)) s, "
        + "\(status.reconnects) reconnects" + (status.latestFailure.map { "; latest failure: \($0)" } ?? ""),
      "frames: \(status.framesIn) in, \(status.framesOut) out, \(status.framesDropped) dropped, "
        + "\(status.framesDamaged) damaged, \(status.framesReused) reused",
      line(status),
    ]
    for (name, histogram) in stages(status) where histogram.count > 0 {
      lines.append(
        "\(name): mean \(milliseconds(histogram.sum / Double(histogram.count))) ms over \(histogram.count) frames")
    }
    for sink in status.sinks {
      lines.append(
        "sink \(sink.name): \(sink.state.rawValue), \(sink.framesWritten) frames, \(sink.framesDropped) dropped, "
          + "\(sink.bytesWritten) bytes, \(sink.reconnects) reconnects"
          + (sink.latestFailure.map { "; latest failure: \($0)" } ?? ""))
    }
    return lines
  }

  /// Fields of the status line; names and units are a contract with scripts.
  static func metadata(_ status: LiveStatus) -> Logger.Metadata {
    [
      "source": .string(status.source), "source_state": .string(status.sourceState.rawValue),
      "uptime_seconds": number(status.uptime, 1),
      "frames_in": .stringConvertible(status.framesIn), "frames_out": .stringConvertible(status.framesOut),
      "frames_dropped": .stringConvertible(status.framesDropped),
      "frames_damaged": .stringConvertible(status.framesDamaged), "reused": .stringConvertible(status.framesReused),
      "in_fps": number(status.inFPS, 2), "out_fps": number(status.outFPS, 2),
      "latency_p50_ms": number(status.latencyP50 * 1e3, 2), "latency_p99_ms": number(status.latencyP99 * 1e3, 2),
      "reconnects": .stringConvertible(status.reconnects), "bitrate": .stringConvertible(Int(status.bitrate)),
    ]
  }

  /// Everything, as fields.
  static func fullMetadata(_ status: LiveStatus) -> Logger.Metadata {
    var fields = metadata(status)
    if let failure = status.latestFailure { fields["latest_failure"] = .string(failure) }
    for (name, histogram) in stages(status) where histogram.count > 0 {
      fields["\(name)_mean_ms"] = number(histogram.sum / Double(histogram.count) * 1e3, 3)
    }
    fields["sinks"] = .array(
      status.sinks.map { sink in
        var fields: Logger.Metadata = [
          "name": .string(sink.name), "state": .string(sink.state.rawValue),
          "frames": .stringConvertible(sink.framesWritten), "frames_dropped": .stringConvertible(sink.framesDropped),
          "bytes": .stringConvertible(sink.bytesWritten), "reconnects": .stringConvertible(sink.reconnects),
        ]
        if let failure = sink.latestFailure { fields["latest_failure"] = .string(failure) }
        return .dictionary(fields)
      })
    return fields
  }

  private static func stages(_ status: LiveStatus) -> [(String, LatencyHistogram)] {
    let latencies = status.latencies
    return [
      ("decode", latencies.decode), ("estimate", latencies.estimate), ("apply", latencies.apply),
      ("encode", latencies.encode), ("total", latencies.total),
    ]
  }

  private static func milliseconds(_ seconds: Double) -> String { decimal(seconds * 1e3, 1) }

  private static func number(_ value: Double, _ digits: Int) -> Logger.Metadata.Value {
    .stringConvertible(decimal(value.isFinite ? value : 0, digits))
  }
}
