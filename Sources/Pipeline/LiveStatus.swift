public import StreamOut

/// How a live run is doing, at one moment. Counters count from the beginning of the run and never fall.
public struct LiveStatus: Sendable {
  /// What the source is doing.
  public enum SourceState: String, Sendable, CaseIterable {
    /// Being opened.
    case connecting
    /// Open; packets arrive, or their absence has not yet lasted too long.
    case streaming
    /// Lost; it is tried again after a pause.
    case waiting
    /// At its end, or given up.
    case ended
  }

  /// The stages of a frame's way. Their times overlap with those of other frames.
  public struct StageLatencies: Sendable {
    /// Decoding.
    public var decode = LatencyHistogram()
    /// Thumbnail, reuse decision and, unless the map was reused, the network.
    public var estimate = LatencyHistogram()
    /// Applying the curve.
    public var apply = LatencyHistogram()
    /// Encoding.
    public var encode = LatencyHistogram()
    /// From the arrival of the packet that completed the frame to the hand-over of the encoded packet to the sinks.
    public var total = LatencyHistogram()

    /// Nothing counted.
    public init() {}
  }

  /// As given, without secrets.
  public var source = ""
  /// What the source is doing.
  public var sourceState = SourceState.connecting
  /// Why the source was lost most recently, as one sentence without secrets; nil if it never was.
  public var latestFailure: String?
  /// Seconds since the beginning of the run.
  public var uptime = 0.0

  /// Frames decoded, those that were dropped afterwards included.
  public var framesIn = 0
  /// Frames encoded.
  public var framesOut = 0
  /// Frames left out to keep up: decoded ones, and those whose packets were left out because decoding fell behind.
  public var framesDropped = 0
  /// Frames, packets and reads that were damaged.
  public var framesDamaged = 0
  /// Encoded frames that an earlier curve map served.
  public var framesReused = 0
  /// Openings of the source after the first one.
  public var reconnects = 0
  /// Bytes of encoded video.
  public var bytesOut = 0

  /// Frames decoded per second, over the latest few seconds.
  public var inFPS = 0.0
  /// Frames encoded per second, over the latest few seconds.
  public var outFPS = 0.0
  /// Bits of encoded video per second, over the latest few seconds.
  public var bitrate = 0.0
  /// Median of the total latency of the latest frames, in seconds; 0 before the first.
  public var latencyP50 = 0.0
  /// 99th percentile of the total latency of the latest frames, in seconds; 0 before the first.
  public var latencyP99 = 0.0
  /// Stage by stage, all frames since the beginning.
  public var latencies = StageLatencies()

  /// Seconds since a frame was last decoded; nil before the first.
  public var secondsSinceFrameIn: Double?
  /// Seconds since a frame was last encoded; nil before the first.
  public var secondsSinceFrameOut: Double?
  /// When a frame was last encoded, in seconds since 1970; nil before the first.
  public var timeOfLastFrame: Double?
  /// In the order of the command line.
  public var sinks: [LiveSinkStatus] = []

  /// A run that has just begun.
  public init() {}
}
