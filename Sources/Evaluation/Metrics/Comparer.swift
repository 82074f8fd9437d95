internal import CKernels
internal import Dispatch
public import Frames

/// Measures frames against references: PSNR, SSIM and MAE of R, G and B.
///
/// Frames are brought to 8-bit RGB, or to 16-bit RGB where either of the two is deeper, whose codes are then taken as
/// fractions of 0 to 255. Transparency is left out. Pictures are compared as stored, before any display rotation.
///
/// SSIM is that of scikit-image with `gaussian_weights=True, use_sample_covariance=False, data_range=255`: a window of
/// 11 × 11 Gaussian weights of sigma 1.5 (truncated at 3.5 sigma), the mean over all places where it fits into the
/// picture, and over the channels. For one thread at a time; works on several.
public final class Comparer {
  private let kernels: UnsafePointer<zdk_kernels>
  private let workers: [SimilarityRows]
  private var scalers: [Scaler?] = [nil, nil]

  /// Rows per band: enough to make up for the ten rows that neighbouring bands both look at.
  private static let bandRows = 128

  /// - Parameter threads: at least 1.
  public convenience init(threads: Int) { self.init(threads: threads, mask: .max) }

  /// `mask` chooses the kernels, as in `zdk_kernels_for`.
  init(threads: Int, mask: UInt32) {
    precondition(threads > 0, "work needs at least one thread")
    let kernels: UnsafePointer<zdk_kernels> = zdk_kernels_for(mask)
    self.kernels = kernels
    workers = (0..<threads).map { _ in SimilarityRows(kernels: kernels) }
  }

  /// The score of `frame` against `reference`, which has the same size.
  public func compare(_ frame: VideoFrame, with reference: VideoFrame) throws(FFmpegError) -> Score {
    precondition(frame.width == reference.width && frame.height == reference.height, "both frames have one size")
    let isDeep = max(frame.format.depth, reference.format.depth) > 8
    let pair = FramePair(
      a: try convert(frame, isDeep: isDeep, side: 0), b: try convert(reference, isDeep: isDeep, side: 1),
      isDeep: isDeep)
    return score(pair)
  }

  private func convert(_ frame: VideoFrame, isDeep: Bool, side: Int) throws(FFmpegError) -> VideoFrame {
    let format = isDeep ? PixelFormat.rgb48 : .rgb24
    if frame.format == format { return frame }
    if scalers[side]?.width != frame.width || scalers[side]?.height != frame.height || scalers[side]?.format != format {
      scalers[side] = try Scaler(width: frame.width, height: frame.height, format: format)
    }
    return try scalers[side]!.convert(frame)
  }

  private func score(_ pair: FramePair) -> Score {
    let height = pair.height
    let bands = (height + Self.bandRows - 1) / Self.bandRows
    let tasks = 3 * bands
    var sums = [SimilarityRows.Sums](repeating: .init(), count: tasks)
    sums.withUnsafeMutableBufferPointer { sums in
      // Safe: each worker takes tasks of its own, and this call outlives the work.
      nonisolated(unsafe) let sums = sums
      nonisolated(unsafe) let workers = workers
      @Sendable func work(_ worker: Int) {
        for task in stride(from: worker, to: tasks, by: workers.count) {
          let top = task / 3 * Self.bandRows
          sums[task] = workers[worker].measure(
            pair, channel: task % 3, rows: top..<min(top + Self.bandRows, height))
        }
      }
      if workers.count == 1 {
        work(0)
      } else {
        DispatchQueue.concurrentPerform(iterations: workers.count, execute: work)
      }
    }
    let total = sums.reduce(into: SimilarityRows.Sums()) { $0.add($1) }
    let places = max(0, pair.width - SimilarityRows.taps + 1) * max(0, height - SimilarityRows.taps + 1) * 3
    return Score(
      absolute: total.absolute, squared: total.squared, count: 3 * pair.width * height,
      ssim: places > 0 ? total.similarity / Double(places) : nil)
  }
}

/// Two frames of one size in packed RGB of one depth.
struct FramePair: @unchecked Sendable {
  let a: VideoFrame
  let b: VideoFrame
  /// 16 bits a sample instead of 8.
  let isDeep: Bool

  var width: Int { a.width }
  var height: Int { a.height }

  /// Writes row `y` of one channel of `frame`, as codes in [0, 255] less 127.5.
  func read(_ frame: VideoFrame, y: Int, channel: Int, into row: UnsafeMutablePointer<Float>) {
    let start = UnsafeRawPointer(frame.plane(0) + y * frame.stride(ofPlane: 0))
    if isDeep {
      let samples = start.assumingMemoryBound(to: UInt16.self) + channel
      for x in 0..<width { row[x] = Float(UInt16(littleEndian: samples[3 * x])) * (255 / 65535) - 127.5 }
    } else {
      let samples = start.assumingMemoryBound(to: UInt8.self) + channel
      for x in 0..<width { row[x] = Float(samples[3 * x]) - 127.5 }
    }
  }
}
