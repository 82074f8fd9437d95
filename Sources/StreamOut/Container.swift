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

  /// QuickTime and its descendants: the containers that carry a display matrix, edit lists and `mdta` tags.
  var isQuickTimeFamily: Bool { ["mov", "mp4", "ipod", "psp", "3gp", "3g2", "f4v", "ismv"].contains(name) }
  /// Writes its index after its content, at a place kept free: nothing for a pipe.
  var needsSeeking: Bool { isQuickTimeFamily && name != "ismv" }
  var isMatroska: Bool { name == "matroska" || name == "webm" }
  /// AVI stores one clock tick per frame and no time of display, so frames must be stored in order of display.
  var storesDisplayOrderOnly: Bool { name == "avi" }
  var isProgramStream: Bool { ["mpeg", "vob", "dvd", "svcd", "vcd"].contains(name) }
  var carriesRotation: Bool { isQuickTimeFamily }

  /// Whether tags of any name survive in it.
  var carriesAnyTag: Bool {
    isMatroska || isQuickTimeFamily || ["nut", "flv", "ogg", "asf", "ffmetadata"].contains(name)
  }

  /// Whether H.264 is the natural thing to put into it.
  var prefersH264: Bool {
    let answer = avformat_query_codec(format, AV_CODEC_ID_H264, FF_COMPLIANCE_NORMAL)
    // Muxers without a list of codecs answer that they do not know; these are the ones known to take H.264.
    return answer > 0 || (answer < 0 && (name == "mpegts" || isProgramStream || ["hls", "null"].contains(name)))
  }

  /// Whether its definition may have a place for `codec`.
  func accepts(_ codec: AVCodecID, kind: AVMediaType) -> Bool {
    // The transport stream muxer takes any sound and text as "private data", which no reader recognises again.
    if name == "mpegts", kind == AVMEDIA_TYPE_DATA { return true }
    if isMatroska, kind == AVMEDIA_TYPE_ATTACHMENT { return name == "matroska" }
    if name == "mpegts", kind != AVMEDIA_TYPE_VIDEO { return Self.transportStreamCodecs.contains(codec) }
    return avformat_query_codec(format, codec, FF_COMPLIANCE_NORMAL) != 0
  }

  private static let transportStreamCodecs = [
    AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3,
    AV_CODEC_ID_DTS, AV_CODEC_ID_TRUEHD, AV_CODEC_ID_OPUS, AV_CODEC_ID_S302M, AV_CODEC_ID_DVB_SUBTITLE,
    AV_CODEC_ID_DVB_TELETEXT, AV_CODEC_ID_HDMV_PGS_SUBTITLE,
  ]

  /// Whether a header with this stream in it can be written: the muxer's own word, beyond what its tables say.
  func accepts(_ stream: StreamDescription) -> Bool {
    let parameters = stream.parameters.raw.pointee
    guard accepts(parameters.codec_id, kind: parameters.codec_type) else { return false }
    var trial: UnsafeMutablePointer<AVFormatContext>?
    guard avformat_alloc_output_context2(&trial, format, nil, nil) >= 0, let context = trial else { return false }
    defer { avformat_free_context(context) }
    guard let output = avformat_new_stream(context, nil), (try? describe(stream, in: output)) != nil else {
      return false
    }
    if opensItsOwnFile { return true }
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
    output.pointee.time_base = input.timeBase.raw
    output.pointee.avg_frame_rate = input.averageFrameRate.raw
    output.pointee.r_frame_rate = input.realFrameRate.raw
    output.pointee.sample_aspect_ratio = input.sampleAspectRatio.raw
    output.pointee.disposition = input.disposition
    label(output, input.metadata)
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
