internal import Frames
internal import StreamOut

/// Encodes and writes on the calling thread, counts, and reports every frame.
struct OutputStage {
  let writer: StreamWriter
  let started: ContinuousClock.Instant

  func run(_ stages: Stages, into summary: inout Summary, onFrame: (FrameReport) -> Void) throws(StreamOutError) {
    while var parcel = stages.enhanced.pop() {
      for packet in parcel.packets { try writer.write(packet) }
      guard let frame = parcel.frame else { continue }
      summary.framesIn += 1
      if let bytes = parcel.pictureBytes { writer.setPictureSource(bytes) }
      try timed(&parcel.times.encode) { () throws(StreamOutError) in try writer.write(frame) }
      if let decision = parcel.decision {
        if decision.reused { summary.reused += 1 } else { summary.estimates += 1 }
      }
      summary.framesOut += 1
      onFrame(report(parcel, frame: frame, index: summary.framesOut - 1))
    }
  }

  private func report(_ parcel: Parcel, frame: VideoFrame, index: Int) -> FrameReport {
    let now = ContinuousClock.now
    let times = parcel.times
    return FrameReport(
      frame: index, ptsSeconds: frame.timestamp.seconds, decodeMilliseconds: times.decode.milliseconds,
      estimateMilliseconds: times.estimate.milliseconds, reused: parcel.decision?.reused ?? false,
      applyMilliseconds: times.apply.milliseconds, encodeMilliseconds: times.encode.milliseconds,
      latencyMilliseconds: (now - times.arrival).milliseconds,
      fps: Double(index + 1) * 1e3 / max((now - started).milliseconds, 1e-6),
      spans: StageSpans(
        decode: times.decode.span, estimate: times.estimate.span, apply: times.apply.span, encode: times.encode.span))
  }
}
