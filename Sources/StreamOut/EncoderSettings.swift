internal import CFFmpeg
public import Frames

/// What an output's encoder takes.
public struct EncodedFormats: Sendable {
  let settings: EncoderSettings
  let wanted: PixelFormat?
  /// Halved chroma and eight bits, which every player and browser decodes, unless something else is wanted.
  var isCommon = false

  /// The format that frames like `frame` are encoded as.
  public func format(for frame: VideoFrame) -> PixelFormat {
    format(for: frame.format, width: frame.width, height: frame.height)
  }

  func format(for format: PixelFormat, width: Int, height: Int) -> PixelFormat {
    var wanted = wanted
    if isCommon, wanted == nil, let common = PixelFormat(named: "yuv420p"), settings.takes(common) {
      wanted = settings.takes(format) && ["yuv420p", "yuvj420p", "nv12"].contains(format.name) ? format : common
    }
    return settings.encodedFormat(of: format, width: width, height: height, wanted: wanted)
  }
}

/// Which encoder to use and what to feed it.
///
/// `@unchecked Sendable`: the codec is one of FFmpeg's constant tables.
struct EncoderSettings: @unchecked Sendable {
  let codec: UnsafePointer<AVCodec>

  var name: String { String(cString: codec.pointee.name) }

  /// The encoder that was asked for, else libx264 where the container takes H.264, else the container's default.
  init(_ options: StreamOutOptions, container: Container, location: String) throws(StreamOutError) {
    if let name = options.codec {
      self = try EncoderSettings(named: name)
    } else if container.prefersMPEG2, let found = avcodec_find_encoder(AV_CODEC_ID_MPEG2VIDEO) {
      codec = found
    } else if container.prefersH264, let found = avcodec_find_encoder_by_name("libx264") {
      codec = found
    } else {
      let fallback = av_guess_codec(container.format, nil, location, nil, AVMEDIA_TYPE_VIDEO)
      guard let found = avcodec_find_encoder(fallback) else {
        throw .containerRefuses(location: location, container: container.longName, codec: "libx264")
      }
      codec = found
    }
    guard container.accepts(codec.pointee.id, kind: AVMEDIA_TYPE_VIDEO) else {
      throw .containerRefuses(location: location, container: container.longName, codec: name)
    }
  }

  /// The encoder of that name.
  init(named name: String) throws(StreamOutError) {
    guard let found = avcodec_find_encoder_by_name(name), found.pointee.type == AVMEDIA_TYPE_VIDEO else {
      throw .unknownEncoder(name: name)
    }
    codec = found
  }

  /// The encoder of a picture file, by its name's extension.
  init(pictureNamed location: String) throws(StreamOutError) {
    let image = av_guess_format("image2", nil, nil)
    let id = av_guess_codec(image, nil, location, nil, AVMEDIA_TYPE_VIDEO)
    guard id != AV_CODEC_ID_NONE, let found = avcodec_find_encoder(id) else {
      throw .unknownContainer(location: location)
    }
    codec = found
  }

  /// Whether the encoder takes frames of `format` as they are. Encoders that list nothing take anything.
  func takes(_ format: PixelFormat) -> Bool { accepted?.contains(format) ?? true }

  /// `format` where the encoder takes it, else the one of its own that loses least.
  func closest(to format: PixelFormat) -> PixelFormat {
    guard let accepted, !accepted.contains(format) else { return format }
    // FFmpeg would rather make colour of grey than take a bit of its depth, and then take two.
    let kin = format.isGray && !format.hasAlpha ? accepted.filter { $0.isGray && !$0.hasAlpha } : []
    return format.closest(among: kin.isEmpty ? accepted : kin)
  }

  /// The encoder's formats; nil for any.
  var accepted: [PixelFormat]? {
    if codec.pointee.id == AV_CODEC_ID_WRAPPED_AVFRAME { return Self.yuv4mpegFormats }
    guard var next = codec.pointee.pix_fmts else { return nil }
    var formats: [PixelFormat] = []
    while next.pointee != AV_PIX_FMT_NONE {
      formats.append(PixelFormat(next.pointee))
      next += 1
    }
    // JPEG is full range; the encoder lists limited formats for those who insist.
    if codec.pointee.id == AV_CODEC_ID_MJPEG { formats.removeAll { !$0.impliesFullRange } }
    return formats.filter(\.canBeConvertedTo)
  }

  /// What the one muxer of unencoded frames, yuv4mpegpipe, can write.
  private static let yuv4mpegFormats =
    (["420", "422", "444"].flatMap { sampling in
      ["", "9le", "10le", "12le", "14le", "16le"].map { "yuv\(sampling)p\($0)" }
    }
    + ["yuv411p", "yuvj420p", "yuvj422p", "yuvj444p", "gray", "gray9le", "gray10le", "gray12le", "gray16le"])
    .compactMap(PixelFormat.init(named:))

  /// What frames of `format` and that size are encoded as: odd sizes do not fit subsampled chroma in most encoders.
  func encodedFormat(of format: PixelFormat, width: Int, height: Int, wanted: PixelFormat?) -> PixelFormat {
    let best = wanted ?? closest(to: format)
    guard needsEvenSize, let layout = best.layout, layout.model == .yuv else { return best }
    let fits = width % (1 << layout.chromaShiftX) == 0 && height % (1 << layout.chromaShiftY) == 0
    guard !fits else { return best }
    let full: PixelFormat? =
      switch layout.depth {
      case 8: PixelFormat(named: best.impliesFullRange ? "yuvj444p" : "yuv444p")
      default: PixelFormat(named: "yuv444p\(layout.depth)le")
      }
    return full.flatMap { takes($0) ? $0 : nil } ?? best
  }

  /// Encoders of the H.264 and HEVC families crop to whole chroma samples only, and refuse anything else.
  private var needsEvenSize: Bool {
    [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_AV1].contains(codec.pointee.id)
  }
}
