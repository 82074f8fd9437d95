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
      onFrame(FrameReport(parcel, frame, index: summary.framesOut - 1, started: started))
    }
  }
}

extension FrameReport {
  /// What happened to a frame that has just been encoded: the one of number `index` since `started`.
  init(_ parcel: Parcel, _ frame: VideoFrame, index: Int, started: ContinuousClock.Instant) {
    let now = ContinuousClock.now
    let times = parcel.times
    self.init(
      frame: index, ptsSeconds: frame.timestamp.seconds, decodeMilliseconds: times.decode.milliseconds,
      estimateMilliseconds: times.estimate.milliseconds, reused: parcel.decision?.reused ?? false,
      applyMilliseconds: times.apply.milliseconds, encodeMilliseconds: times.encode.milliseconds,
      latencyMilliseconds: (now - times.arrival).milliseconds,
      fps: Double(index + 1) * 1e3 / max((now - started).milliseconds, 1e-6),
      spans: StageSpans(
        decode: times.decode.span, estimate: times.estimate.span, apply: times.apply.span, encode: times.encode.span))
  }
}
