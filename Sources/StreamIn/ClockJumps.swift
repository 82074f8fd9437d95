internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Keeps the clock of an input continuous where it jumps: recordings that were joined as bytes, cameras that started anew.
///
/// As ffmpeg does, and only for the formats whose clocks may jump (transport and program streams, Ogg, HLS): all streams
/// are moved together, so that the stream that jumps first goes on where it stood. Unlike there, a gap of one stream while
/// others go on is no jump, and packets from before a jump that come late keep their place.
struct ClockJumps {
  /// One sentence for each of the first few jumps.
  private(set) var warnings: [String] = []

  private let mayJump: Bool
  /// What is added to the input's times, and what was added before the latest jump, which packets of other streams may
  /// still need for a while.
  private var offset: Int64 = 0
  private var formerOffset: Int64?
  private var jumpTime: Int64 = 0
  private var count = 0
  /// By stream: when its next packet is expected, on the continuous clock.
  private var expected: [Int32: Int64] = [:]
  private var latest: Int64?

  /// Times here are in units that hold every usual time base exactly: 90 kHz and all sampling rates.
  private static let unit = Rational(1, 705_600_000)
  private static let second: Int64 = 705_600_000
  /// ffmpeg's own thresholds.
  private static let forwards = 10 * second
  private static let backwards = second / 10
  private static let memory = 5 * second
  private static let maximumWarnings = 4
  /// Transport and program streams count to 2^33 at 90 kHz.
  private static let range = (1 << 33) * second / 90_000

  init(_ format: UnsafePointer<AVInputFormat>) { mayJump = format.pointee.flags & AVFMT_TS_DISCONT != 0 }

  /// Moves the packet's times onto the continuous clock; whether the clock jumps at this packet.
  mutating func settle(_ packet: UnsafeMutablePointer<AVPacket>, _ stream: StreamDescription) -> Bool {
    guard mayJump, stream.timeBase.isPositive else { return false }
    let hasClock = stream.kind == .video || stream.kind == .audio
    let ticks = packet.pointee.dts != zdv_no_pts ? packet.pointee.dts : hasClock ? zdv_no_pts : packet.pointee.pts
    var applied = offset
    var jumps = false
    if ticks != zdv_no_pts {
      let time = Self.units(ticks, stream.timeBase)
      applied = hasClock ? offset(for: time, of: packet.pointee.stream_index) : nearerOffset(for: time)
      if hasClock {
        if applied != offset, applied != formerOffset {
          jumps = true
          note(jumpOf: applied - offset, at: time + applied)
          (formerOffset, offset, jumpTime) = (offset, applied, time + applied)
        }
        advance(packet.pointee, to: time + applied, stream)
      }
    }
    guard applied != 0 else { return jumps }
    let shift = av_rescale_q(applied, Self.unit.raw, stream.timeBase.raw)
    if packet.pointee.pts != zdv_no_pts { packet.pointee.pts += shift }
    if packet.pointee.dts != zdv_no_pts { packet.pointee.dts += shift }
    return jumps
  }

  /// The present offset where it fits, else the former one, else a new one.
  private func offset(for time: Int64, of stream: Int32) -> Int64 {
    guard let wanted = expected[stream] ?? latest, let latest else { return offset }
    let fits = { (offset: Int64) in
      let error = time + offset - wanted
      return error >= -Self.backwards && (error <= Self.forwards || time + offset - latest <= Self.forwards)
    }
    let error = abs(time + offset - wanted)
    if let formerOffset, latest - jumpTime < Self.memory, fits(formerOffset) {
      let formerError = abs(time + formerOffset - wanted)
      if !fits(offset) || (formerError < Self.second / 2 && error > Self.second / 2) { return formerOffset }
    }
    // Before its first packet nothing is known of a stream but that it should not be far from the others.
    if expected[stream] == nil, error <= Self.forwards { return offset }
    return fits(offset) ? offset : wanted - time
  }

  /// For streams that come and go, such as subtitles: what brings them nearer to the others.
  private func nearerOffset(for time: Int64) -> Int64 {
    guard let formerOffset, let latest, latest - jumpTime < Self.memory else { return offset }
    return abs(time + formerOffset - latest) < abs(time + offset - latest) ? formerOffset : offset
  }

  private mutating func advance(_ packet: AVPacket, to time: Int64, _ stream: StreamDescription) {
    var step = Self.units(max(0, packet.duration), stream.timeBase)
    if step == 0, stream.averageFrameRate.isPositive {
      step = Int64(stream.averageFrameRate.inverse.value * Double(Self.second))
    }
    expected[packet.stream_index] = time + step
    latest = max(latest ?? time, time)
  }

  private mutating func note(jumpOf change: Int64, at time: Int64) {
    count += 1
    guard count <= Self.maximumWarnings else { return }
    // FFmpeg takes a jump backwards of more than a minute for the clock having run through its range.
    let change = abs(change) > Self.range / 2 ? change - Self.range * change.signum() : change
    let text = { (units: Int64) in "\((Double(units) / Double(Self.second) * 1000).rounded() / 1000) s" }
    warnings.append(
      "the input's clock jumps by \(text(-change)) at \(text(time)): what follows goes on from there"
        + (count == Self.maximumWarnings ? " (further jumps are not listed)" : ""))
  }

  private static func units(_ ticks: Int64, _ timeBase: Rational) -> Int64 {
    av_rescale_q(ticks, timeBase.raw, unit.raw)
  }
}
