internal import Frames

/// Times of the frames of all connections: in the same ticks, each later than the one before.
///
/// A frame may come with the time of the one before it or an earlier one: half a picture at the end of a connection,
/// or a camera that corrects its clock by less than a jump.
struct RisingClock {
  /// Ticks of the first frame.
  private var timeBase: Rational?
  private var latest: Int64?

  /// A millisecond in ticks: what every container can tell apart.
  private var leastStep: Int64 { max(1, Int64((0.001 / timeBase!.value).rounded(.up))) }

  /// `frame` with its time on this clock; itself where nothing is to be changed.
  mutating func place(_ frame: VideoFrame) -> VideoFrame {
    timeBase = timeBase ?? frame.timeBase
    var frame = frame.counted(in: timeBase!)
    if let latest, frame.timestamp.ticks <= latest {
      // Half a frame's duration: the clock of the camera is met again soon, and each frame is seen until then.
      let ticks = (frame.duration?.ticks).map { $0 / 2 } ?? 0
      frame = frame.shown(at: latest + max(ticks, leastStep))
    }
    latest = frame.timestamp.ticks
    return frame
  }
}
