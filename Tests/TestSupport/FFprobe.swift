import Foundation

/// What `ffprobe` says about a file.
public struct FFprobe: Decodable, Sendable {
  /// One elementary stream.
  public struct Stream: Decodable, Sendable {
    /// Position in the file.
    public let index: Int
    /// Codec, e.g. `h264`.
    public let codecName: String?
    /// `video`, `audio`, `subtitle`, `data` or `attachment`.
    public let codecType: String?
    /// Width in pixels as stored.
    public let width: Int?
    /// Height in pixels as stored.
    public let height: Int?
    /// Pixel format, e.g. `yuv420p`.
    public let pixFmt: String?
    /// Sample aspect ratio, e.g. `4:3`.
    public let sampleAspectRatio: String?
    /// `tv`, `pc` or `nil`.
    public let colorRange: String?
    /// Matrix.
    public let colorSpace: String?
    /// Transfer characteristics.
    public let colorTransfer: String?
    /// Primaries.
    public let colorPrimaries: String?
    /// `left`, `center`, `topleft`, ...
    public let chromaLocation: String?
    /// `progressive`, `tt`, `bb`, `tb`, `bt`.
    public let fieldOrder: String?
    /// Nominal frame rate as a fraction.
    public let rFrameRate: String?
    /// First timestamp in seconds.
    public let startTime: String?
    /// Duration in seconds, where the container has one for each stream.
    public let duration: String?
    /// Metadata.
    public let tags: [String: String]?
    /// Disposition flags by name, 0 or 1.
    public let disposition: [String: Int]?
    /// Stream side data, the display matrix among them.
    public let sideDataList: [SideData]?

    /// Rotation in degrees from the display matrix, in [0, 360); `nil` without one.
    public var rotation: Int? {
      sideDataList?.compactMap(\.rotation).first.map { (Int($0.rounded()) % 360 + 360) % 360 }
    }

    /// The dispositions that are set, sorted.
    public var dispositions: [String] { (disposition ?? [:]).filter { $0.value != 0 }.keys.sorted() }
  }

  /// One piece of stream side data.
  public struct SideData: Decodable, Sendable {
    /// Degrees, counter-clockwise, of a display matrix.
    public let rotation: Double?
  }

  /// The container.
  public struct Container: Decodable, Sendable {
    /// Demuxer names, e.g. `mov,mp4,m4a,3gp,3g2,mj2`.
    public let formatName: String
    /// First timestamp in seconds.
    public let startTime: String?
    /// Duration in seconds.
    public let duration: String?
    /// Metadata.
    public let tags: [String: String]?
  }

  /// A chapter.
  public struct Chapter: Decodable, Sendable {
    /// Seconds.
    public let startTime: String
    /// Seconds.
    public let endTime: String
    /// Metadata, the title among them.
    public let tags: [String: String]?
  }

  /// A decoded frame.
  public struct Frame: Decodable, Sendable {
    /// Presentation time in seconds.
    public let bestEffortTimestampTime: String?
    /// Width in pixels.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// 1 for interlaced content.
    public let interlacedFrame: Int
    /// 1 if the upper field comes first.
    public let topFieldFirst: Int
    /// Presentation time in seconds; NaN if there is none.
    public var time: Double { Double(bestEffortTimestampTime ?? "") ?? .nan }
  }

  /// A stored packet.
  public struct Packet: Decodable, Sendable {
    /// Presentation time in seconds.
    public let ptsTime: String?
    /// Hash of the payload.
    public let dataHash: String
    /// Presentation time in seconds; NaN if there is none.
    public var time: Double { Double(ptsTime ?? "") ?? .nan }
  }

  /// All streams in order.
  public let streams: [Stream]
  /// The container.
  public let format: Container
  /// All chapters in order.
  public let chapters: [Chapter]

  /// The streams of one type, e.g. `audio`.
  public func streams(_ type: String) -> [Stream] { streams.filter { $0.codecType == type } }

  /// The first video stream that is no cover picture.
  public var video: Stream? { streams("video").first { !$0.dispositions.contains("attached_pic") } }

  /// Container duration in seconds; NaN if unknown.
  public var duration: Double { Double(format.duration ?? "") ?? .nan }

  /// Reads the headers of a file.
  public static func inspect(_ path: String) async throws -> FFprobe {
    try await decode(FFprobe.self, ["-show_streams", "-show_format", "-show_chapters", path])
  }

  /// Every decoded frame of a video stream.
  public static func frames(of path: String, stream: String = "v:0") async throws -> [Frame] {
    struct Frames: Decodable { let frames: [Frame]? }
    let entries = "frame=best_effort_timestamp_time,width,height,interlaced_frame,top_field_first"
    return try await decode(
      Frames.self, ["-select_streams", stream, "-show_frames", "-show_entries", entries, path]
    ).frames ?? []
  }

  /// Every packet of a stream, with its MD5.
  public static func packets(of path: String, stream: String) async throws -> [Packet] {
    struct Packets: Decodable { let packets: [Packet]? }
    let options = ["-show_packets", "-show_data_hash", "md5", "-show_entries", "packet=pts_time,data_hash"]
    return try await decode(Packets.self, ["-select_streams", stream] + options + [path]).packets ?? []
  }

  private static func decode<T: Decodable>(_ type: T.Type, _ arguments: [String]) async throws -> T {
    let result = try await Subprocess.run("ffprobe", ["-v", "error", "-print_format", "json"] + arguments)
    guard result.status == 0 else { throw ProcessError.failed(result) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: Data(result.standardOutput))
    } catch {
      throw ProcessError.unexpectedOutput(command: result.command, text: "\(error)\n\(result.text)")
    }
  }
}
