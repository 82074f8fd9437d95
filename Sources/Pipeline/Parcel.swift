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

/// Where a frame's time went.
struct StageTimes: Sendable {
  /// When the frame came out of the decoder.
  var arrival = ContinuousClock.now
  var decode = StageTime()
  var estimate = StageTime()
  var apply = StageTime()
  var encode = StageTime()
}

/// What a stage spent on one frame, in one or more stretches of work.
struct StageTime: Sendable {
  /// The sum of the stretches.
  private(set) var total = Duration.zero
  /// From the beginning of the first to the end of the last; nil before the first.
  private(set) var span: Range<ContinuousClock.Instant>?

  var milliseconds: Double { total.milliseconds }

  mutating func add(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
    total += end - start
    span = (span?.lowerBound ?? start)..<end
  }
}

/// Runs `body` and adds its wall time to `time`.
func timed<Result, Failure>(_ time: inout StageTime, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  let start = ContinuousClock.now
  defer { time.add(from: start, to: .now) }
  return try body()
}

extension Duration {
  /// Milliseconds, for reports.
  var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15 }
}
