internal import CFFmpeg
internal import Frames

/// What the sinks of a live run are given: the encoded video and the streams that go along. Never changes once the
/// encoder has started, whatever becomes of the source.
struct LiveFormat: Sendable {
  /// Of the encoder.
  let video: CodecParameters
  /// Of the encoded packets.
  let timeBase: Rational
  /// What the source said when it was first opened.
  let input: MediaDescription
  /// What was done to the pictures.
  let trail: String?

  init(encoder: Encoder, input: MediaDescription, trail: String?) throws(FFmpegError) {
    var raw = avcodec_parameters_alloc()
    defer { avcodec_parameters_free(&raw) }
    let parameters = try allocated(raw, "codec parameters")
    try check(avcodec_parameters_from_context(parameters, encoder.context), "describe", "the encoded video")
    video = try CodecParameters(copying: parameters)
    timeBase = encoder.timeBase
    self.input = input
    self.trail = trail
  }

  /// Gives `output` the parameters of the encoded video.
  func describeVideo(_ output: UnsafeMutablePointer<AVStream>, container: Container) throws(FFmpegError) {
    try check(avcodec_parameters_copy(output.pointee.codecpar, video.raw), "describe", "the encoded video")
    // Players of Apple know HEVC by this tag alone.
    if container.isQuickTimeFamily || container.name == "hls", video.raw.pointee.codec_id == AV_CODEC_ID_HEVC {
      output.pointee.codecpar.pointee.codec_tag = 0x3163_7668
    }
    output.pointee.time_base = timeBase.raw
    output.pointee.avg_frame_rate = input.video.averageFrameRate.raw
    output.pointee.r_frame_rate = input.video.realFrameRate.raw
    output.pointee.sample_aspect_ratio = video.raw.pointee.sample_aspect_ratio
  }
}

/// A packet on its way to one sink, with what the sink must know of it.
struct LivePacket: Sendable {
  let packet: Packet
  let isVideo: Bool
  /// A frame of the video at which a reader can begin.
  let isKey: Bool
  /// When it is decoded, in seconds on the clock of the run.
  let seconds: Double

  /// Shares the data of `packet`.
  init(sharing packet: Packet, isVideo: Bool) throws(FFmpegError) {
    self.packet = Packet(
      owning: try allocated(av_packet_clone(packet.raw), "a packet"), timeBase: packet.timeBase)
    self.isVideo = isVideo
    isKey = isVideo && packet.isKey
    seconds = packet.timestamp?.seconds ?? 0
  }
}
