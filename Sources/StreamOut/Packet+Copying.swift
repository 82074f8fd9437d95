internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// What has to be said anew of a packet that is copied from one container to another.
extension Packet {
  /// Sees to it that what an edit list of the input hides stays hidden: MP4 makes an edit list of it again, Matroska
  /// marks its samples, and for any other container the packet is to be left out (false).
  func settleHidden(_ parameters: AVCodecParameters, container: Container) -> Bool {
    guard raw.pointee.flags & AV_PKT_FLAG_DISCARD != 0, !container.isQuickTimeFamily else { return true }
    guard container.isMatroska, parameters.codec_type == AVMEDIA_TYPE_AUDIO, parameters.sample_rate > 0 else {
      return false
    }
    let samples = av_rescale_q(raw.pointee.duration, timeBase.raw, AVRational(num: 1, den: parameters.sample_rate))
    guard let data = av_packet_new_side_data(raw, AV_PKT_DATA_SKIP_SAMPLES, 10) else { return true }
    UnsafeMutableRawBufferPointer(start: data, count: 10).initializeMemory(as: UInt8.self, repeating: 0)
    UnsafeMutableRawPointer(data).storeBytes(
      of: UInt32(clamping: samples).littleEndian, toByteOffset: 4, as: UInt32.self)
    return true
  }

  /// FFmpeg's Matroska writer states the delay of Opus, which every reader takes off the times, and does not add it
  /// (docs/workarounds.md).
  func addCodecDelay(_ parameters: AVCodecParameters) {
    guard parameters.codec_id == AV_CODEC_ID_OPUS, parameters.initial_padding > 0 else { return }
    let delay = av_rescale_q(Int64(parameters.initial_padding), AVRational(num: 1, den: 48_000), timeBase.raw)
    if raw.pointee.pts != zdv_no_pts { raw.pointee.pts += delay }
    if raw.pointee.dts != zdv_no_pts { raw.pointee.dts += delay }
    // The end is where it was, or the file would be longer by that.
    raw.pointee.duration = max(0, raw.pointee.duration - delay)
  }

  /// Takes what a player is to discard at the end of the last audio packet off its duration, so that the copy is not
  /// longer than the original.
  func trimDuration(sampleRate: Int32) {
    var size = 0
    guard sampleRate > 0, let data = av_packet_get_side_data(raw, AV_PKT_DATA_SKIP_SAMPLES, &size), size >= 8 else {
      return
    }
    // Two little-endian counts: samples to skip at the start, samples to discard at the end.
    let discarded = UInt32(littleEndian: UnsafeRawPointer(data).loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    let ticks = av_rescale_q(Int64(discarded), AVRational(num: 1, den: sampleRate), timeBase.raw)
    if ticks < raw.pointee.duration { raw.pointee.duration -= ticks }
  }
}
