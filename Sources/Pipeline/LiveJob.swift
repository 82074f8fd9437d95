public import StreamIn
public import StreamOut

/// A live source to enhance into one or more sinks, and how.
public struct LiveJob: Sendable {
  /// A URL, a device, a path, or `-` for standard input.
  public var source: String
  /// Where the result goes.
  public var targets: [LiveTarget]
  /// How the source is opened, waited for and opened again.
  public var sourceOptions = LiveSourceOptions()
  /// How sinks are waited for and opened again.
  public var sinkOptions = LiveSinkOptions()
  /// Weights, enhancement, encoder and threads, as for files; its input and output and their options count for nothing.
  public var processing = Job(input: "", output: "")
  /// The run ends after so many encoded frames; nil is never.
  public var frames: Int?
  /// The run ends so many seconds after the first encoded frame; nil is never.
  public var duration: Double?

  /// Everything else at its default.
  public init(source: String, targets: [LiveTarget]) {
    self.source = source
    self.targets = targets
  }
}
