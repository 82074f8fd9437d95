internal import Frames

/// How an input is opened and how much of it is read.
public struct StreamInOptions: Sendable {
  /// FFmpeg's name of the input format; nil probes.
  public var format: String?
  /// Decoder threads; 0 is one per processor.
  public var threads: Int
  /// Seconds after the beginning at which to start; frames before are decoded and dropped. Times then count from there.
  public var start: Double?
  /// Seconds to read from `start`.
  public var duration: Double?
  /// Most pixels that a picture may have. FFmpeg itself handles more, but memory is finite.
  public var maximumPixels: Int
  /// For cameras; nil for everything that waits to be read.
  var live: Live?

  /// How a camera is opened and decoded: with the least delay.
  struct Live {
    /// Options of the demuxer and the protocol.
    var demuxerOptions: Metadata = []
    /// Reads return at once where there is nothing, since nothing can interrupt them.
    var isNonBlocking = false
  }

  /// Everything, with a limit of 8192 x 8192 x 2 pixels.
  public init(
    format: String? = nil, threads: Int = 0, start: Double? = nil, duration: Double? = nil,
    maximumPixels: Int = 134_217_728
  ) {
    self.format = format
    self.threads = threads
    self.start = start
    self.duration = duration
    self.maximumPixels = maximumPixels
  }
}
