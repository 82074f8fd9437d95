internal import Enhancer
internal import Frames

/// What travels through the stages: a frame and the packets that preceded it in the file, in the order of the file.
struct Parcel: Sendable {
  /// To be copied before the frame is encoded.
  var packets: [Packet] = []
  /// Nil in the last parcel, which holds the packets after the last frame.
  var frame: VideoFrame?
  /// The bytes of a still picture's file.
  var pictureBytes: [UInt8]?
  var decision: CurveDecision?
  var times = StageTimes()
}

/// Where a frame's time went, in nanoseconds.
struct StageTimes: Sendable {
  /// When the frame came out of the decoder.
  var arrival = ContinuousClock.now
  var decode = Duration.zero
  var estimate = Duration.zero
  var apply = Duration.zero
  var encode = Duration.zero
}

/// Runs `body` and adds its wall time to `total`.
func timed<Result, Failure>(_ total: inout Duration, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  let start = ContinuousClock.now
  defer { total += ContinuousClock.now - start }
  return try body()
}

extension Duration {
  /// Milliseconds, for reports.
  var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15 }
}
