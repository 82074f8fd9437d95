internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Sound in AVI, which stores no times: it is heard from the first frame on, and goes on without a pause. (Empty chunks
/// would be pauses, but players pass over them.)
///
/// Keeps an account of how far that is from the times of the input.
struct UntimedSound {
  private var start: Int64?
  /// Where the latest packet ends in the output, in ticks.
  private var end: Int64 = 0
  /// How much too early, or too late if negative, the worst packet is heard, in seconds.
  private(set) var displacement = 0.0

  /// Moves the packet to where it is heard; its times are in ticks of `timeBase`.
  mutating func settle(_ packet: UnsafeMutablePointer<AVPacket>, timeBase: Rational) {
    let ticks = packet.pointee.dts != zdv_no_pts ? packet.pointee.dts : packet.pointee.pts
    guard ticks != zdv_no_pts else { return }
    let start = self.start ?? ticks
    self.start = start
    let early = Double(ticks - end) * timeBase.value
    if abs(early) > abs(displacement) { displacement = early }
    end += packet.pointee.duration
    packet.pointee.dts = ticks - start
    packet.pointee.pts = ticks - start
  }
}
