internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Where one sink of a live run writes, and in which container.
public struct LiveTarget: Sendable {
  /// What kind of place it is.
  enum Kind: Sendable {
    /// A server or a receiver.
    case connection
    /// A playlist with its segments beside it.
    case playlist
    /// A file, or files cut by time.
    case recording
    /// Standard output.
    case pipe
    /// Nowhere.
    case nothing
  }

  /// A path, a URL, `-` or `null`.
  public let location: String
  let kind: Kind
  /// FFmpeg's name of the container.
  let formatName: String
  /// Seconds after which a recording goes on in another file; nil is never.
  let segment: Double?
  /// Which finished segments to keep.
  let retention: Retention?
  let overwrite: Bool
  let transport: String

  /// For messages.
  var name: String { redacted(location) }
  /// Whether file names are made from the time of day.
  var isDated: Bool { kind == .recording && location.contains("%") }

  /// - Parameters:
  ///   - location: rtsp://, rtmp://, udp://, srt:// and other URLs; a name that ends in .m3u8; a path, in which
  ///     strftime's codes stand for the time at which the file begins; `-` for standard output; `null` for nowhere.
  ///   - format: FFmpeg's name of the container, for places whose name does not tell.
  ///   - segment: seconds after which a recording goes on in another file, at the next key frame.
  ///   - retention: which segments to keep.
  ///   - transport: how RTSP carries the media, as `LiveSourceOptions.Transport` says.
  ///   - overwrite: replace files that exist when the run begins.
  public init(
    _ location: String, format: String? = nil, segment: Double? = nil, retention: Retention? = nil,
    transport: String = "tcp", overwrite: Bool = false
  ) throws(StreamOutError) {
    let location = normalized(location)
    self.location = location
    self.transport = transport
    self.overwrite = overwrite
    let known = Self.format(of: location)
    let container: Container
    if location != "-", let guessed = try? Container(location: location, name: known) {
      container = guessed
    } else {
      container = try Container(location: location, name: format)
    }
    formatName = container.name
    kind =
      switch formatName {
      case "null": .nothing
      case "hls": .playlist
      case _ where location == "-": .pipe
      case _ where location.contains("://"): .connection
      default: .recording
      }
    let isCut = kind == .recording
    self.segment = isCut ? segment : nil
    self.retention = isCut ? retention : nil
    if isCut, segment != nil, !location.contains("%") { throw .undatedSegments(location: redacted(location)) }
    if kind == .pipe, container.needsSeeking { throw .cannotSeek(location: "-", container: container.longName) }
    if isDated { try checkFolder() }
  }

  var container: Container {
    get throws(StreamOutError) { try Container(location: location, name: formatName) }
  }

  private static func format(of location: String) -> String? {
    if location == "null" { return "null" }
    let path = location.prefix { $0 != "?" && $0 != "#" }
    if path.hasSuffix(".m3u8") { return "hls" }
    guard let scheme = location.firstRange(of: "://") else { return nil }
    return switch location[..<scheme.lowerBound] {
    case "rtsp", "rtsps": "rtsp"
    case "rtmp", "rtmps", "rtmpt", "rtmpts", "rtmpe": "flv"
    case "udp", "srt", "tcp", "unix", "rist", "udplite": "mpegts"
    case "rtp", "srtp": "rtp_mpegts"
    default: nil
    }
  }

  /// Folders above the first dated part of a name must be there; those below are made as time goes on.
  private func checkFolder() throws(StreamOutError) {
    let fixed = location.prefix { $0 != "%" }
    let folder = fixed.lastIndex(of: "/").map { String(fixed[...$0]) } ?? "."
    guard access(folder, W_OK) != 0 else { return }
    throw .cannotCreate(FFmpegError(code: zdv_averror(errno), operation: "create", subject: folder))
  }
}

extension LiveTarget {
  /// Options of the muxer.
  func muxerOptions(_ labels: OutputLabels) -> Metadata {
    switch formatName {
    case "rtsp": return [("rtsp_transport", transport)]
    case "flv": return [("flvflags", "no_duration_filesize")]
    case "hls":
      let stem = ((location.prefix { $0 != "?" }) as NSString).lastPathComponent.replacingOccurrences(
        of: ".m3u8", with: "")
      let folder = (location as NSString).deletingLastPathComponent
      let isHere = folder.isEmpty || location.contains("://")
      let beside = isHere ? "" : folder.replacingOccurrences(of: "%", with: "%%") + "/"
      return [
        ("hls_segment_type", "fmp4"), ("hls_time", "2"), ("hls_list_size", "6"),
        ("hls_flags", "delete_segments+independent_segments+program_date_time"),
        // Numbers that no earlier run has used, so that players and caches take nothing for what it is not.
        ("hls_start_number_source", "epoch"), ("hls_fmp4_init_filename", "\(stem)-init.mp4"),
        ("hls_segment_filename", "\(beside)\(stem.replacingOccurrences(of: "%", with: "%%"))-%d.m4s"),
      ]
    case "matroska", "webm":
      // What is not yet in a finished cluster is lost with the process.
      return labels.muxerOptions + [("cluster_time_limit", "1000")]
    case "mpegts", "rtp_mpegts": return []
    case "mp4", "mov", "ipod", "3gp", "3g2", "f4v", "psp":
      let own = labels.muxerOptions.first { $0.key == "movflags" }?.value ?? ""
      // What is not yet in a finished fragment is lost with the process.
      return [("movflags", "+frag_keyframe+empty_moov+default_base_moof" + own), ("frag_duration", "1000000")]
    default: return labels.muxerOptions
    }
  }

  /// Options of the protocol.
  var protocolOptions: Metadata {
    // Whole packets of a transport stream in each datagram.
    location.hasPrefix("udp://") && !location.contains("pkt_size") ? [("pkt_size", "1316")] : []
  }
}
