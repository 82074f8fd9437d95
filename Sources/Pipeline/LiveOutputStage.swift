internal import Frames
internal import StreamOut

/// Encodes on the calling thread, hands over to the sinks, counts, and reports every frame.
struct LiveOutputStage {
  let writer: LiveWriter
  let frames: LiveFrameQueue
  let found: FirstDescription
  let statistics: LiveStatistics
  let started: ContinuousClock.Instant
  let report: @Sendable (LiveMessage) -> Void

  /// Works until nothing more comes, or `limit` frames are encoded.
  func run(_ stages: Stages, limit: Int?, onFrame: (FrameReport) -> Void) throws(StreamOutError) {
    var index = 0
    while var parcel = stages.enhanced.pop() {
      guard let frame = parcel.frame, let input = found.description else { continue }
      let outcome = try timed(&parcel.times.encode) { () throws(StreamOutError) in
        try writer.write(frame, input: input)
      }
      frames.release()
      guard case .encoded(let bytes) = outcome else {
        statistics.dropped(1)
        continue
      }
      if index == 0 { report(.init(.notice, "encoding \(frame.width)x\(frame.height) with \(writer.encoderName)")) }
      let row = FrameReport(parcel, frame, index: index, started: started)
      statistics.encoded(row, bytes: bytes)
      onFrame(row)
      index += 1
      if index == limit { return }
    }
  }
}
