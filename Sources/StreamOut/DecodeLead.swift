internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Times of decoding for containers that cannot begin before zero.
///
/// An encoder that reorders frames has the first ones decoded before the first one is shown. Rather than moving
/// everything later by that, the times of decoding are pressed into the span between the first two frames on show: no
/// frame but the first is shown before the second, so none is decoded too late.
struct DecodeLead {
  /// When the first two frames are shown, in ticks of the output.
  private let first: Int64, second: Int64
  /// When the first frame would be decoded.
  private var lead: Int64?

  init(first: Timestamp, second: Timestamp, timeBase: Rational) {
    self.first = av_rescale_q(first.ticks, first.timeBase.raw, timeBase.raw)
    self.second = av_rescale_q(second.ticks, second.timeBase.raw, timeBase.raw)
  }

  /// Settles the packet's time of decoding, if the first packet's is below zero.
  mutating func settle(_ packet: UnsafeMutablePointer<AVPacket>) {
    let ticks = packet.pointee.dts
    guard ticks != zdv_no_pts else { return }
    let lead = self.lead ?? ticks
    self.lead = lead
    guard lead < 0, ticks < second else { return }
    packet.pointee.dts = first + av_rescale(ticks - lead, second - first, second - lead)
  }
}
