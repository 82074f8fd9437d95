internal import CFFmpeg
internal import Frames

/// Which stream of a new connection continues which one of the first: outputs were made for those.
struct StreamMatch {
  /// By index in the new connection.
  private var targets: [Int?] = []

  /// Nothing matches.
  init() {}

  /// Streams other than the video match in their order, if their kind, codec and layout are the same.
  init(from new: MediaDescription, to first: MediaDescription) {
    var free = first.streams.filter { $0.index != first.videoIndex }
    targets = new.streams.map { stream in
      guard stream.index != new.videoIndex, let place = free.firstIndex(where: { Self.match($0, stream) }) else {
        return nil
      }
      return free.remove(at: place).index
    }
  }

  subscript(index: Int) -> Int? { index < targets.count ? targets[index] : nil }

  private static func match(_ one: StreamDescription, _ other: StreamDescription) -> Bool {
    let (one, other) = (one.parameters.raw.pointee, other.parameters.raw.pointee)
    return one.codec_type == other.codec_type && one.codec_id == other.codec_id && one.sample_rate == other.sample_rate
      && one.ch_layout.nb_channels == other.ch_layout.nb_channels
  }
}
