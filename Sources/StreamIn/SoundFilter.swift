internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Takes the ADTS headers off AAC as transport streams carry it, so that every container can take the packets: most
/// want to know of the sound before the first packet of it.
final class SoundFilter {
  private let context: UnsafeMutablePointer<AVBSFContext>

  /// Nil for streams that need none; else the stream is described as it will be.
  init?(_ stream: inout StreamDescription) throws(FFmpegError) {
    let parameters = stream.parameters.raw
    guard parameters.pointee.codec_id == AV_CODEC_ID_AAC, parameters.pointee.extradata_size == 0,
      let configuration = Self.configuration(parameters.pointee)
    else { return nil }
    var made: UnsafeMutablePointer<AVBSFContext>?
    let filter = av_bsf_get_by_name("aac_adtstoasc")
    try check(av_bsf_alloc(filter, &made), "filter", stream.label)
    context = try allocated(made, "a filter")
    try check(avcodec_parameters_copy(context.pointee.par_in, parameters), "filter", stream.label)
    context.pointee.time_base_in = stream.timeBase.raw
    try check(av_bsf_init(context), "filter", stream.label)
    let described = try CodecParameters(copying: parameters)
    let size = configuration.count
    let bytes = try allocated(av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE)), "a sound configuration")
    configuration.withUnsafeBytes { bytes.copyMemory(from: $0.baseAddress!, byteCount: size) }
    described.raw.pointee.extradata = bytes.assumingMemoryBound(to: UInt8.self)
    described.raw.pointee.extradata_size = Int32(size)
    stream.parameters = described
  }

  deinit {
    var closing: UnsafeMutablePointer<AVBSFContext>? = context
    av_bsf_free(&closing)
  }

  /// Replaces the packet's content; false if nothing is left of it.
  func filter(_ packet: UnsafeMutablePointer<AVPacket>) throws(FFmpegError) -> Bool {
    guard av_bsf_send_packet(context, packet) >= 0 else {
      av_packet_unref(packet)
      return false
    }
    guard av_bsf_receive_packet(context, packet) >= 0 else { return false }
    // The configuration is in the stream's description, and a change of it midway is more than most readers understand.
    dropConfiguration(of: packet)
    return true
  }

  /// AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) of AAC-LC, which HE-AAC extends without saying so here; nil where
  /// sampling rate or channels have no code.
  private static func configuration(_ parameters: AVCodecParameters) -> [UInt8]? {
    let rates: [Int32] = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350]
    let isHighEfficiency = parameters.profile == FF_PROFILE_AAC_HE || parameters.profile == FF_PROFILE_AAC_HE_V2
    let rate = isHighEfficiency ? parameters.sample_rate / 2 : parameters.sample_rate
    let channels = parameters.profile == FF_PROFILE_AAC_HE_V2 ? 1 : parameters.ch_layout.nb_channels
    guard let index = rates.firstIndex(of: rate), (1...6).contains(channels) else { return nil }
    // Five bits of object type, four of rate, four of channels, three zeros.
    let bits = UInt16(2) << 11 | UInt16(index) << 7 | UInt16(channels) << 3
    return [UInt8(bits >> 8), UInt8(bits & 0xFF)]
  }
}

private func dropConfiguration(of packet: UnsafeMutablePointer<AVPacket>) {
  var size = 0
  if av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size) != nil { av_packet_free_side_data(packet) }
}
