/// One row of the report: what happened to one frame. Times are wall times of the stages, which overlap.
public struct FrameReport: Sendable, Hashable {
  /// From 0, in the order of display.
  public var frame: Int
  /// Time of display in the output.
  public var ptsSeconds: Double
  /// Reading and decoding.
  public var decodeMilliseconds: Double
  /// Thumbnail, reuse decision and, unless the map was reused, the network.
  public var estimateMilliseconds: Double
  /// Whether the curve map of an earlier frame served.
  public var reused: Bool
  /// Applying the curve.
  public var applyMilliseconds: Double
  /// Encoding and writing what the encoder had ready.
  public var encodeMilliseconds: Double
  /// From the decoder's output to the end of `encode`.
  public var latencyMilliseconds: Double
  /// Frames per second since the beginning.
  public var fps: Double
  /// When each stage worked on it.
  public var spans: StageSpans
}

/// When the stages worked on a frame. Each stage has a thread of its own, on which the spans of two frames never overlap.
public struct StageSpans: Sendable, Hashable {
  /// From reading the first packet after the frame before to the decoded frame.
  public var decode: Range<ContinuousClock.Instant>?
  /// Conversion where the format needs one, thumbnail, reuse decision and, unless the map was reused, the network.
  public var estimate: Range<ContinuousClock.Instant>?
  /// Applying the curve.
  public var apply: Range<ContinuousClock.Instant>?
  /// Encoding and writing what the encoder had ready.
  public var encode: Range<ContinuousClock.Instant>?
}

/// What happened to one input as a whole.
public struct Summary: Sendable, Hashable {
  /// As given, without secrets.
  public var input: String
  /// As given, without secrets.
  public var output: String
  /// Frames decoded.
  public var framesIn = 0
  /// Frames encoded.
  public var framesOut = 0
  /// Frames, packets and reads that were damaged.
  public var framesDamaged = 0
  /// Frames left out to keep up; always 0 for files.
  public var framesDropped = 0
  /// Curve maps estimated.
  public var estimates = 0
  /// Frames that an earlier map served.
  public var reused = 0
  /// Wall time.
  public var seconds = 0.0
  /// Frames encoded per second of wall time.
  public var fps = 0.0
  /// The work was cancelled; the output ends early, and is complete up to there.
  public var isInterrupted = false
  /// What is not as the input was, and what was wrong with it; one sentence each.
  public var warnings: [String] = []

  init(input: String, output: String) {
    self.input = input
    self.output = output
  }
}
