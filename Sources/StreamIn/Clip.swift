internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// The wanted part of the timeline. Times in it count from its start; without a start they stay the input's own.
struct Clip {
  /// Seconds on the input's clock.
  let start: Double?
  private let end: Double?
  /// The video has reached the end of the part.
  private(set) var isVideoComplete = false

  /// Streams are interleaved loosely: so long after the end, what belongs to the part has certainly been seen.
  private static let interleaving = 5.0

  /// - Parameter timeBase: of the video. In a coarse one the part starts at a whole tick, so that all streams are moved
  ///   by the same amount.
  init(start: Double?, duration: Double?, origin: Double, timeBase: Rational) {
    self.start = start.map {
      let start = $0 + origin
      return timeBase.value > 0.001 ? ((start - 0.0005) / timeBase.value).rounded(.up) * timeBase.value : start
    }
    end = duration.map { (start ?? 0) + origin + $0 }
  }

  var isLimited: Bool { start != nil || end != nil }

  func isComplete(latestEnd: Double) -> Bool {
    guard isVideoComplete, let end else { return false }
    return latestEnd > end + Self.interleaving
  }

  /// Ticks to subtract from a frame's time; nil if the frame is not wanted.
  mutating func shift(forFrame time: Timestamp) -> Int64? {
    // Half a millisecond of tolerance: times typed by people are rounded.
    if let end, time.seconds >= end - 0.0005 {
      isVideoComplete = true
      return nil
    }
    if let start, time.seconds < start - 0.0005 { return nil }
    return ticks(in: time.timeBase)
  }

  /// Whether what happens at that time of the input's clock is of no interest.
  func isBefore(_ seconds: Double) -> Bool { start.map { seconds < $0 } ?? false }

  /// Ticks to subtract from a packet's times; nil if the packet is not wanted.
  func shift(forPacket packet: AVPacket, timeBase: Rational) -> Int64? {
    let ticks = packet.pts != zdv_no_pts ? packet.pts : packet.dts
    guard ticks != zdv_no_pts else { return self.ticks(in: timeBase) }
    let begins = Double(ticks) * timeBase.value
    let ends = Double(ticks + max(0, packet.duration)) * timeBase.value
    if let end, begins >= end { return nil }
    if let start, ends <= start, ends < start || packet.duration > 0 { return nil }
    return self.ticks(in: timeBase)
  }

  /// Lets a subtitle that is on show when the part starts begin with it; `packet` counts from the start already.
  func trim(_ packet: UnsafeMutablePointer<AVPacket>) {
    guard start != nil, packet.pointee.pts != zdv_no_pts, packet.pointee.pts < 0 else { return }
    packet.pointee.duration = max(0, packet.pointee.duration + packet.pointee.pts)
    packet.pointee.pts = 0
    if packet.pointee.dts != zdv_no_pts { packet.pointee.dts = 0 }
  }

  /// The chapter as it lies in the part; nil if it does not.
  func place(_ chapter: Chapter) -> Chapter? {
    guard isLimited else { return chapter }
    let timeBase = chapter.start.timeBase
    let first = ticks(in: timeBase)
    let last = end.map { Int64(($0 / timeBase.value).rounded()) } ?? .max
    guard chapter.end.ticks > first, chapter.start.ticks < last else { return nil }
    var placed = chapter
    placed.start.ticks = max(chapter.start.ticks, first) - first
    placed.end.ticks = min(chapter.end.ticks, last) - first
    return placed
  }

  private func ticks(in timeBase: Rational) -> Int64 {
    guard let start, timeBase.isPositive else { return 0 }
    return Int64((start / timeBase.value).rounded())
  }
}
