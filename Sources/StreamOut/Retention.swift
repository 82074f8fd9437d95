internal import Foundation

/// Which segments of a recording to keep; the oldest of the others are deleted.
public enum Retention: Sendable, Hashable {
  /// So many of the newest.
  case count(Int)
  /// Those that ended less than so many seconds ago.
  case age(Double)
  /// The newest, as long as all together take no more than so many bytes.
  case bytes(Int)

  /// Deletes what is not to be kept.
  ///
  /// - Parameters:
  ///   - pattern: a path with strftime's codes. Files whose whole path could have been made from it are segments, whoever
  ///     made them; nothing else is touched.
  ///   - current: the segment that is being written; it stays, and counts.
  func prune(_ pattern: String, current: String) {
    let segments = SegmentName(pattern).existing().filter { $0.path != current }.sorted { $0.ended < $1.ended }
    var surplus: [SegmentName.File] = []
    switch self {
    case .count(let limit): surplus = Array(segments.dropLast(max(0, limit - 1)))
    case .age(let limit):
      let oldest = Date().timeIntervalSince1970 - limit
      surplus = segments.filter { $0.ended < oldest }
    case .bytes(let limit):
      var total = 0
      // Newest first; once one does not fit, no older one stays.
      let kept = segments.reversed().prefix { file in
        total += file.bytes
        return total <= limit
      }
      surplus = Array(segments.dropLast(kept.count))
    }
    for file in surplus { unlink(file.path) }
  }
}
