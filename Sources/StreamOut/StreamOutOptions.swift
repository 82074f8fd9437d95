internal import CFFmpeg
public import Frames

/// How an output is encoded and labelled.
public struct StreamOutOptions: Sendable {
  /// FFmpeg's name of the container; nil goes by the file name.
  public var format: String?
  /// FFmpeg's name of the video encoder; nil is libx264 where the container takes it, else the container's own default.
  public var codec: String?
  /// Constant quality, for encoders that have it.
  public var crf: Double
  /// Speed preset, for encoders that have it; nil is `defaultPreset` for libx264 and libx265, else the encoder's own.
  public var preset: String?
  /// Bits per second; replaces constant quality.
  public var bitrate: Int?
  /// Pixel format of the encoded video; nil keeps the input's where the encoder can.
  public var pixelFormat: PixelFormat?
  /// Options of the encoder as ffmpeg takes them, applied last.
  public var encoderOptions: [(key: String, value: String)]
  /// Encoder threads; 0 lets the encoder choose.
  public var threads: Int
  /// Replace an existing file.
  public var overwrite: Bool
  /// Encode with the least delay: no lookahead, no frames out of order, and a key frame whenever one is asked for.
  public var isLive = false
  /// What was done to the pictures; goes into the output's metadata.
  public var trail: String?

  /// libx264 at CRF 20, preset veryfast.
  public init(
    format: String? = nil, codec: String? = nil, crf: Double = 20, preset: String? = nil, bitrate: Int? = nil,
    pixelFormat: PixelFormat? = nil, encoderOptions: [(key: String, value: String)] = [], threads: Int = 0,
    overwrite: Bool = false, trail: String? = nil
  ) {
    self.format = format
    self.codec = codec
    self.crf = crf
    self.preset = preset
    self.bitrate = bitrate
    self.pixelFormat = pixelFormat
    self.encoderOptions = encoderOptions
    self.threads = threads
    self.overwrite = overwrite
    self.trail = trail
  }
}

extension StreamOutOptions {
  /// The preset of libx264 and libx265 unless told.
  public static let defaultPreset = "veryfast"
  /// In place of a preset, for live outputs: the one that this machine can keep up with.
  public static let automaticPreset = "auto"

  /// Throws what is wrong with the encoder and its options, whatever the input and the container are.
  public func validate() throws(StreamOutError) {
    var options = self
    if preset == Self.automaticPreset { options.preset = nil }
    if codec != nil {
      try EncoderSettings(named: codec!).check(options)
    } else if let pixelFormat, !pixelFormat.canBeConvertedTo {
      throw .unsuitablePixelFormat(encoder: "", format: pixelFormat.name, known: [])
    } else if options.preset != nil, let usual = try? EncoderSettings(named: "libx264") {
      try usual.check(StreamOutOptions(preset: preset))
    }
  }

  /// Throws what is wrong with writing video to `location`, a path, `-` or a URL, whatever the input is and whatever is on
  /// disk.
  public func validate(for location: String) throws(StreamOutError) {
    let location = normalized(location)
    // A picture needs no container, and a folder is what it is only on this disk.
    if PictureSink.isPicture(location) && format == nil || OutputFile.isFolder(location) { return }
    let container = try Container(location: location, name: format)
    _ = try EncoderSettings(self, container: container, location: redacted(location))
    if location == "-", container.needsSeeking { throw .cannotSeek(location: "-", container: container.longName) }
  }

  /// Whether this FFmpeg writes containers of that name.
  public static func hasContainer(named name: String) -> Bool { av_guess_format(name, nil, nil) != nil }
}
