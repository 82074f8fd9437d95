internal import Foundation
internal import Frames

/// Composes original and result into one picture, plane by plane: the original to the left as the viewer sees it.
final class Comparator {
  private let comparison: Comparison
  private let displayMatrix: [Int32]?
  private var pool: FramePool?

  /// - Parameter displayMatrix: how the pictures are turned for display; a frame's own stands above it.
  init(_ comparison: Comparison, displayMatrix: [Int32]?) {
    self.comparison = comparison
    self.displayMatrix = displayMatrix
  }

  /// `original` and `enhanced` have the same size and direct format.
  func compose(_ original: VideoFrame, _ enhanced: VideoFrame) throws(FFmpegError) -> VideoFrame {
    guard comparison != .none, let layout = original.format.layout else { return enhanced }
    let direction = Direction(original.displayMatrix ?? displayMatrix)
    let (first, second) = direction.isReversed ? (enhanced, original) : (original, enhanced)
    let tile = Tile(comparison, original, layout, isVertical: direction.isVertical)
    let (width, height) = tile.size(of: comparison)
    if pool?.width != width || pool?.height != height || pool?.format != original.format {
      pool = try FramePool(width: width, height: height, format: original.format)
    }
    let result = try pool!.frame(describedBy: original)
    if height != original.height { result.settleMatrix(height: original.height) }
    for plane in 0..<layout.planeCount {
      let samples = PlaneSamples(layout, plane, original)
      let cut = samples.position(x: direction.isVertical ? 0 : tile.cut, y: direction.isVertical ? tile.cut : 0)
      let end = samples.position(x: width, y: height)
      copy(
        first, to: result, samples, at: (0, 0), from: (0, 0),
        until: (direction.isVertical ? end.x : cut.x, direction.isVertical ? cut.y : end.y))
      copy(second, to: result, samples, at: cut, from: comparison == .split ? cut : (0, 0), until: end)
    }
    return result
  }

  /// Copies what lies below and to the right of `from` to `place`, up to `until`; repeats the last column and row where
  /// the source has no more. Coordinates in units of the plane.
  private func copy(
    _ source: VideoFrame, to target: VideoFrame, _ samples: PlaneSamples, at place: (x: Int, y: Int),
    from: (x: Int, y: Int),
    until: (x: Int, y: Int)
  ) {
    let unit = samples.unit
    let count = min(samples.width - from.x, until.x - place.x)
    guard count > 0, from.y < samples.height else { return }
    for row in place.y..<until.y {
      let line = min(from.y + row - place.y, samples.height - 1)
      let input = source.plane(samples.plane) + line * source.stride(ofPlane: samples.plane) + from.x * unit
      let output = target.plane(samples.plane) + row * target.stride(ofPlane: samples.plane) + place.x * unit
      memcpy(output, input, count * unit)
      for column in count..<max(count, until.x - place.x) {
        memcpy(output + column * unit, output + (count - 1) * unit, unit)
      }
    }
  }
}

/// Where the viewer's left is in the stored picture.
private struct Direction {
  var isVertical = false
  /// The viewer's left is at the right, or at the bottom.
  var isReversed = false

  init(_ matrix: [Int32]?) {
    // The first column says how much further to the right a step to the right, and one down, is shown.
    guard let matrix, matrix.count == 9 else { return }
    let (across, down) = (Int(matrix[0]), Int(matrix[3]))
    isVertical = abs(down) > abs(across)
    isReversed = (isVertical ? down : across) < 0
  }
}

/// Where the second picture begins, in pixels: never between the pixels that share a chroma sample.
private struct Tile {
  let cut: Int
  private let width: Int, height: Int
  private let isVertical: Bool

  init(_ comparison: Comparison, _ frame: VideoFrame, _ layout: PixelLayout, isVertical: Bool) {
    (width, height, self.isVertical) = (frame.width, frame.height, isVertical)
    let unit = 1 << (isVertical ? layout.chromaShiftY : layout.chromaShiftX)
    // Rows of a field share chroma two by two.
    let step = isVertical && frame.isInterlaced ? 2 * unit : unit
    let length = isVertical ? height : width
    cut = comparison == .split ? length / 2 / step * step : (length + step - 1) / step * step
  }

  func size(of comparison: Comparison) -> (width: Int, height: Int) {
    guard comparison == .sideBySide else { return (width, height) }
    return isVertical ? (width, 2 * cut) : (2 * cut, height)
  }
}

/// One plane of a frame, in units of the samples that belong to one position.
private struct PlaneSamples {
  let plane: Int, unit: Int, width: Int, height: Int
  private let layout: PixelLayout

  init(_ layout: PixelLayout, _ plane: Int, _ frame: VideoFrame) {
    (self.layout, self.plane) = (layout, plane)
    unit = layout.unitBytes(ofPlane: plane)
    width = layout.width(ofPlane: plane, picture: frame.width)
    height = layout.height(ofPlane: plane, picture: frame.height)
  }

  func position(x: Int, y: Int) -> (x: Int, y: Int) {
    (layout.width(ofPlane: plane, picture: x), layout.height(ofPlane: plane, picture: y))
  }
}
