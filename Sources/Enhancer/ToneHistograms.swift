internal import CKernels
internal import Frames

/// The cells of a thumbnail by brightness, in equal steps from 0 to 1: by their largest channel, and by green.
///
/// Keeps its memory between pictures. For one thread at a time.
final class ToneHistograms {
  private static let steps = 1024

  private let kernels: Kernels
  private var cells = 0
  private let byGreatest = UnsafeMutableBufferPointer<Int32>.allocate(capacity: steps + 1)
  private let byGreen = UnsafeMutableBufferPointer<Int32>.allocate(capacity: steps + 1)

  init(kernels: Kernels) {
    self.kernels = kernels
    byGreatest.initialize(repeating: 0)
    byGreen.initialize(repeating: 0)
  }

  deinit {
    byGreatest.deallocate()
    byGreen.deallocate()
  }

  /// Counts the cells of a thumbnail, in place of those before. What is no number counts as black.
  func count(_ thumbnail: PlanarFrame) {
    let width = thumbnail.width
    cells = width * thumbnail.height
    byGreatest.update(repeating: 0)
    byGreen.update(repeating: 0)
    // Some cells at a time, which fit on the stack.
    let most = 128
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 2 * most) { places in
      let greatest = places.baseAddress!, green = greatest + most
      for y in 0..<thumbnail.height {
        for left in stride(from: 0, to: width, by: most) {
          let count = min(most, width - left)
          kernels.table.pointee.tone_steps(
            greatest, green, thumbnail.row(y, channel: 0) + left, thumbnail.row(y, channel: 1) + left,
            thumbnail.row(y, channel: 2) + left, count, Float(Self.steps))
          for x in 0..<count {
            byGreatest[Int(greatest[x])] += 1
            byGreen[Int(green[x])] += 1
          }
        }
      }
    }
  }

  /// The largest channel of a cell, and the green one, that this share of the cells exceed.
  func greatest(exceededBy share: Double) -> Float { value(of: byGreatest, exceededBy: share) }
  func green(exceededBy share: Double) -> Float { value(of: byGreen, exceededBy: share) }

  private func value(of counts: UnsafeMutableBufferPointer<Int32>, exceededBy share: Double) -> Float {
    var left = Int32(Double(cells) * share)
    for step in counts.indices.reversed() {
      left -= counts[step]
      if left < 0 { return (Float(step) + 1) / Float(Self.steps) }
    }
    return 0
  }
}
