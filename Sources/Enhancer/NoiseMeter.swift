internal import CKernels
internal import Frames

/// Measures how noisy footage is, level by level of brightness: sensor noise differs between the dark and the light,
/// between cameras, and by orders of magnitude with the codec's quantiser.
///
/// Some rows of each frame are cut into blocks, whose grain the kernel finds. Blocks without texture of their own have
/// the noise and nothing else, so a low quantile of all blocks of a level is its noise. What was seen is forgotten over
/// several frames. For one thread at a time.
final class NoiseMeter {
  /// What was measured, and at least the usual.
  private(set) var noise = NoiseLevels.usual
  /// The share of luma's blocks at each level of brightness; none where nothing was seen.
  private(set) var shares = [Double](repeating: 0, count: levels)
  /// Codes by which blocks of luma change from frame to frame that show nothing new, most of them: what a codec makes of
  /// noise is no grain, but does not rest.
  private(set) var flicker = usualFlicker

  /// Noise in terms of grain: what hardly any sample exceeds.
  private static let noisePerGrain = 3.2
  /// The share of a level's blocks that is taken to be without texture.
  private static let quantile: Float = 0.35
  /// The share of luma blocks that are taken to show nothing new.
  private static let flickerQuantile: Float = 0.75
  /// Where nothing is known.
  private static let usualFlicker = 2.0
  /// What is left after a frame of the blocks counted before it.
  private static let memory: Float = 0.8
  /// Blocks that tell something of a level.
  private static let fewest: Float = 20
  /// Rows from one that is looked at to the next, at most: an odd number, for the sake of both fields.
  private static let rowStep = 41
  /// Of low pictures about so many rows are looked at.
  private static let fewestRows = 16
  /// Grain is counted in steps of an eighth of a code, up to twelve codes.
  private static let bins = 96, binSize = 16
  private static let levels = Int(ZDK_DENOISE_LEVELS)

  private var groups: [FineSource.Group] = []
  /// Blocks by component, level and grain; colour has them all at the lowest level.
  private var counts: [Float] = []
  /// Blocks of luma by change.
  private var changes = [Float](repeating: 0, count: bins)
  /// The rows of the frame before, one after the other.
  private var before = UnsafeMutableBufferPointer<UInt16>(start: nil, count: 0)
  /// Up to three rows with a sample on either side, then a row's grain, its changes and its levels.
  private var scratch = UnsafeMutableBufferPointer<UInt16>(start: nil, count: 0)
  private var rows: [UnsafeMutablePointer<UInt16>] = []
  private var widest = 0
  /// Whether all that was counted is of a first frame.
  private var isAlone = true

  deinit {
    before.deallocate()
    scratch.deallocate()
  }

  /// Looks at a frame; the first one of a scene has nothing before it to be compared with.
  func measure(_ source: FineSource, isFirst: Bool, _ kernels: Kernels) {
    if source.groups != groups { reserve(source.groups) }
    // A single frame may be rough by its texture: that is forgotten once there are two.
    let left = isFirst || isAlone ? 0 : Self.memory
    counts.withUnsafeMutableBufferPointer { for index in $0.indices { $0[index] *= left } }
    changes.withUnsafeMutableBufferPointer { for index in $0.indices { $0[index] *= left } }
    isAlone = isFirst
    var old = before.baseAddress!
    for group in groups {
      rows.removeAll(keepingCapacity: true)
      for index in group.components.indices {
        rows.append(scratch.baseAddress! + (index - group.components.lowerBound) * (widest + 2) + 1)
      }
      for y in Self.lines(of: group) {
        rows.withUnsafeBufferPointer { source.widen(y, of: group, into: $0.baseAddress!, kernels) }
        for (row, component) in zip(rows, group.components) {
          count(row, of: component, old, group, isComparing: !isFirst, kernels)
          old.update(from: row, count: group.width)
          old += group.width
        }
      }
    }
    settle()
  }

  /// The rows of a group that are looked at.
  private static func lines(of group: FineSource.Group) -> StrideTo<Int> {
    let step = max(3, min(rowStep, group.height / fewestRows) | 1)
    return stride(from: min(step / 2, group.height - 1), to: group.height, by: step)
  }

  private func count(
    _ row: UnsafeMutablePointer<UInt16>, of component: Int, _ old: UnsafeMutablePointer<UInt16>,
    _ group: FineSource.Group, isComparing: Bool, _ kernels: Kernels
  ) {
    row[-1] = row[0]
    row[group.width] = row[group.width - 1]
    let grain = scratch.baseAddress! + 3 * (widest + 2), change = grain + widest, level = change + widest
    kernels.table.pointee.grain(grain, change, level, row, isComparing ? old : nil, group.width)
    let isLuma = group.isLuma && component == group.components.lowerBound
    let start = component * Self.levels
    let blocks = group.width / Int(ZDK_GRAIN_BLOCK)
    counts.withUnsafeMutableBufferPointer { counts in
      for block in 0..<blocks {
        let line = start + (isLuma ? min(Int(level[block]) >> 11, Self.levels - 1) : 0)
        counts[line * Self.bins + min(Int(grain[block]) / Self.binSize, Self.bins - 1)] += 1
      }
    }
    guard isLuma, isComparing else { return }
    changes.withUnsafeMutableBufferPointer { changes in
      for block in 0..<blocks { changes[min(Int(change[block]) / Self.binSize, Self.bins - 1)] += 1 }
    }
  }

  /// Makes `noise` of what was counted. Levels that hardly occur have the noise of the darker ones.
  private func settle() {
    noise = .usual
    flicker = Self.quantile(Self.flickerQuantile, of: changes[...]) ?? Self.usualFlicker
    for group in groups {
      for component in group.components {
        let isLuma = group.isLuma && component == group.components.lowerBound
        var grain = 0.0
        if isLuma { settleShares(component) }
        for level in 0..<(isLuma ? Self.levels : 1) {
          grain = self.grain(component, level) ?? grain
          let measured = min(grain * Self.noisePerGrain, NoiseLevels.largest)
          if isLuma {
            noise.luma[level] = max(noise.luma[level], measured)
          } else {
            noise.color = max(noise.color, measured)
          }
        }
      }
    }
  }

  private func settleShares(_ component: Int) {
    var sum = 0.0
    for level in 0..<Self.levels {
      let start = (component * Self.levels + level) * Self.bins
      var blocks: Float = 0
      for count in counts[start..<start + Self.bins] { blocks += count }
      shares[level] = Double(blocks)
      sum += shares[level]
    }
    for level in shares.indices { shares[level] = sum > 0 ? shares[level] / sum : 0 }
  }

  /// The grain of blocks without texture, in codes; nil where there is next to no block.
  private func grain(_ component: Int, _ level: Int) -> Double? {
    let start = (component * Self.levels + level) * Self.bins
    return Self.quantile(Self.quantile, of: counts[start..<start + Self.bins])
  }

  /// The value, in codes, that this share of the counted blocks stay below; nil where there is next to no block.
  private static func quantile(_ share: Float, of counts: ArraySlice<Float>) -> Double? {
    var all: Float = 0
    for count in counts { all += count }
    guard all >= fewest else { return nil }
    var sum: Float = 0
    for (bin, count) in counts.enumerated() {
      sum += count
      if sum >= share * all { return Double(bin * binSize) / NoiseLevels.stepsPerCode }
    }
    return nil
  }

  private func reserve(_ groups: [FineSource.Group]) {
    self.groups = groups
    isAlone = true
    let components = groups.reduce(0) { $0 + $1.components.count }
    counts = [Float](repeating: 0, count: components * Self.levels * Self.bins)
    widest = groups.map(\.width).max() ?? 0
    let samples = groups.reduce(0) { sum, group in
      sum + group.components.count * group.width * Array(Self.lines(of: group)).count
    }
    before.deallocate()
    scratch.deallocate()
    before = .allocate(capacity: samples)
    before.initialize(repeating: 0)
    scratch = .allocate(capacity: 3 * (widest + 2) + 3 * widest)
    scratch.initialize(repeating: 0)
  }
}
