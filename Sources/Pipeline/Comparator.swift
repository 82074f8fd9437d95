internal import Foundation
internal import Frames

/// Composes original and result into one picture, plane by plane.
final class Comparator {
  private let comparison: Comparison
  private var pool: FramePool?

  init(_ comparison: Comparison) { self.comparison = comparison }

  /// `original` and `enhanced` have the same size and direct format.
  func compose(_ original: VideoFrame, _ enhanced: VideoFrame) throws(FFmpegError) -> VideoFrame {
    guard comparison != .none, let layout = original.format.layout else { return enhanced }
    // A cut between chroma samples would mix the two.
    let columns = comparison == .split ? (original.width / 2) & ~1 : max(1, original.width & ~1)
    let width = comparison == .split ? original.width : original.width == 1 ? 2 : 2 * columns
    if pool?.width != width || pool?.height != original.height || pool?.format != original.format {
      pool = try FramePool(width: width, height: original.height, format: original.format)
    }
    let result = try pool!.frame(describedBy: original)
    for plane in 0..<layout.planeCount {
      let unit = layout.unitBytes(ofPlane: plane)
      let rows = layout.height(ofPlane: plane, picture: original.height)
      let cut = layout.width(ofPlane: plane, picture: columns) * unit
      let total = layout.width(ofPlane: plane, picture: width) * unit
      for y in 0..<rows {
        let target = result.plane(plane) + y * result.stride(ofPlane: plane)
        let left = original.plane(plane) + y * original.stride(ofPlane: plane)
        let right = enhanced.plane(plane) + y * enhanced.stride(ofPlane: plane)
        memcpy(target, left, cut)
        memcpy(target + cut, comparison == .split ? right + cut : right, total - cut)
      }
    }
    return result
  }
}
