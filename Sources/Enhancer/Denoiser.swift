internal import CKernels
internal import Foundation
internal import Frames

/// Averages noise away in space and time, and holds the denoised frame: fine rows that the native kernels read.
///
/// The history of a frame is the denoised one before; it is replaced in place, band by band, so that nothing but the
/// band is in the caches. A sample depends on its neighbours in the new frame and on itself in the history, so bands do
/// not depend on each other.
///
/// `@unchecked Sendable`: between two calls of `begin` and `next`, the bands that work on it at a time are different rows,
/// and one thread at most measures noise, in what nothing else touches until the next `begin`.
final class Denoiser: @unchecked Sendable {
  private let kernels: Kernels
  private var groups: [FineSource.Group] = []
  private var planes: [Plane] = []
  private var memory = UnsafeMutableBufferPointer<UInt16>(start: nil, count: 0)
  private var scene: Int?
  /// Frames since the history began, this one included.
  private var age = 0
  private let meter = NoiseMeter()
  private var strength = Strength(amount: 0, age: 0, noise: .usual, shares: [], flicker: 0)
  private var taps = passes[0]
  /// What the rows of a frame have in common.
  private var lumaRows = zdk_denoise_rows(), colorRows = zdk_denoise_rows()

  /// The neighbours of a pass: (±near, ±near) and (±far, ±far).
  private struct Taps {
    let near: Int, far: Int
  }

  /// Where nothing lies before it in time, a picture is denoised in space thrice. The wide pass in the middle is for
  /// what a codec and a camera make of noise: it is coarser than a pixel.
  private static let passes = [Taps(near: 1, far: 3), Taps(near: 2, far: 6), Taps(near: 1, far: 3)]

  /// How much of the noise is expected in each of the passes of a first frame: their effects add up, and texture is to
  /// survive.
  private static let firstAmount = 0.7

  /// Frames of a scene whose noise is measured before they are denoised. Later ones go by what was measured up to the
  /// frame before: it hardly changes any more, and the bands need not wait for it.
  private static let framesMeasuredBefore = 2

  /// All components after a pass over the whole picture; gone with the last pass.
  ///
  /// `@unchecked Sendable`: filled before it is handed on, and then only read.
  final class Draft: @unchecked Sendable {
    private let memory: UnsafeMutableBufferPointer<UInt16>
    private let planes: [Plane]

    fileprivate init(of denoiser: Denoiser) {
      memory = UnsafeMutableBufferPointer.allocate(capacity: denoiser.memory.count)
      _ = memory.initialize(fromContentsOf: denoiser.memory)
      let (old, new) = (denoiser.memory.baseAddress!, memory.baseAddress!)
      planes = denoiser.planes.map {
        Plane(start: new + ($0.start - old), stride: $0.stride, recent: new + ($0.recent - old))
      }
    }

    deinit { memory.deallocate() }

    func row(_ y: Int, component: Int) -> UnsafeMutablePointer<UInt16> {
      planes[component].start + y * planes[component].stride
    }
  }

  /// A component's history.
  fileprivate struct Plane {
    let start: UnsafeMutablePointer<UInt16>
    let stride: Int
    /// The memory of motion: a number for each group of samples, row by row.
    let recent: UnsafeMutablePointer<UInt16>

    var groupsPerRow: Int { stride / Int(ZDK_DENOISE_GROUP) }
  }

  init(kernels: Kernels) { self.kernels = kernels }
  deinit { memory.deallocate() }

  /// Prepares for a frame, the next one of `scene`.
  /// - Parameter amount: how much noise is averaged away, 0...1.
  func begin(_ source: FineSource, scene: Int, amount: Double) {
    if source.groups != groups { reserve(source.groups) }
    if scene != self.scene { age = 0 }
    self.scene = scene
    age += 1
    if amount > 0, age <= Self.framesMeasuredBefore { measure(source) }
    strength = Strength(
      amount: age == 1 ? amount * Self.firstAmount : amount, age: age, noise: meter.noise, shares: meter.shares,
      flicker: meter.flicker)
    (lumaRows, colorRows) = (strength.rows(isLuma: true), strength.rows(isLuma: false))
    taps = Self.passes[0]
  }

  /// Whether `measure` is due while the frame is denoised, once.
  var measuresBeside: Bool { amount > 0 && age > Self.framesMeasuredBefore }

  /// Measures the noise of the frame; beside the bands, for the next one.
  func measure(_ source: FineSource) { meter.measure(source, isFirst: age == 1, kernels) }

  /// How often the frame is to be denoised, and what to call in between.
  var passes: Int { age == 1 && strength.amount > 0 ? Self.passes.count : 1 }

  /// Prepares for pass `number`, from 1 on, over what the pass before it made; that one has ended.
  func next(pass number: Int, of source: FineSource) -> FineSource {
    taps = Self.passes[number]
    return source.with(Draft(of: self))
  }

  /// Ends a frame: that everything has changed in the first one is no motion.
  func end() {
    guard age == 1 else { return }
    for (group, plane) in zip(groups.flatMap { group in group.components.map { _ in group } }, planes) {
      plane.recent.update(repeating: 0, count: group.height * plane.groupsPerRow)
    }
  }

  /// Forgets the history; for when a frame passes by.
  func forget() { scene = nil }

  /// A denoised row of a component, after `denoise` for it.
  func row(_ y: Int, component: Int) -> UnsafeMutablePointer<UInt16> {
    planes[component].start + y * planes[component].stride
  }

  private func reserve(_ groups: [FineSource.Group]) {
    self.groups = groups
    scene = nil
    let sizes = groups.flatMap { group in group.components.map { _ in (Self.wholeGroups(group.width), group.height) } }
    let group = Int(ZDK_DENOISE_GROUP)
    let count = sizes.reduce(0) { $0 + ($1.0 + $1.0 / group) * $1.1 }
    memory.deallocate()
    memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count * 2, alignment: 64).bindMemory(to: UInt16.self)
    memory.initialize(repeating: 0)
    var next = memory.baseAddress!
    planes = sizes.map { stride, height in
      defer { next += (stride + stride / group) * height }
      return Plane(start: next, stride: stride, recent: next + stride * height)
    }
  }

  /// The memory of motion of a component's row.
  private func recent(_ y: Int, component: Int) -> UnsafeMutablePointer<UInt16> {
    planes[component].recent + y * planes[component].groupsPerRow
  }

  /// What has moved in the luma that row `y` of chroma colours, for each of the row's groups. Colours would else stay
  /// behind: things often differ from what they cover in brightness alone, or in colour by less than its noise.
  private func gatherMotion(
    _ y: Int, of group: FineSource.Group, isInterlaced: Bool, into floors: UnsafeMutablePointer<UInt16>
  ) {
    let luma = groups[0]
    let halvesRows = luma.height > group.height, halvesColumns = luma.width > group.width
    // Of 4:2:0, with rows of a field next to each other: see `NativeBands`.
    let first = !halvesRows ? y : isInterlaced ? 2 * y - y % 2 : 2 * y
    let second = !halvesRows ? y : first + (isInterlaced ? 2 : 1)
    let a = recent(min(first, luma.height - 1), component: 0)
    let b = recent(second < luma.height ? second : min(first, luma.height - 1), component: 0)
    let last = planes[0].groupsPerRow - 1
    let count = planes[group.components.lowerBound].groupsPerRow
    // Those that two groups of luma belong to, of which vectors take many at once.
    let whole = halvesColumns ? min(count, (last + 1) / 2) : 0
    for index in 0..<whole {
      floors[index] = max(max(a[2 * index], a[2 * index + 1]), max(b[2 * index], b[2 * index + 1]))
    }
    for index in whole..<count {
      let left = min(halvesColumns ? 2 * index : index, last), right = min(halvesColumns ? left + 1 : left, last)
      floors[index] = max(max(a[left], a[right]), max(b[left], b[right]))
    }
  }

  /// `count` rounded up to whole groups of samples.
  static func wholeGroups(_ count: Int) -> Int {
    let group = Int(ZDK_DENOISE_GROUP)
    return (count + group - 1) / group * group
  }

  /// Whether the frame has nothing before it.
  var isBeginning: Bool { age == 1 }

  /// How much noise is averaged away, 0...1.
  var amount: Double { strength.amount }

  /// What a sample that does not move contributes to its history, of 2^15: for each state that is worked on, from
  /// `ZDK_NEW` on.
  typealias Shares = (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16)
  var shares: Shares { strength.rates }

  /// The share of motion, of 2^15, above which something has moved for certain.
  var restlessShare: (luma: Int32, color: Int32) { strength.restlessShare }

  /// Denoises picture rows `rows` of all components, into their history. Bands start at a multiple of 8.
  /// - Parameter tiles: those that are still are left alone, and the others settled; nil where there are none.
  func denoise(
    _ rows: Range<Int>, of source: FineSource, pictureHeight: Int, window: FineWindow, tiles: StillTiles? = nil
  ) {
    for group in groups {
      // A band of chroma rows starts where its luma rows do, and ends with the picture.
      let isHalf = group.height < pictureHeight
      let end = rows.upperBound == pictureHeight ? group.height : isHalf ? rows.upperBound / 2 : rows.upperBound
      denoise((isHalf ? rows.lowerBound / 2 : rows.lowerBound)..<end, of: group, source, window, tiles)
    }
  }

  private func denoise(
    _ rows: Range<Int>, of group: FineSource.Group, _ source: FineSource, _ window: FineWindow, _ tiles: StillTiles?
  ) {
    let step = source.isInterlaced ? 2 : 1
    window.begin(group, reach: taps.far * step)
    let distances = (-taps.far * step, -taps.near * step, taps.near * step, taps.far * step)
    // Tiles are of formats whose components are groups of their own.
    let tiled = group.components.lowerBound
    let height = tiles?.rows(ofComponent: tiled) ?? FineWindow.height
    for top in stride(from: rows.lowerBound, to: rows.upperBound, by: height) {
      // What tiles are known for does not change either: they have settled, or wait.
      if let tiles, !tiles.isActive(top, component: tiled) { continue }
      let part = top..<min(top + height, rows.upperBound)
      for index in group.components.indices {
        var call = group.isLuma && index == tiled ? lumaRows : colorRows
        for y in part {
          func at(_ distance: Int) -> UnsafeRawPointer {
            let row = source.row(distance, from: y, height: group.height)
            if source.isNarrow { return UnsafeRawPointer(source.codes(row, of: group)) }
            return UnsafeRawPointer(window.row(row, component: index - tiled, of: source, kernels))
          }
          let five = window.rows + 5 * (y - top)
          (five[0], five[1], five[2]) = (at(0), at(distances.0), at(distances.1))
          (five[3], five[4]) = (at(distances.2), at(distances.3))
        }
        call.rows = UnsafePointer(window.rows)
        call.scratch = window.scratch
        call.height = Int32(part.count)
        call.count = Int32(group.width)
        call.narrow = source.isNarrow ? 1 : 0
        call.near = Int32(taps.near)
        call.far = Int32(taps.far)
        let plane = planes[index]
        (call.history, call.history_stride) = (row(top, component: index), plane.stride)
        (call.recent, call.recent_stride) = (recent(top, component: index), plane.groupsPerRow)
        if index > tiled {
          (call.motion, call.motion_stride) = (UnsafePointer(recent(top, component: tiled)), plane.groupsPerRow)
        } else if !group.isLuma {
          for y in part {
            let floors = window.motion + (y - top) * plane.groupsPerRow
            gatherMotion(y, of: group, isInterlaced: source.isInterlaced, into: floors)
          }
          (call.motion, call.motion_stride) = (UnsafePointer(window.motion), plane.groupsPerRow)
        }
        if let tiles {
          call.states = tiles.states(top, component: index)
          call.unrest = window.unrest
          call.drift = window.drift
        }
        kernels.table.pointee.denoise(&call)
      }
      if let tiles {
        let last = part.upperBound - 1
        tiles.settle(
          last, component: tiled, drift: window.drift, unrest: window.unrest, history: row(last, component: tiled))
      }
    }
  }
}

extension FineSource {
  /// The row `distance` rows from `y`, or the last one of the same field in that direction.
  fileprivate func row(_ distance: Int, from y: Int, height: Int) -> Int {
    let row = y + distance
    if row < 0 { return isInterlaced ? y & 1 : 0 }
    guard row >= height else { return row }
    let last = height - 1
    return isInterlaced && (last ^ y) & 1 == 1 ? last - 1 : last
  }
}

/// The numbers behind "how much".
private struct Strength {
  /// Of the noise in the dark: the mean change of five samples that counts as stillness, and as motion.
  private static let still = 0.4, moving = 1.15
  /// Codes that are taken for noise in footage that does not flicker at all, and how many more for each that it does.
  private static let leastNoise = 2.0, noisePerFlicker = 1.75
  /// The most that is taken for noise by flicker alone, of what is usual.
  private static let mostNoise = 1.1
  /// The share of luma blocks that noise is common to.
  private static let commonShare = 0.85
  /// The mean change of five samples, in codes, that is no noise whatever the footage.
  private static let restlessCodes = 1.4
  /// The share of a new frame where nothing moves: as good as the mean of 24 frames.
  private static let share = 0.08
  /// The same where the codec repeats what it had: there is no noise to be averaged, and trails are to go.
  private static let repeatedShare = 0.15

  let amount: Double
  let rates: Denoiser.Shares
  private let noise: NoiseLevels
  /// Noise as far as it could be taken for motion.
  private let motion: (luma: Double, color: Double)
  private let isFirst: Bool

  init(amount: Double, age: Int, noise: NoiseLevels, shares: [Double], flicker: Double) {
    self.amount = amount
    self.noise = noise
    isFirst = age == 1
    // In footage that rests, what is faint moves, too.
    let rest = min(Self.mostNoise, (Self.leastNoise + Self.noisePerFlicker * flicker) / NoiseLevels.usual.luma[0])
    var luma = rest * NoiseLevels.usual.luma[0], color = rest * NoiseLevels.usual.color
    luma = max(luma, Self.common(noise, shares) ?? 0)
    if noise.color > NoiseLevels.usual.color { color = max(color, noise.color) }
    motion = (luma, color)
    // The first frame, denoised in several passes, counts as three: or its successor would be seen to be rougher.
    let share = amount == 0 || age == 1 ? 1 : max(1 - amount * (1 - Self.share), 1 / Double(age + 2))
    // Of a frame after others that repeat, and were not looked at. New ones make up for one at most: what is shown for
    // longer brings all the less that is new, and that is to be averaged.
    let repeated = max(share, Self.repeatedShare)
    func rate(_ share: Double, after frames: Int) -> UInt16 {
      UInt16(32767 * (1 - (1 - share) * pow(1 - repeated, Double(frames))))
    }
    rates = (
      rate(share, after: 0), rate(share, after: 1), rate(share, after: 1), rate(repeated, after: 0),
      rate(repeated, after: 1), rate(repeated, after: 2)
    )
  }

  /// The noise, in codes, that most blocks of luma do not exceed; nil where these have no more than the usual.
  ///
  /// Not the greatest: the road before a dashcam is rough and passes by, and must not make what moves in the dark pass for
  /// noise.
  private static func common(_ noise: NoiseLevels, _ shares: [Double]) -> Double? {
    let usual = NoiseLevels.usual
    var greatest: Double?
    for (level, codes) in noise.luma.enumerated() where codes > max(usual.luma[level], greatest ?? 0) {
      var share = 0.0
      for (other, number) in shares.enumerated()
      where noise.luma[other] >= codes && noise.luma[other] > usual.luma[other] { share += number }
      if share > 1 - commonShare { greatest = codes }
    }
    return greatest
  }

  /// See `Denoiser`.
  var restlessShare: (luma: Int32, color: Int32) {
    func share(_ noise: Double) -> Int32 {
      let way = (Self.restlessCodes / noise - Self.still) / (Self.moving - Self.still)
      return max(Int32(rates.0), Int32(min(max(way, 0), 0.99) * 32767))
    }
    return amount == 0 ? (Int32(rates.0), Int32(rates.0)) : (share(motion.luma), share(motion.color))
  }

  func rows(isLuma: Bool) -> zdk_denoise_rows {
    var rows = zdk_denoise_rows()
    rows.rates = rates
    // Noise of colour is seen less; a first frame has no other means.
    rows.sparse = isLuma || isFirst ? 0 : 1
    withUnsafeMutableBytes(of: &rows.reach) { reach in
      for level in reach.indices { reach[level] = reachCode(isLuma ? noise.luma[level] : noise.color) }
    }
    let largest = 5 * amount * (isLuma ? motion.luma : motion.color) * NoiseLevels.stepsPerCode
    rows.still = UInt16(largest * Self.still)
    rows.range = max(1, UInt16(largest * (Self.moving - Self.still)))
    return rows
  }

  /// Twice the noise, in whole codes.
  private func reachCode(_ codes: Double) -> UInt8 {
    UInt8(min((2 * codes * amount).rounded(), Double(ZDK_LARGEST_REACH)))
  }
}
