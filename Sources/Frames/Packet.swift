package import CFFmpeg
internal import CFFmpegShims

/// Compressed data of one stream, as the demuxer found it. Reference-counted.
///
/// `@unchecked Sendable`: filled by its creator, then handed from one owner to the next, never shared.
public final class Packet: @unchecked Sendable {
  /// Owned: freed with this object.
  package let raw: UnsafeMutablePointer<AVPacket>
  /// Seconds per tick of the packet's timestamps.
  public let timeBase: Rational

  /// Takes ownership of `raw`.
  package init(owning raw: UnsafeMutablePointer<AVPacket>, timeBase: Rational) {
    self.raw = raw
    self.timeBase = timeBase
  }

  deinit {
    var pointer: UnsafeMutablePointer<AVPacket>? = raw
    av_packet_free(&pointer)
  }

  /// The index of its stream in the input.
  public var streamIndex: Int { Int(raw.pointee.stream_index) }
  /// Whether decoding can begin with it.
  public var isKey: Bool { raw.pointee.flags & AV_PKT_FLAG_KEY != 0 }
  /// Bytes of compressed data.
  public var byteCount: Int { Int(raw.pointee.size) }
  /// When it is decoded, or shown where that is unknown; nil if it carries no time.
  public var timestamp: Timestamp? {
    let ticks = raw.pointee.dts != zdv_no_pts ? raw.pointee.dts : raw.pointee.pts
    return ticks == zdv_no_pts ? nil : Timestamp(ticks: ticks, timeBase: timeBase)
  }
}
