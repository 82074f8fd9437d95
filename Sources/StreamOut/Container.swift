internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// An output format of libavformat, and what it can hold.
struct Container {
  let format: UnsafePointer<AVOutputFormat>

  /// The format named by `name`, else by the extension of `location`.
  init(location: String, name: String?) throws(StreamOutError) {
    guard let found = av_guess_format(name, name == nil ? location : nil, nil) else {
      throw .unknownContainer(location: redacted(location))
    }
    format = found
  }

  var name: String { String(cString: format.pointee.name) }
  /// For messages: "Matroska".
  var longName: String { format.pointee.long_name.map { String(cString: $0) } ?? name }
  var wantsGlobalHeader: Bool { format.pointee.flags & AVFMT_GLOBALHEADER != 0 }
  /// Writes its own files (image sequences) or none.
  var opensItsOwnFile: Bool { format.pointee.flags & AVFMT_NOFILE != 0 }

  /// Whether a header with this stream in it can be written: the muxer's own word, beyond what its tables say.
  func accepts(_ stream: StreamDescription) -> Bool {
    let parameters = stream.parameters.raw.pointee
    guard accepts(parameters.codec_id, kind: parameters.codec_type), carriesCovers || !stream.isAttachedPicture,
      !isTransportStream || !isForeignData(parameters)
    else { return false }
    if name == "mxf", parameters.codec_type == AVMEDIA_TYPE_AUDIO, parameters.sample_rate != 48_000 { return false }
    var trial: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_alloc_output_context2(&trial, format, nil, nil) >= 0, let context = trial else { return false }
    defer { avformat_free_context(context) }
    guard let output = avformat_new_stream(context, nil), (try? describe(stream, in: output)) != nil else {
      return false
    }
    if isAVI, !output.pointee.codecpar.pointee.hasPace { return false }
    // MXF takes no header without video.
    if opensItsOwnFile || name == "mxf" { return true }
    guard avio_open_dyn_buf(&context.pointee.pb) >= 0 else { return false }
    defer {
      var bytes: UnsafeMutablePointer<UInt8>?
      avio_close_dyn_buf(context.pointee.pb, &bytes)
      av_free(bytes)
      context.pointee.pb = nil
    }
    return avformat_write_header(context, nil) >= 0
  }

  /// Gives `output` the parameters, labels and side data of a stream that is copied.
  func describe(_ input: StreamDescription, in output: UnsafeMutablePointer<AVStream>) throws(FFmpegError) {
    try check(avcodec_parameters_copy(output.pointee.codecpar, input.parameters.raw), "copy", input.label)
    output.pointee.codecpar.pointee.codec_tag = tag(for: input.parameters.raw.pointee)
    output.pointee.codecpar.pointee.settleBlocks(inAVI: isAVI)
    output.pointee.time_base = input.timeBase.raw
    output.pointee.avg_frame_rate = input.averageFrameRate.raw
    output.pointee.r_frame_rate = input.realFrameRate.raw
    output.pointee.sample_aspect_ratio = input.sampleAspectRatio.raw
    output.pointee.disposition = input.disposition
    label(output, input.metadata)
    // QuickTime's tracks have no title but their handler's name, which FFmpeg fills with a word for the kind.
    if isQuickTimeFamily, let title = input.metadata.first(where: { $0.key.lowercased() == "title" })?.value,
      input.metadata.allSatisfy({ $0.key != "handler_name" || $0.value.hasSuffix("Handler") })
    {
      label(output, [("handler_name", title)])
    }
    for entry in input.sideData { try add(entry, to: output) }
  }

  /// The input's codec tag where this container knows it for the same codec, else 0: the muxer's own.
  private func tag(for parameters: AVCodecParameters) -> UInt32 {
    guard let table = format.pointee.codec_tag else { return parameters.codec_tag }
    if av_codec_get_id(table, parameters.codec_tag) == parameters.codec_id { return parameters.codec_tag }
    var own: UInt32 = 0
    return av_codec_get_tag2(table, parameters.codec_id, &own) != 0 ? 0 : parameters.codec_tag
  }
}

extension AVCodecParameters {
  /// How sound is cut into blocks, where a copy would mislead a muxer.
  fileprivate mutating func settleBlocks(inAVI: Bool) {
    guard codec_type == AVMEDIA_TYPE_AUDIO else { return }
    switch codec_id {
    // As in ffmpeg: what AVI says of these is about its own chunks, which may be of any size.
    case AV_CODEC_ID_AC3: block_align = 0
    case AV_CODEC_ID_MP3 where [1, 576, 1152].contains(block_align): block_align = 0
    default:
      guard inAVI, frame_size == 0, block_align > 0 else { return }
      // ADPCM packs many samples into a block. Without their number the muxer goes by the bit rate, which is often wrong.
      let samples = av_get_audio_frame_duration2(&self, block_align)
      if samples > 1 { frame_size = samples }
    }
  }

  /// Whether the duration of a packet follows from its size, or is the same for all; video always has its own.
  fileprivate var hasPace: Bool {
    var copy = self
    return codec_type != AVMEDIA_TYPE_AUDIO || block_align > 0 || frame_size > 0
      || av_get_audio_frame_duration2(&copy, 0) > 0
  }
}

/// Sets tags on a stream.
func label(_ stream: UnsafeMutablePointer<AVStream>, _ metadata: Metadata) {
  for (key, value) in metadata { av_dict_set(&stream.pointee.metadata, key, value, 0) }
}

/// Copies side data onto a stream.
func add(_ data: SideData, to stream: UnsafeMutablePointer<AVStream>) throws(FFmpegError) {
  let target = try allocated(av_stream_new_side_data(stream, data.type, data.bytes.count), "stream side data")
  data.bytes.withUnsafeBufferPointer { bytes in
    if let base = bytes.baseAddress { target.update(from: base, count: bytes.count) }
  }
}
