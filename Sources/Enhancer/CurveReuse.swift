public import Frames

/// Decides whether a curve map still fits: compares thumbnails with the one that the map was made from.
///
/// Comparing with that one, not with the frame before, lets slow drift add up until it counts.
public struct CurveReuse: Sendable {
  /// The default of `EnhancementOptions.reuseThreshold`: one level of 255.
  ///
  /// Chosen by trying 0.002 to 0.016, and blocks of 4 to 12 times that, on night footage. In the natural look, fixed cameras
  /// reuse nine maps in ten: one up to which somebody walks until he fills the picture 90 %, at a luma PSNR of 54 dB to fresh
  /// maps (worst frame 47 dB); one of 10 frames per second, before which people walk all the time, 91 % at 66 dB; one above a
  /// wet road full of headlights 90 % at 45 dB (38 dB). A dashcam reuses 90 % at 48 dB (42 dB), the mean never more than 1.1
  /// levels apart. The paper's look, which is to stay closer, reuses 75 to 91 % at 45 dB or more.
  public static let defaultThreshold = 0.004

  /// How far apart two thumbnails may be for one map to serve both; RGB values in [0, 1].
  public struct Limits: Sendable, Hashable {
    /// Mean absolute difference.
    public var mean: Double
    /// Largest mean absolute difference of a block of 8 × 8 cells.
    public var block: Double

    /// Blocks may differ by far more than the whole: something small moves through most pictures, and the map of the
    /// rest still fits.
    public init(threshold: Double) {
      mean = threshold
      block = 12 * threshold
    }
  }

  /// When maps are reused at all.
  public let mode: ReuseMode
  /// What counts as near-identical, in mode `auto`.
  public let limits: Limits
  /// Cells of a block in each direction.
  private static let blockSize = 8
  /// Seconds for which a map also serves frames that differ more, as long as the result is likely to stay as close as
  /// `staleLimit`: what moves through a picture, such as traffic, changes the curve of the rest by little, and maps fade into
  /// each other anyway.
  static let patience = 0.5
  /// The same in frames, for slow cameras, as long as these take no more seconds than `longestPatience`.
  static let patientFrames = 12
  static let longestPatience = 2.0
  /// How far results may be from those with maps of their own meanwhile; see `StaleError`.
  private let staleLimit: Double
  /// The share by which the brightness of the whole may change meanwhile, and in more than `patience`: one light for all
  /// must not show in steps, which the eye sees long before those of something that moves.
  private static let patientShare = 0.05, steadyShare = 0.025
  /// Blocks may never shift by more than this share of the brightness, and cells differ by no more than half of what makes a
  /// cut, for which something bright that has moved would else be taken: lest one night passes for another.
  private static let patientShiftShare = 0.5, patientCellShare = 0.25

  /// - Parameters:
  ///   - threshold: see `Limits`.
  ///   - isStrict: whether the result is to stay close to that of the paper's method without reuse.
  public init(mode: ReuseMode, threshold: Double = defaultThreshold, isStrict: Bool = false) {
    self.mode = mode
    limits = Limits(threshold: threshold)
    // 36 dB by default; what is strict is to be at 44 dB.
    staleLimit = (isStrict ? 1.6 : 4) * threshold
  }

  /// How far apart two thumbnails of one size are: mean absolute differences.
  struct Difference: Equatable {
    /// Of all cells.
    var mean = 0.0
    /// Of the cells of the block where it is largest.
    var block = 0.0
    /// Root mean square of the differences of the means of blocks: how far the light has moved, whatever texture does.
    var shift = 0.0
  }

  /// Whether the map made from `origin` serves `thumbnail` too. Thumbnails of two sizes never share a map.
  public func isReusable(from origin: PlanarFrame, for thumbnail: PlanarFrame) -> Bool {
    guard origin.width == thumbnail.width, origin.height == thumbnail.height else { return false }
    return isReusable(Self.difference(origin, thumbnail))
  }

  /// The same of thumbnails of one size with these differences.
  func isReusable(_ difference: Difference) -> Bool {
    switch mode {
    case .off: false
    case .always: true
    case .auto: difference.mean <= limits.mean && difference.block <= limits.block
    }
  }

  /// How long ago a map was made.
  struct Age {
    /// Between the times of the frames.
    var seconds: Double
    /// 1 for the frame after the one that the map was made from.
    var frames: Int
  }

  /// The same for a frame with a map of this age. Without an age, only the difference counts.
  /// - Parameters:
  ///   - error: how far the result is likely to be from that with a map of its own; see `StaleError`.
  ///   - brightness: mean values of the thumbnail that the map was made from, and of the frame's.
  func isReusable(_ difference: Difference, error: Double, age: Age?, brightness: (then: Double, now: Double)) -> Bool {
    if isReusable(difference) { return true }
    let change = abs(brightness.now - brightness.then)
    guard mode == .auto, let age, age.seconds >= 0, error <= staleLimit, change <= Self.patientShare * brightness.then,
      difference.shift <= Self.patientShiftShare * brightness.then,
      difference.mean <= Self.patientCellShare * brightness.then
    else { return false }
    return age.seconds < Self.patience
      || age.frames < Self.patientFrames && age.seconds < Self.longestPatience
        && change <= Self.steadyShare * brightness.then
  }

  /// Whether nobody could take a result as far from that with a map of its own for it: 36 dB by default.
  func isSudden(_ error: Double) -> Bool { error > 4 * limits.mean }

  /// The difference of two thumbnails of one size.
  static func difference(_ a: PlanarFrame, _ b: PlanarFrame, _ kernels: Kernels = .best) -> Difference {
    let (width, height) = (a.width, a.height)
    var all = 0.0, squares = 0.0, largest = 0.0
    // Columns of some blocks at a time, which fit on the stack.
    let most = 16 * blockSize
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * most) { columns in
      let sums = columns.baseAddress!, shifts = sums + most
      for top in Swift.stride(from: 0, to: height, by: blockSize) {
        let rows = min(blockSize, height - top)
        for first in Swift.stride(from: 0, to: width, by: most) {
          let count = min(most, width - first)
          sums.initialize(repeating: 0, count: most)
          for channel in 0..<3 {
            shifts.initialize(repeating: 0, count: most)
            kernels.table.pointee.distances(
              sums, shifts, a.row(top, channel: channel) + first, b.row(top, channel: channel) + first, a.stride, rows,
              count)
            for left in Swift.stride(from: 0, to: count, by: blockSize) {
              let size = min(blockSize, count - left), sum = Double(total(shifts + left, size))
              squares += sum * sum / Double(rows * size)
            }
          }
          for left in Swift.stride(from: 0, to: count, by: blockSize) {
            let size = min(blockSize, count - left), sum = Double(total(sums + left, size))
            all += sum
            largest = max(largest, sum / Double(3 * rows * size))
          }
        }
      }
    }
    let cells = Double(3 * width * height)
    return Difference(mean: all / cells, block: largest, shift: (squares / cells).squareRoot())
  }

  private static func total(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
    var sum: Float = 0
    for index in 0..<count { sum += values[index] }
    return sum
  }
}
