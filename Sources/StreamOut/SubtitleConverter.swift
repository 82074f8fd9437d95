internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Turns the text subtitles of one stream into the text codec of another container, cue by cue.
final class SubtitleConverter {
  private let decoder: UnsafeMutablePointer<AVCodecContext>
  let encoder: UnsafeMutablePointer<AVCodecContext>
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// The text codec that `container` takes; nil if it takes none.
  static func textCodec(of container: Container) -> AVCodecID? {
    [AV_CODEC_ID_SUBRIP, AV_CODEC_ID_MOV_TEXT, AV_CODEC_ID_WEBVTT]
      .first { container.accepts($0, kind: AVMEDIA_TYPE_SUBTITLE) }
  }

  /// Whether the stream is text, so that a conversion loses nothing but styling.
  static func isText(_ stream: StreamDescription) -> Bool {
    guard let descriptor = avcodec_descriptor_get(stream.parameters.raw.pointee.codec_id) else { return false }
    return descriptor.pointee.props & AV_CODEC_PROP_TEXT_SUB != 0
  }

  init(_ stream: StreamDescription, to codec: AVCodecID) throws(FFmpegError) {
    let input = avcodec_find_decoder(stream.parameters.raw.pointee.codec_id)
    let output = avcodec_find_encoder(codec)
    guard input != nil, output != nil else {
      throw FFmpegError(code: zdv_error_decoder_not_found, operation: "convert", subject: stream.label)
    }
    decoder = try allocated(avcodec_alloc_context3(input), "a decoder")
    do {
      encoder = try allocated(avcodec_alloc_context3(output), "an encoder")
    } catch {
      // Only a complete object is torn down by deinit.
      var closing: UnsafeMutablePointer<AVCodecContext>? = decoder
      avcodec_free_context(&closing)
      throw error
    }
    try check(avcodec_parameters_to_context(decoder, stream.parameters.raw), "convert", stream.label)
    decoder.pointee.pkt_timebase = stream.timeBase.raw
    try check(avcodec_open2(decoder, input, nil), "convert", stream.label)
    encoder.pointee.time_base = AVRational(num: 1, den: 1000)
    // The header lists the styles; every text decoder of FFmpeg makes one. Freed with the context.
    if decoder.pointee.subtitle_header_size > 0 {
      let size = Int(decoder.pointee.subtitle_header_size)
      let header = try allocated(av_mallocz(size + 1), "a subtitle header")
      header.copyMemory(from: decoder.pointee.subtitle_header, byteCount: size)
      encoder.pointee.subtitle_header = header.assumingMemoryBound(to: UInt8.self)
      encoder.pointee.subtitle_header_size = Int32(size)
    }
    try check(avcodec_open2(encoder, output, nil), "convert", stream.label)
  }

  deinit {
    var closing: UnsafeMutablePointer<AVCodecContext>? = decoder
    avcodec_free_context(&closing)
    closing = encoder
    avcodec_free_context(&closing)
  }

  /// The cue in the other codec with the same times; nil where the packet holds no text.
  func convert(_ packet: Packet) throws(FFmpegError) -> Packet? {
    var subtitle = AVSubtitle()
    var hasCue: Int32 = 0
    try check(avcodec_decode_subtitle2(decoder, &subtitle, &hasCue, packet.raw), "convert", "a subtitle")
    defer { avsubtitle_free(&subtitle) }
    guard hasCue != 0, subtitle.num_rects > 0 else { return nil }
    let size = try check(
      avcodec_encode_subtitle(encoder, &buffer, Int32(buffer.count), &subtitle), "convert", "a subtitle")
    let result = Packet(owning: try allocated(av_packet_alloc(), "a packet"), timeBase: packet.timeBase)
    try check(av_new_packet(result.raw, size), "allocate", "a subtitle")
    result.raw.pointee.data.update(from: buffer, count: Int(size))
    result.raw.pointee.pts = packet.raw.pointee.pts
    result.raw.pointee.dts = packet.raw.pointee.pts
    result.raw.pointee.duration = packet.raw.pointee.duration
    result.raw.pointee.flags |= AV_PKT_FLAG_KEY
    return result
  }
}
