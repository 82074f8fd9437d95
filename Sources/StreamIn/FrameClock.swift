internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Gives every frame a time: its own where it has one, the expected next one where it has none.
struct FrameClock {
  private var last: (ticks: Int64, duration: Int64)?

  /// Ticks of `timeBase` at which `frame` is shown.
  mutating func time(of frame: AVFrame, timeBase: Rational, rate: Rational) -> Int64 {
    let duration =
      frame.pkt_duration > 0
      ? frame.pkt_duration
      : rate.isPositive && timeBase.isPositive ? max(1, Int64((rate.inverse.value / timeBase.value).rounded())) : 1
    let own = frame.best_effort_timestamp
    let ticks = own != zdv_no_pts ? own : last.map { $0.ticks + $0.duration } ?? 0
    last = (ticks, duration)
    return ticks
  }
}
