internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Owns the AVCodecContext of the decoded video: packets in, frames out.
final class Decoder {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let timeBase: Rational

  /// Starts the decoder of `stream`, with frame and slice threads; of a camera, with slice threads alone where one
  /// frame at a time will do, since each frame thread holds back a frame.
  ///
  /// - Parameter timeBase: of the packets' times, where it is not the stream's own.
  init(
    _ stream: UnsafeMutablePointer<AVStream>, location: String, options: StreamInOptions, timeBase: Rational? = nil
  ) throws(StreamInError) {
    let parameters = stream.pointee.codecpar!
    let name = Self.codecName(parameters.pointee)
    let (width, height) = (Int(parameters.pointee.width), Int(parameters.pointee.height))
    guard width * height <= options.maximumPixels else {
      throw .tooLarge(location: location, width: width, height: height, limit: options.maximumPixels)
    }
    guard let codec = Self.decoder(for: stream) else { throw .cannotDecode(location: location, codec: name, nil) }
    self.timeBase = timeBase ?? Rational(stream.pointee.time_base)
    do { context = try allocated(avcodec_alloc_context3(codec), "a decoder") } catch { throw .failed(error) }
    do {
      try check(avcodec_parameters_to_context(context, parameters), "configure", "the decoder")
      context.pointee.pkt_timebase = self.timeBase.raw
      context.pointee.framerate = stream.pointee.avg_frame_rate
      context.pointee.thread_count = Int32(options.threads > 0 ? options.threads : Int(av_cpu_count()))
      let isQuick = options.live != nil && Self.pixelRate(stream.pointee) <= Self.singleThreadedPixelRate
      context.pointee.thread_type = isQuick ? FF_THREAD_SLICE : FF_THREAD_FRAME | FF_THREAD_SLICE
      context.pointee.max_pixels = Int64(options.maximumPixels)
      try check(avcodec_open2(context, codec, nil), "start", "decoder \(name)")
    } catch {
      throw .cannotDecode(location: location, codec: name, error)
    }
  }

  deinit {
    var closing: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&closing)
  }

  /// Pixels per second that one core decodes with ease: 1080p at 60 Hz.
  private static let singleThreadedPixelRate = 1920.0 * 1088 * 60

  private static func pixelRate(_ stream: AVStream) -> Double {
    let rate = [Rational(stream.avg_frame_rate), Rational(stream.r_frame_rate)].first { $0.isPositive }
    let parameters = stream.codecpar.pointee
    return Double(parameters.width) * Double(parameters.height) * min(rate?.value ?? 30, 240)
  }

  /// FFmpeg's name of the codec; of one that it does not know, what the file calls it.
  private static func codecName(_ parameters: AVCodecParameters) -> String {
    guard parameters.codec_id == AV_CODEC_ID_NONE else { return String(cString: avcodec_get_name(parameters.codec_id)) }
    guard parameters.codec_tag != 0 else { return "its codec, which it does not know" }
    let tag = withUnsafeBytes(of: parameters.codec_tag.littleEndian) { String(decoding: $0, as: UTF8.self) }
    return "its codec, tagged '\(tag)'"
  }

  private static func decoder(for stream: UnsafeMutablePointer<AVStream>) -> UnsafePointer<AVCodec>? {
    // Only libvpx decodes the second, transparent layer of VP8 and VP9; the tag says that there is one.
    if let tag = av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0), tag.pointee.value.pointee == 0x31 {
      switch stream.pointee.codecpar.pointee.codec_id {
      case AV_CODEC_ID_VP8: if let codec = avcodec_find_decoder_by_name("libvpx") { return codec }
      case AV_CODEC_ID_VP9: if let codec = avcodec_find_decoder_by_name("libvpx-vp9") { return codec }
      default: break
      }
    }
    return avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id)
  }

  /// Feeds one packet, or nil for the end. Everything there was to receive must have been received before.
  ///
  /// Throws what the decoder says of bad data; the decoder goes on with the next packet.
  func send(_ packet: UnsafeMutablePointer<AVPacket>?) throws(FFmpegError) {
    let result = avcodec_send_packet(context, packet)
    // The end may be signalled twice: after it, the decoder answers that it has ended.
    guard result < 0, result != zdv_error_eof else { return }
    throw FFmpegError(code: result, operation: "decode", subject: "a packet")
  }

  /// The next frame in the order of display.
  func receive() throws(FFmpegError) -> CodecStep<VideoFrame> {
    let frame = VideoFrame(owning: try allocated(av_frame_alloc(), "a frame"), timeBase: timeBase)
    let result = avcodec_receive_frame(context, frame.raw)
    switch result {
    case 0...: return .output(frame)
    case zdv_averror(EAGAIN): return .needsInput
    case zdv_error_eof: return .drained
    default: throw FFmpegError(code: result, operation: "decode", subject: "a frame")
    }
  }

  /// Whether frames that no other frame refers to are left out, which takes load off and harms no other frame.
  func skipsUnreferenced(_ skips: Bool) { context.pointee.skip_frame = skips ? AVDISCARD_NONREF : AVDISCARD_DEFAULT }
}
