internal import CFFmpeg
internal import Frames

/// Tags of an output: the input's own, less what no longer holds, and the trail of what was done.
struct OutputLabels {
  let metadata: Metadata
  /// Options of the muxer that the tags and the clock need.
  let muxerOptions: Metadata

  /// Under this name the trail stands wherever a container takes any tag.
  static let trailKey = "enhanced_by"

  /// What describes the container of the input rather than its content.
  private static let containerKeys: Set = ["major_brand", "minor_version", "compatible_brands", "encoder"]

  init(container: Container, input: MediaDescription, trail: String?) {
    var tags = input.metadata.filter { !Self.containerKeys.contains($0.key.lowercased()) }
    var options: Metadata = []
    // Covers live in the iTunes list, everything else also in the list of freely named keys; a file has one of the two.
    let hasCover = input.streams.contains { $0.isAttachedPicture }
    let keepsAnyTag = container.carriesAnyTag && !(container.isQuickTimeFamily && hasCover)
    if container.isQuickTimeFamily, !hasCover { options.append(("movflags", "+use_metadata_tags")) }
    // Keeps the input's clock, where the muxer would move it.
    if container.name == "mpegts" { options.append(("mpegts_copyts", "1")) }
    if container.isProgramStream { options.append(("preload", "0")) }
    // The format's own list is of 8 bits; everybody reads the others.
    if container.name == "yuv4mpegpipe" { options.append(("strict", "-1")) }
    if container.isMatroska { options.append(("avoid_negative_ts", "disabled")) }
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
