internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// One clock for a source that is opened again and again: begins at 0, never runs backwards from one connection to the
/// next, and lets as much time pass between them as has passed.
///
/// Within a connection the distances between times stay exactly as the source has them. Where the source's own clock
/// jumps, the clock on the wall says how much time has passed.
struct LiveTimeline {
  private static let microseconds = AVRational(num: 1, den: 1_000_000)
  /// Jumps that are none: packets of several streams, and reordered ones, lie so many microseconds apart.
  private static let tolerance = (backwards: Int64(1_000_000), forwards: Int64(10_000_000))

  /// Between two packets of a stream, in microseconds: what every container can tell apart.
  private static let leastStep: Int64 = 1000

  /// From the source's clock to ours, in microseconds; nil until the first packet of a connection.
  private var offset: Int64?
  /// The latest time on the source's clock, in microseconds.
  private var latestSource: Int64 = 0
  /// The latest time on our clock, in microseconds; nil before the first packet of all.
  private var latest: Int64?
  private var latestArrival = ContinuousClock.now
  /// The latest time of each stream on our clock, in microseconds.
  private var latestOfStream: [Int: Int64] = [:]
  /// Streams of which nothing has come since the source's clock began anew.
  private var joining: Set<Int> = []

  /// The packets to come are those of a new connection.
  mutating func beginConnection() { offset = nil }

  /// Moves the packet's times to this clock.
  ///
  /// - Parameters:
  ///   - stream: the same for the same stream of every connection; nil for one that nobody takes.
  ///   - arrival: when the packet came.
  mutating func place(
    _ packet: UnsafeMutablePointer<AVPacket>, stream: Int?, timeBase: Rational, arrival: ContinuousClock.Instant
  ) {
    let ticks = packet.pointee.dts != zdv_no_pts ? packet.pointee.dts : packet.pointee.pts
    guard ticks != zdv_no_pts else { return }
    let time = av_rescale_q(ticks, timeBase.raw, Self.microseconds)
    let usual = latestSource - Self.tolerance.backwards...latestSource + Self.tolerance.forwards
    if offset == nil || !usual.contains(time) {
      let passed = Int64((arrival - latestArrival) / .microseconds(1))
      offset = (latest.map { $0 + max(passed, 1000) } ?? 0) - time
      latestSource = time
      joining = Set(latestOfStream.keys)
    }
    latestSource = max(latestSource, time)
    latestArrival = arrival
    let held = stream.map { keepOrder(of: $0, packet, time: time) } ?? 0
    latest = max(latest ?? .min, time + offset! + held)
    let shift = av_rescale_q(offset! + held, Self.microseconds, timeBase.raw)
    if packet.pointee.pts != zdv_no_pts { packet.pointee.pts += shift }
    if packet.pointee.dts != zdv_no_pts { packet.pointee.dts += shift }
  }

  /// Sees to it that the packets of a stream come one after the other on our clock: how much later than its time on the
  /// source's clock this one must be, in microseconds.
  private mutating func keepOrder(of stream: Int, _ packet: UnsafeMutablePointer<AVPacket>, time: Int64) -> Int64 {
    // Times of display go back and forth rightly.
    guard packet.pointee.dts != zdv_no_pts else { return 0 }
    let lacking = latestOfStream[stream].map { max(0, $0 + Self.leastStep - (time + offset!)) } ?? 0
    // Another stream came first and was ahead of this one: both move, so that sound and picture stay together.
    let isFirst = joining.remove(stream) != nil
    if isFirst { offset! += lacking }
    let held = isFirst ? 0 : lacking
    latestOfStream[stream] = time + offset! + held
    return held
  }
}
