internal import CKernels
internal import Frames

/// Averages noise away in space and time, and holds the denoised frame: fine rows that the native kernels read.
///
/// The history of a frame is the denoised one before; it is replaced in place, band by band, so that nothing but the
/// band is in the caches. A sample depends on its neighbours in the new frame and on itself in the history, so bands do
/// not depend on each other.
///
/// `@unchecked Sendable`: between two calls of `begin`, the bands that work on it at a time are different rows.
final class Denoiser: @unchecked Sendable {
  private let kernels: Kernels
  private var groups: [FineSource.Group] = []
  private var planes: [Plane] = []
  private var memory = UnsafeMutableBufferPointer<UInt16>(start: nil, count: 0)
  private var scene: Int?
  /// Frames since the history began, up to the number that it averages over.
  private var age = 0
  private var strength = Strength(amount: 0, age: 0)

  /// A component's history.
  private struct Plane {
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
    strength = Strength(amount: amount, age: age)
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
    let sizes = groups.flatMap { group in group.components.map { _ in (Self.blocks(group.width), group.height) } }
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

  /// `count` rounded up to whole blocks.
  static func blocks(_ count: Int) -> Int {
    let block = Int(ZDK_DENOISE_BLOCK)
    return (count + block - 1) / block * block
  }

  /// Denoises picture rows `rows` of all components, into their history. Bands start at a multiple of 4.
  func denoise(_ rows: Range<Int>, of source: FineSource, pictureHeight: Int, window: FineWindow) {
    for group in groups {
      // A band of chroma rows starts where its luma rows do, and ends with the picture.
      let isHalf = group.height < pictureHeight
      let end = rows.upperBound == pictureHeight ? group.height : isHalf ? rows.upperBound / 2 : rows.upperBound
      denoise((isHalf ? rows.lowerBound / 2 : rows.lowerBound)..<end, of: group, source, window)
    }
  }

  private func denoise(_ rows: Range<Int>, of group: FineSource.Group, _ source: FineSource, _ window: FineWindow) {
    window.begin(group)
    let step = source.isInterlaced ? 2 : 1
    for y in rows {
      for distance in FineWindow.distances {
        window.fill(source.row(distance * step, from: y, height: group.height), of: source, kernels)
      }
      for (index, component) in group.components.enumerated() {
        var row = strength.row(isLuma: group.isLuma && index == 0)
        func at(_ distance: Int) -> UnsafePointer<UInt16> {
          UnsafePointer(window.row(source.row(distance * step, from: y, height: group.height), component: index))
        }
        row.row = at(0)
        row.around = (at(-3), at(-1), at(1), at(3))
        row.history = self.row(y, component: component)
        row.recent = planes[component].recent + y * planes[component].groupsPerRow
        row.scratch = window.scratch
        row.count = Int32(group.width)
        kernels.table.pointee.denoise(&row)
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
  /// Fine steps per 8-bit code.
  private static let code = 128.0
  /// Differences of up to this many codes count as noise in the dark, in full sunlight, and where dark ends.
  private static let darkNoise = 3.5, brightNoise = 0.5, darkEnds = 40.0, brightBegins = 110.0
  /// Colour is looked at less closely, and codecs treat it worse.
  private static let colorNoise = 3.5
  /// Of that noise: the mean change of five samples that counts as stillness, and as motion.
  private static let still = 0.4, moving = 1.2
  /// The share of a new frame where nothing moves. An eighth is as good as the mean of 15 frames.
  private static let share = 0.12

  private let amount: Double
  private let rate: UInt16

  init(amount: Double, age: Int) {
    self.amount = amount
    let share = amount == 0 ? 1 : max(1 - amount * (1 - Self.share), 1 / Double(age))
    rate = UInt16(32767 * share)
  }

  func row(isLuma: Bool) -> zdk_denoise_row {
    func steps(_ codes: Double) -> UInt16 { UInt16(codes * Self.code) }
    var row = zdk_denoise_row()
    row.near = 1
    row.far = 3
    row.rate = rate
    let noise = (isLuma ? Self.darkNoise : Self.colorNoise) * amount
    row.reach_dark = steps(2 * noise)
    row.reach_bright = isLuma ? steps(2 * Self.brightNoise * amount) : row.reach_dark
    row.level = steps(Self.darkEnds)
    let fall = Double(row.reach_dark - row.reach_bright) / (Self.code * (Self.brightBegins - Self.darkEnds))
    row.slope = UInt16(fall * 65536)
    row.still = steps(5 * noise * Self.still)
    row.range = max(1, steps(5 * noise * (Self.moving - Self.still)))
    return row
  }
}
