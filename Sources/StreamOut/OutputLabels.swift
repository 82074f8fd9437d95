internal import CFFmpeg
internal import Frames

/// Tags of an output: the input's own, less what no longer holds, and the trail of what was done.
struct OutputLabels {
  let metadata: Metadata
  /// Options of the muxer that the tags and the clock need.
  let muxerOptions: Metadata
  /// What describes the input as a whole and is left out, one sentence each.
  let warnings: [String]

  /// Under this name the trail stands wherever a container takes any tag.
  static let trailKey = "enhanced_by"

  /// What describes the container of the input rather than its content.
  private static let containerKeys: Set = ["major_brand", "minor_version", "compatible_brands", "encoder"]

  init(container: Container, input: MediaDescription, trail: String?) {
    var tags = input.metadata.filter { key, value in
      // AVI's name for the encoder; of a camera it says more.
      !Self.containerKeys.contains(key.lowercased()) && !(key.lowercased() == "software" && value.hasPrefix("Lavf"))
    }
    var options: Metadata = []
    // Covers live in the iTunes list, everything else also in the list of freely named keys; a file has one of the two.
    let hasCover = input.streams.contains { $0.isAttachedPicture }
    let keepsAnyTag = container.carriesAnyTag && !(container.isQuickTimeFamily && hasCover)
    if container.isQuickTimeFamily, !hasCover { options.append(("movflags", "+use_metadata_tags")) }
    // Keeps the input's clock, where the muxer would move it.
    if container.isTransportStream { options.append(("mpegts_copyts", "1")) }
    if container.isTransportStream, let pid = input.programs.first?.tablePID, (0x20...0x1FFA).contains(pid) {
      options.append(("mpegts_pmt_start_pid", "\(pid)"))
    }
    if container.isProgramStream { options.append(("preload", "0")) }
    // The format's own list is of 8 bits; everybody reads the others.
    if container.name == "yuv4mpegpipe" { options.append(("strict", "-1")) }
    // Whatever is below zero is meant to be there: what cannot be has been moved.
    options.append(("avoid_negative_ts", "disabled"))
    if let plays = input.plays {
      // GIF counts repetitions, and has no count for none.
      if container.name == "gif" { options.append(("loop", plays == 0 ? "0" : plays == 1 ? "-1" : "\(plays - 1)")) }
      if container.name == "apng" { options.append(("plays", "\(plays)")) }
    }
    var warnings: [String] = []
    if !input.chapters.isEmpty, !container.carriesChapters {
      warnings.append(
        "\(input.chapters.count) chapters are left out: \(container.longName) cannot carry them; Matroska (.mkv) can")
    }
    let lost = tags.map(\.key).filter { !container.carries(tag: $0, hasCover: hasCover) }
    if !lost.isEmpty {
      warnings.append(
        "tags are left out (\(lost.joined(separator: ", "))): \(container.longName) cannot carry them; Matroska (.mkv) can"
      )
    }
    if let service = input.service, !container.isTransportStream {
      if keepsAnyTag {
        tags += service
      } else {
        let name = service.map { "\($0.key) '\($0.value)'" }.joined(separator: ", ")
        warnings.append(
          "\(name) is left out: \(container.longName) cannot carry it; MPEG-TS (.ts) and Matroska (.mkv) can")
      }
    }
    self.warnings = warnings
    if let trail {
      if keepsAnyTag {
        tags.append((Self.trailKey, trail))
      } else if let index = tags.firstIndex(where: { $0.key.lowercased() == "comment" }) {
        tags[index].value += "; " + trail
      } else {
        tags.append(("comment", trail))
      }
    }
    metadata = tags
    muxerOptions = options
  }

  /// Tags of the video that still hold once it is encoded anew: not its sizes, rates and encoder.
  static func ofEncodedVideo(_ metadata: Metadata) -> Metadata {
    metadata.filter { key, _ in
      let key = key.uppercased()
      return !["ENCODER", "BPS", "DURATION", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES", "ROTATE", "SOURCE_ID"].contains(key)
        && !key.hasPrefix("_STATISTICS_") && !key.hasPrefix("BPS-") && !key.hasPrefix("NUMBER_OF_")
    }
  }
}

extension MediaDescription {
  /// Name and provider of the service that the video belongs to; nil where none is named.
  fileprivate var service: Metadata? {
    guard let program = programs.first(where: { $0.streams.contains(videoIndex) }) else { return nil }
    let tags = program.metadata.filter { $0.key.hasPrefix("service_") && !$0.value.isEmpty }
    return tags.isEmpty ? nil : tags
  }
}
