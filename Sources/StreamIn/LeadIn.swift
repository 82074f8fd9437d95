internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Holds back compressed video before the start of the wanted part, so that only its last group of pictures is decoded.
struct LeadIn {
  /// Seconds on the input's clock; nil once the start has been reached, or if everything is wanted.
  private var start: Double?
  private var held: [Packet] = []
  private var bytes = 0

  /// A group of pictures that is larger is decoded as it comes.
  private static let maximumBytes = 256 << 20
  /// Without a time of display, a key frame may be shown so many seconds after its time of decoding.
  private static let reordering = 0.5

  init(start: Double?) { self.start = start }

  var isOver: Bool { start == nil }

  /// Takes a packet of the video; what is to be decoded now, in this order.
  mutating func admit(_ packet: Packet) -> [Packet] {
    guard let start else { return [packet] }
    let raw = packet.raw.pointee
    let shown = raw.pts != zdv_no_pts ? Double(raw.pts) * packet.timeBase.value : nil
    let decoded = raw.dts != zdv_no_pts ? Double(raw.dts) * packet.timeBase.value : nil
    if raw.flags & AV_PKT_FLAG_KEY != 0, let time = shown ?? decoded.map({ $0 + Self.reordering }), time <= start {
      held = []
      bytes = 0
    }
    held.append(packet)
    bytes += packet.byteCount
    guard let time = max(shown, decoded), time < start, bytes <= Self.maximumBytes else { return release() }
    return []
  }

  /// Everything that was held back, for instance at the end of the input.
  mutating func release() -> [Packet] {
    start = nil
    defer { held = [] }
    return held
  }

  private func max(_ first: Double?, _ second: Double?) -> Double? {
    guard let first, let second else { return first ?? second }
    return Swift.max(first, second)
  }
}
