/// Tells packets that are damaged from those that only stand at the end of one recording that was joined to another.
///
/// A demuxer of transport streams marks the last packet of each stream before a joint, since the counters of the packets
/// start anew there. A joint is where the clock jumps, or where a marked packet is followed by a key frame.
struct CorruptMarks {
  /// Seconds of marks that are not judged yet.
  private var waiting: [Double] = []
  private var joint = -Double.infinity
  /// Packets of the video since the latest mark in it.
  private var videoSinceMark = Int.max

  /// FFmpeg's parser hands out the frame before the one that the mark is of, so that the next but one begins anew.
  private static let parserDelay = 2
  /// So near to a joint, in seconds, a mark belongs to it.
  private static let reach = 1.0

  /// Notes a packet and returns how many marks are found to be of damage.
  mutating func see(isMarked: Bool, isKey: Bool, isVideo: Bool, seconds: Double, clockJumps: Bool) -> Int {
    if clockJumps || (isVideo && isKey && videoSinceMark < Self.parserDelay) { join(at: seconds) }
    if isVideo { videoSinceMark = isMarked && !isKey ? 0 : videoSinceMark == .max ? .max : videoSinceMark + 1 }
    if isMarked, abs(seconds - joint) > Self.reach { waiting.append(seconds) }
    let count = waiting.count
    waiting.removeAll { $0 < seconds - 2 * Self.reach }
    return count - waiting.count
  }

  /// The marks that are left: no joint follows.
  mutating func end() -> Int {
    defer { waiting = [] }
    return waiting.count
  }

  private mutating func join(at seconds: Double) {
    joint = seconds
    waiting.removeAll { abs($0 - seconds) <= Self.reach }
  }
}
