internal import CFFmpeg
public import Frames

/// Encodes the video of a live run once, and hands it to every sink.
///
/// For one thread at a time, but for `sinks`, which anybody may use.
public final class LiveWriter {
  /// What became of a frame.
  public enum Outcome: Sendable {
    /// It was encoded, and so many bytes were handed to the sinks.
    case encoded(bytes: Int)
    /// It served to find out what the machine can do, and goes nowhere.
    case measured
  }

  /// The sinks; packets of other streams are given to them directly.
  public let sinks: LiveSinks
  private var options: StreamOutOptions
  private let settings: EncoderSettings
  private var encoder: Encoder?
  private var scaler: Scaler?
  private var probe: PresetProbe?
  /// On the clock of the run.
  private var latestKey: Double?

  /// Seconds between key frames: what a viewer waits for a picture, and at most what a crash takes from a recording.
  private static let keyInterval = 2.0

  /// Claims what the sinks will write. Nothing is opened before the first frame.
  ///
  /// - Parameter report: called on other threads with what happens to the sinks, one sentence each, without secrets.
  public init(
    _ targets: [LiveTarget], options: StreamOutOptions, sinkOptions: LiveSinkOptions = .init(),
    report: @escaping @Sendable (String) -> Void
  ) throws(StreamOutError) {
    var options = options
    options.isLive = true
    settings = try Self.settings(for: targets, codec: options.codec)
    if options.preset == StreamOutOptions.automaticPreset {
      options.preset = nil
      if PresetProbe.serves(settings) { probe = PresetProbe() }
    }
    try settings.check(options)
    self.options = options
    sinks = try LiveSinks(targets, options: sinkOptions, report: report)
  }

  /// Throws if a target's container cannot take what the encoder of that name makes, libx264 unless told.
  public static func check(_ targets: [LiveTarget], codec: String?) throws(StreamOutError) {
    _ = try settings(for: targets, codec: codec)
  }

  private static func settings(for targets: [LiveTarget], codec: String?) throws(StreamOutError) -> EncoderSettings {
    let settings = try EncoderSettings(named: codec ?? "libx264")
    for target in targets {
      let container = try target.container
      guard container.accepts(settings.codec.pointee.id, kind: AVMEDIA_TYPE_VIDEO) else {
        throw .containerRefuses(location: target.name, container: container.longName, codec: settings.name)
      }
    }
    return settings
  }

  /// The encoder, with the preset that was given or chosen: "libx264, preset superfast".
  public var encoderName: String { settings.name + (options.preset.map { ", preset \($0)" } ?? "") }

  /// What frames are encoded as: halved chroma and eight bits, unless told.
  public var encodedFormats: EncodedFormats {
    EncodedFormats(settings: settings, wanted: options.pixelFormat, isCommon: true)
  }

  /// Encodes a frame. The first one settles size and format, which all others must have.
  ///
  /// - Parameter input: what the source said when it was first opened.
  public func write(_ frame: VideoFrame, input: MediaDescription) throws(StreamOutError) -> Outcome {
    let frame = try converted(frame)
    if probe != nil {
      guard let chosen = try probe!.add(frame, settings: settings, options: options, input: input) else {
        return .measured
      }
      options.preset = chosen
      probe = nil
      return .measured
    }
    if encoder == nil { try start(frame, input: input) }
    let time = frame.timestamp.seconds
    // Half a millisecond of tolerance: times are rounded.
    let isDue = latestKey.map { time - $0 >= Self.keyInterval - 0.0005 } ?? true
    try encoder!.send(frame, isKey: sinks.takeKeyFrameWish() || isDue)
    return .encoded(bytes: try drain())
  }

  /// Encodes what is left and ends the sinks; takes no longer than a few seconds.
  public func finish() throws(StreamOutError) {
    defer { sinks.finish() }
    guard let encoder else { return }
    try encoder.send(nil)
    _ = try drain()
  }

  private func start(_ frame: VideoFrame, input: MediaDescription) throws(StreamOutError) {
    let encoder = try Encoder(
      settings, first: frame, fields: frame.isInterlaced ? frame : nil, stream: input.video,
      container: nil, options: options)
    self.encoder = encoder
    do throws(FFmpegError) {
      sinks.begin(try LiveFormat(encoder: encoder, input: input, trail: options.trail))
    } catch {
      throw .failed(error)
    }
  }

  private func drain() throws(StreamOutError) -> Int {
    var bytes = 0
    while case .output(let packet) = try encoder!.receive() {
      bytes += packet.byteCount
      if packet.isKey {
        latestKey = Timestamp(ticks: packet.raw.pointee.pts, timeBase: packet.timeBase).seconds
      }
      sinks.writeVideo(packet)
    }
    return bytes
  }

  private func converted(_ frame: VideoFrame) throws(StreamOutError) -> VideoFrame {
    let format = scaler?.format ?? encodedFormats.format(for: frame)
    guard format != frame.format else { return frame }
    do throws(FFmpegError) {
      if scaler == nil { scaler = try Scaler(width: frame.width, height: frame.height, format: format) }
      return try scaler!.convert(frame)
    } catch {
      throw .failed(error)
    }
  }
}
