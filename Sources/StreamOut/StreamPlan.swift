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
      if Self.isTimecodeTrack(stream), container.isQuickTimeFamily || Self.keepsTimecode(of: input, in: container) {
        return .regenerated
      }
      if Self.isChapterTrack(stream), !input.chapters.isEmpty { return .regenerated }
      if container.name == "matroska", stream.isAttachedPicture, stream.attachedPicture != nil { return .attached }
      if stream.isKnown, container.accepts(stream) { return .copied }
      if stream.kind == .subtitle, SubtitleConverter.isText(stream),
        let codec = SubtitleConverter.textCodec(of: container),
        let converter = try? SubtitleConverter(stream, to: codec)
      {
        if ["ass", "ssa"].contains(stream.codecName) {
          warnings.append(
            "\(stream.label) loses its styling: \(container.longName) carries plain text; Matroska (.mkv) keeps it")
        }
        return .converted(converter)
      }
      warnings.append("\(stream.label) is left out: " + Self.reason(stream, container))
      return .leftOut
    }
    self.warnings = warnings
  }

  private static func reason(_ stream: StreamDescription, _ container: Container) -> String {
    guard stream.isKnown else {
      return
        "there is none of it near the beginning of the input, so that nothing is known of it; to keep it, first make "
        + "a copy with ffmpeg -probesize 1G -analyzeduration 1G -i IN -map 0 -c copy OUT.mkv"
    }
    let others = [("matroska", "Matroska (.mkv)"), ("mov", "QuickTime (.mov)"), ("mpegts", "MPEG-TS (.ts)")]
    let other = others.first { name, _ in
      if name == "matroska", stream.isAttachedPicture { return true }
      guard let candidate = try? Container(location: "", name: name) else { return false }
      if isTimecodeTrack(stream) { return candidate.isQuickTimeFamily }
      return candidate.accepts(stream)
        || (SubtitleConverter.isText(stream) && SubtitleConverter.textCodec(of: candidate) != nil)
    }
    return "\(container.longName) cannot carry it" + (other.map { "; \($0.1) can" } ?? "")
  }

  /// Whether the time code stays as a tag of the video.
  private static func keepsTimecode(of input: MediaDescription, in container: Container) -> Bool {
    container.isMatroska && input.video.metadata.contains { $0.key.lowercased() == "timecode" }
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

extension StreamDescription {
  /// Whether the input said enough of it to write a header.
  fileprivate var isKnown: Bool {
    let parameters = parameters.raw.pointee
    return switch kind {
    case .video: parameters.codec_id != AV_CODEC_ID_NONE && parameters.width > 0
    case .audio: parameters.codec_id != AV_CODEC_ID_NONE && parameters.sample_rate > 0
    default: true
    }
  }
}
