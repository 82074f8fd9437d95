public import Frames

/// Decides whether a curve map still fits: compares thumbnails with the one that the map was made from.
///
/// Comparing with that one, not with the frame before, lets slow drift add up until it counts.
public struct CurveReuse: Sendable {
  /// The default of `EnhancementOptions.reuseThreshold`: one level of 255.
  ///
  /// Chosen by trying 0.002 to 0.016, and blocks of 4 to 12 times that, on night footage. Fixed cameras reuse nine maps in
  /// ten: one up to which somebody walks until he fills the picture 90 %, at a luma PSNR of 54 dB to fresh maps (worst frame
  /// 46 dB); one of 10 frames per second, before which people walk all the time, 91 % at 66 dB. A dashcam reuses 88 % at
  /// 48 dB (44 dB), the mean never more than 1.2 levels apart.
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
  /// Seconds for which a map also serves frames that differ a little more: what moves through a picture, such as
  /// traffic, changes the curve of the rest by little, and maps fade into each other anyway. So footage that never
  /// rests is estimated twice a second instead of every few frames.
  static let patience = 0.5
  /// The same in frames, for slow cameras, as long as these take no more seconds than `longestPatience`, and the whole is
  /// as bright as before but for `steadyShare`: people walk by, and light that changes slowly does not show in steps.
  static let patientFrames = 12
  static let longestPatience = 2.0
  private static let steadyShare = 0.025
  /// Seconds, two frames of most cameras, for which regions may differ by `hastyFactor` times as much and by any share of the
  /// brightness, if the map before lasted no longer than `briefLife`. While something comes close, or a camera turns, pictures
  /// would else be estimated one by one, though maps only fade into each other. Twice as many seconds save as much again,
  /// and cost up to 5 dB.
  static let haste = 0.045
  static let briefLife = 0.09
  private static let hastyFactor = 2.0
  /// How far regions may then differ in the mean, as a factor of the limit of cells; and never by more than this share of
  /// the brightness, lest one night passes for another. Where a camera moves, texture differs from cell to cell, but curves
  /// follow the light of a region.
  private let patientFactor: Double
  /// Not where the result is to stay close to that of fresh maps: each late one would show as a step back.
  private let isEverHasty: Bool
  private static let patientShare = 0.12
  /// The share of the brightness by which cells may differ meanwhile, whatever moves: half of what makes a cut, for which
  /// something bright that has moved since would else be taken.
  private static let patientCellShare = 0.25
  /// Cells of a region in each direction; they divide those of a block.
  private static let regionSize = 4

  /// - Parameters:
  ///   - threshold: see `Limits`.
  ///   - isStrict: whether the result is to stay close to that of the paper's method without reuse.
  public init(mode: ReuseMode, threshold: Double = defaultThreshold, isStrict: Bool = false) {
    self.mode = mode
    patientFactor = isStrict ? 2 : 4
    isEverHasty = !isStrict
    limits = Limits(threshold: threshold)
  }

  /// How far apart two thumbnails of one size are: mean absolute differences.
  struct Difference: Equatable {
    /// Of all cells.
    var mean = 0.0
    /// Of the cells of the block where it is largest.
    var block = 0.0
    /// Of the means of regions.
    var region = 0.0
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
    /// Seconds for which the map before had lasted.
    var lifeBefore = Double.infinity
  }

  /// The same for a frame with a map of this age; `brightness` are the mean values of the thumbnail that the map was made
  /// from, and of the frame's. Without an age, only the difference counts.
  func isReusable(_ difference: Difference, age: Age?, brightness: (then: Double, now: Double)) -> Bool {
    if isReusable(difference) { return true }
    guard mode == .auto, let age, age.seconds >= 0 else { return false }
    guard difference.mean <= Self.patientCellShare * brightness.then else { return false }
    let most = patientFactor * limits.mean
    let isRecent = age.frames < Self.patientFrames
    if isEverHasty, isRecent, age.seconds < Self.haste, age.lifeBefore < Self.briefLife {
      return difference.region <= Self.hastyFactor * most
    }
    guard difference.region <= min(most, Self.patientShare * brightness.then) else { return false }
    return age.seconds < Self.patience
      || isRecent && age.seconds < Self.longestPatience
        && abs(brightness.now - brightness.then) <= Self.steadyShare * brightness.then
  }

  /// The difference of two thumbnails of one size.
  static func difference(_ a: PlanarFrame, _ b: PlanarFrame, _ kernels: Kernels = .best) -> Difference {
    let (width, height) = (a.width, a.height)
    var all = 0.0, ofRegions = 0.0, largest = 0.0
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
            for row in Swift.stride(from: top, to: top + rows, by: regionSize) {
              shifts.initialize(repeating: 0, count: most)
              kernels.table.pointee.distances(
                sums, shifts, a.row(row, channel: channel) + first, b.row(row, channel: channel) + first, a.stride,
                min(regionSize, top + rows - row), count)
              for left in Swift.stride(from: 0, to: count, by: regionSize) {
                // Beyond the last column, there is nothing to be added.
                ofRegions += Double(abs(shifts[left] + shifts[left + 1] + shifts[left + 2] + shifts[left + 3]))
              }
            }
          }
          for left in Swift.stride(from: 0, to: count, by: blockSize) {
            let size = min(blockSize, count - left)
            var sum: Float = 0
            for x in left..<left + size { sum += sums[x] }
            all += Double(sum)
            largest = max(largest, Double(sum) / Double(3 * rows * size))
          }
        }
      }
    }
    let cells = Double(3 * width * height)
    return Difference(mean: all / cells, block: largest, region: ofRegions / cells)
  }
}
