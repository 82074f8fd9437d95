internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Owns an AVCodecContext for encoding: frames in, packets out, with the input's own timestamps on both sides.
final class Encoder {
  let context: UnsafeMutablePointer<AVCodecContext>
  let settings: EncoderSettings
  /// Of the packets: the input's own.
  let timeBase: Rational
  private var submitted: [Int64: FrameTime] = [:]
  private var frameIndex: Int64 = 0
  private var lastTicks = Int64.min
  /// Times of the latest frames by their number, for encoders that count frames.
  private var ticksByIndex: [Int64: Int64] = [:]
  private var firstTicks: Int64?
  private var secondTicks: Int64?
  private var leadTicks: Int64 = 1
  /// Whether the encoder is given numbers of frames rather than times.
  private var countsFrames = false
  /// Whether the stream as a whole is marked as interlaced; encoders decide that once.
  private(set) var isInterlaced = false
  private var isTopFieldFirst = true
  /// Frames whose time was not later than the one before, and was moved by a tick.
  private(set) var movedFrames = 0

  /// Progressive frames in an interlaced stream, or the other way round.
  private(set) var otherFrames = 0

  private static let maximumDelay = 1024

  private struct FrameTime {
    let ticks: Int64
    let duration: Int64
  }

  /// Starts the encoder for frames like `first`, which has the format and size that the encoder is to take.
  ///
  /// - Parameter fields: a frame whose field order is that of the stream; nil if it is progressive.
  init(
    _ settings: EncoderSettings, first: VideoFrame, fields: VideoFrame?, stream: StreamDescription,
    container: Container?, options: StreamOutOptions
  ) throws(StreamOutError) {
    let limit = settings.minimumSize
    guard first.width >= limit, first.height >= limit else {
      throw .tooSmall(encoder: settings.name, width: first.width, height: first.height, limit: limit)
    }
    self.settings = settings
    timeBase = first.timeBase
    do { context = try allocated(avcodec_alloc_context3(settings.codec), "an encoder") } catch { throw .failed(error) }
    configure(first: first, fields: fields, stream: stream, container: container, options: options)
    var table = codecOptions(options, stream: stream)
    do {
      try check(avcodec_open2(context, settings.codec, &table.raw), "start", "encoder \(settings.name)")
    } catch {
      throw .cannotEncode(encoder: settings.name, error)
    }
    if let unknown = table.entries.first {
      throw .unknownEncoderOption(encoder: settings.name, name: unknown.key)
    }
  }

  deinit {
    var closing: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&closing)
  }

  private func configure(
    first: VideoFrame, fields: VideoFrame?, stream: StreamDescription, container: Container?,
    options: StreamOutOptions
  ) {
    let rate = stream.averageFrameRate.isPositive ? stream.averageFrameRate : stream.realFrameRate
    context.pointee.width = Int32(first.width)
    context.pointee.height = Int32(first.height)
    context.pointee.pix_fmt = first.format.raw
    countsFrames = settings.countsFrames || (settings.statesRate && stream.isOnGrid(first.timestamp.seconds))
    let codedRate = countsFrames ? settings.codedRate(rate) : rate
    context.pointee.framerate = codedRate.raw
    context.pointee.time_base = countsFrames ? codedRate.inverse.raw : timeBase.raw
    if container?.frameRates != nil {
      leadTicks = av_rescale_q(1, context.pointee.time_base, timeBase.raw)
    }
    // The container's word stands above the codec's, as in players.
    let aspect = stream.sampleAspectRatio
    context.pointee.sample_aspect_ratio = (aspect.isPositive ? aspect : first.sampleAspectRatio).raw
    context.pointee.colorspace = first.color.matrix
    context.pointee.color_range = first.color.range
    context.pointee.color_primaries = first.color.primaries
    context.pointee.color_trc = first.color.transfer
    context.pointee.chroma_sample_location = first.color.chromaLocation
    context.pointee.thread_count = Int32(min(options.threads, settings.maximumThreads))
    if container?.wantsGlobalHeader == true || options.isLive { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
    if container?.storesDisplayOrderOnly == true { context.pointee.max_b_frames = 0 }
    if options.isLive {
      context.pointee.max_b_frames = 0
      // Key frames come when they are asked for; this only bounds what happens if nobody asks.
      context.pointee.gop_size = 600
    }
    isInterlaced = fields != nil
    isTopFieldFirst = fields?.raw.pointee.top_field_first == 1
    if isInterlaced {
      if settings.knowsFields {
        context.pointee.flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME
      }
      context.pointee.field_order = isTopFieldFirst ? AV_FIELD_TT : AV_FIELD_BB
    } else {
      context.pointee.field_order = AV_FIELD_PROGRESSIVE
    }
    if let bitrate = options.bitrate {
      context.pointee.bit_rate = Int64(bitrate)
      if options.isLive {
        // A second of it may be ahead: what a connection of that rate carries without delay growing.
        context.pointee.rc_max_rate = Int64(bitrate)
        context.pointee.rc_buffer_size = Int32(clamping: bitrate)
      }
    } else if !settings.hasOwn(option: "crf"), settings.codec.pointee.id != AV_CODEC_ID_WEBP {
      // Older encoders know a quantiser instead; 2 is as good as they get, and their default bit rate is far too low.
      context.pointee.flags |= AV_CODEC_FLAG_QSCALE
      context.pointee.global_quality = FF_QP2LAMBDA * 2
    }
  }

  private func codecOptions(_ options: StreamOutOptions, stream: StreamDescription) -> TagTable {
    var table = TagTable()
    if let preset = options.preset {
      if settings.hasOwn(option: "preset") { table["preset"] = preset }
    } else if settings.name.hasPrefix("libx26") {
      // Other encoders give the same option other values.
      table["preset"] = StreamOutOptions.defaultPreset
    }
    if options.isLive, settings.name.hasPrefix("libx26") {
      table["tune"] = "zerolatency"
      table["forced-idr"] = "1"
    }
    if options.bitrate == nil, settings.hasOwn(option: "crf") { table["crf"] = "\(options.crf)" }
    // x265 writes its own log to standard error. (Its option `interlace` is no help: it calls every frame one field.)
    if settings.name == "libx265" { table["x265-params"] = "log-level=none" }
    if settings.name == "libx264" {
      var parameters: [String] = []
      // FFmpeg tells x264 of the field order with the first frame, when the headers are made.
      if isInterlaced, !isTopFieldFirst { parameters.append("bff=1") }
      // x264 says nothing of limited range unless there is something else to say in the same place.
      if saysOnlyLimitedRange { parameters.append("videoformat=component") }
      if !parameters.isEmpty { table["x264-params"] = parameters.joined(separator: ":") }
    }
    if settings.codec.pointee.id == AV_CODEC_ID_WEBP {
      // The encoder's own default throws away more than the photograph's encoder did.
      table["quality"] = "95"
      if stream.codecName == "webp", PixelFormat(context.pointee.pix_fmt).isRGB { table["lossless"] = "1" }
    }
    for (key, value) in options.encoderOptions {
      let ours = key.hasSuffix("-params") ? table[key].map { $0 + ":" } : nil
      table[key] = (ours ?? "") + value
      // ffmpeg's own precedence: a fixed quantiser replaces constant quality.
      if key == "qp" { table["crf"] = nil }
    }
    return table
  }

  private var saysOnlyLimitedRange: Bool {
    let context = context.pointee
    return context.color_range == AVCOL_RANGE_MPEG && context.color_primaries == AVCOL_PRI_UNSPECIFIED
      && context.color_trc == AVCOL_TRC_UNSPECIFIED && context.colorspace == AVCOL_SPC_UNSPECIFIED
  }

  /// Feeds a frame, or nil for the end; as a key frame if `isKey`.
  func send(_ frame: VideoFrame?, isKey: Bool = false) throws(StreamOutError) {
    do {
      guard let frame else {
        let result = avcodec_send_frame(context, nil)
        if result != zdv_error_eof { try check(result, "end", "the encoder") }
        return
      }
      // The frame may be shared: times and picture type are set on a reference of our own.
      var reference = av_frame_clone(frame.raw)
      defer { av_frame_free(&reference) }
      let raw = try allocated(reference, "a frame")
      raw.pointee.pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
      raw.pointee.pts = time(of: frame)
      if frame.isInterlaced != isInterlaced {
        otherFrames += 1
        // Or x264 would change the order with every such frame.
        if isInterlaced { raw.pointee.top_field_first = isTopFieldFirst ? 1 : 0 }
      }
      try check(avcodec_send_frame(context, raw), "encode", "a frame")
    } catch {
      throw .failed(error)
    }
  }

  /// The time to give the encoder, strictly later than the one before; remembers the frame's own.
  private func time(of frame: VideoFrame) -> Int64 {
    var ticks = frame.timestamp.ticks
    if ticks <= lastTicks {
      ticks = lastTicks + 1
      movedFrames += 1
    }
    lastTicks = ticks
    if firstTicks == nil { firstTicks = ticks } else { secondTicks = secondTicks ?? ticks }
    let key = countsFrames ? frameIndex : ticks
    frameIndex += 1
    if countsFrames {
      ticksByIndex[key] = ticks
      // No encoder reorders further than this.
      ticksByIndex[key - 64] = nil
    }
    // No encoder holds back so many; one that changes times leaves entries behind.
    if submitted.count >= Self.maximumDelay, let oldest = submitted.keys.min() { submitted[oldest] = nil }
    submitted[key] = FrameTime(ticks: ticks, duration: frame.duration?.ticks ?? 0)
    return key
  }

  /// The time at which the frame of number `index` is decoded; before the first frame, `leadTicks` apart.
  private func decodeTime(ofFrame index: Int64, shownAt ticks: Int64) -> Int64 {
    min(ticks, ticksByIndex[index] ?? (firstTicks ?? 0) + min(0, index) * leadTicks)
  }

  /// When the first two frames are shown; the same twice before there is a second.
  var firstTimes: (Timestamp, Timestamp) {
    let first = firstTicks ?? 0
    return (
      Timestamp(ticks: first, timeBase: timeBase), Timestamp(ticks: secondTicks ?? first, timeBase: timeBase)
    )
  }

  /// The next packet, with the input's time base and the frame's own duration.
  func receive() throws(StreamOutError) -> CodecStep<Packet> {
    do {
      let packet = Packet(owning: try allocated(av_packet_alloc(), "a packet"), timeBase: timeBase)
      let result = avcodec_receive_packet(context, packet.raw)
      if result == zdv_averror(EAGAIN) { return .needsInput }
      if result == zdv_error_eof { return .drained }
      try check(result, "encode", "a frame")
      if let time = submitted.removeValue(forKey: packet.raw.pointee.pts) {
        packet.raw.pointee.duration = time.duration
        if countsFrames {
          packet.raw.pointee.dts = decodeTime(ofFrame: packet.raw.pointee.dts, shownAt: time.ticks)
          packet.raw.pointee.pts = time.ticks
        }
      }
      return .output(packet)
    } catch {
      throw .failed(error)
    }
  }
}
