internal import Foundation
internal import Frames

/// Puts frames of one size and format into one picture, row by row of tiles.
///
/// Where chroma is halved, an odd last column or row of a tile is left out, so that tiles share no chroma.
struct Tiles {
  private let columns: Int
  private var pool: FramePool?

  /// - Parameter columns: tiles in a row.
  init(columns: Int) { self.columns = columns }

  /// `frames` fill the grid and are of a direct format; the result is described as the first one.
  mutating func compose(_ frames: [VideoFrame]) throws(FFmpegError) -> VideoFrame {
    guard let first = frames.first, let layout = first.format.layout else { preconditionFailure("tiles are direct") }
    precondition(frames.count % columns == 0, "tiles fill the grid")
    let width = layout.chromaShiftX > 0 && first.width > 1 ? first.width & ~1 : first.width
    let height = layout.chromaShiftY > 0 && first.height > 1 ? first.height & ~1 : first.height
    let (fullWidth, fullHeight) = (columns * width, frames.count / columns * height)
    if pool?.width != fullWidth || pool?.height != fullHeight || pool?.format != first.format {
      pool = try FramePool(width: fullWidth, height: fullHeight, format: first.format)
    }
    let result = try pool!.frame(describedBy: first)
    result.settleMatrix(height: first.height)
    for plane in 0..<layout.planeCount {
      let rows = layout.height(ofPlane: plane, picture: height)
      let unit = layout.unitBytes(ofPlane: plane)
      for (index, frame) in frames.enumerated() {
        let left = layout.width(ofPlane: plane, picture: index % columns * width) * unit
        let top = layout.height(ofPlane: plane, picture: index / columns * height)
        let count = layout.width(ofPlane: plane, picture: width) * unit
        for y in 0..<rows {
          memcpy(
            result.plane(plane) + (top + y) * result.stride(ofPlane: plane) + left,
            frame.plane(plane) + y * frame.stride(ofPlane: plane), count)
        }
      }
    }
    return result
  }
}
