internal import CFFmpeg
internal import Frames

/// What becomes of every stream of the input in a given container.
struct StreamPlan {
  enum Fate {
    /// The decoded video, encoded anew.
    case encoded
    /// Packet for packet.
    case copied
    /// A cover picture as an attached file, where the container stores covers so.
    case attached
    /// Text subtitles in the container's own text codec.
    case converted(SubtitleConverter)
    /// The muxer makes it again from metadata.
    case regenerated
    /// The container cannot carry it.
    case leftOut
  }

  /// By index in the input.
  let fates: [Fate]
  /// One sentence for each stream that is left out.
  let warnings: [String]

  init(_ input: MediaDescription, container: Container) {
    var warnings: [String] = []
    fates = input.streams.map { stream in
      if stream.index == input.videoIndex { return .encoded }
      if Self.isTimecodeTrack(stream), container.isQuickTimeFamily { return .regenerated }
      if Self.isChapterTrack(stream), !input.chapters.isEmpty { return .regenerated }
      if container.name == "matroska", stream.isAttachedPicture, stream.attachedPicture != nil { return .attached }
      if container.accepts(stream) { return .copied }
      if stream.kind == .subtitle, SubtitleConverter.isText(stream),
        let codec = SubtitleConverter.textCodec(of: container),
        let converter = try? SubtitleConverter(stream, to: codec)
      {
        return .converted(converter)
      }
      warnings.append(
        "\(stream.label) is left out: \(container.longName) cannot carry it"
          + (Container.matroska?.accepts(stream) == true ? "; Matroska (.mkv) can" : ""))
      return .leftOut
    }
    self.warnings = warnings
  }

  /// QuickTime's clock track: its content is also the `timecode` tag of the video, from which the muxer writes it.
  private static func isTimecodeTrack(_ stream: StreamDescription) -> Bool {
    stream.kind == .data && stream.parameters.raw.pointee.codec_tag == 0x6463_6D74
  }

  /// QuickTime's chapter names: the demuxer has made chapters of them.
  private static func isChapterTrack(_ stream: StreamDescription) -> Bool {
    stream.kind == .data && stream.parameters.raw.pointee.codec_tag == 0x7478_6574
  }
}

extension Container {
  /// The container that carries most; nil if this FFmpeg is built without it.
  static var matroska: Container? { try? Container(location: "", name: "matroska") }
}
