internal import CKernels
internal import Frames

/// What one worker needs to denoise a few rows at a time: the rows about them, fetched once each, and numbers for groups
/// and columns.
final class FineWindow {
  /// Rows that are denoised at a time, at most.
  static let height = Int(ZDK_DENOISE_ROWS)
  /// Most rows kept: of interlaced pictures, so many lie between the first and the last one that a wide pass needs.
  private static let mostSlots = 32

  private var group: FineSource.Group?
  private var stride = 0, components = 0
  /// Rows kept: a power of two, and no more than needed, since they are to stay in the cache.
  private var slots = mostSlots
  /// The row in each slot; -1 where there is none.
  private let tags = UnsafeMutablePointer<Int>.allocate(capacity: mostSlots)
  private var storage = UnsafeMutableBufferPointer<UInt16>(start: nil, count: 0)
  private let targets = UnsafeMutablePointer<UnsafeMutablePointer<UInt16>>.allocate(capacity: 3)
  /// For each row that is denoised five: as `zdk_denoise_rows.rows` wants them.
  let rows = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: 5 * height)
  private var motionOffset = 0, unrestOffset = 0, driftOffset = 0, scratchOffset = 0

  deinit {
    storage.deallocate()
    tags.deallocate()
    targets.deallocate()
    rows.deallocate()
  }

  /// Forgets all rows, and makes room for those of a group, up to `reach` rows away from those that are denoised.
  func begin(_ group: FineSource.Group, reach: Int) {
    tags.update(repeating: -1, count: Self.mostSlots)
    slots = 8
    while slots < 2 * reach + Self.height { slots *= 2 }
    precondition(slots <= Self.mostSlots, "rows are compared with near ones")
    guard group != self.group else { return }
    self.group = group
    components = group.components.count
    stride = Denoiser.wholeGroups(group.width)
    let groupCount = stride / Int(ZDK_DENOISE_GROUP)
    // Rows that all lie in the same places of the cache would drive each other out.
    stride += Int(ZDK_DENOISE_GROUP)
    let rowCount = Self.mostSlots * group.components.count * stride
    let count = rowCount + (Self.height + 1) * groupCount + 4 * stride
    if storage.count < count {
      storage.deallocate()
      storage = UnsafeMutableRawBufferPointer.allocate(byteCount: count * 2, alignment: 64)
        .bindMemory(to: UInt16.self)
      storage.initialize(repeating: 0)
    }
    driftOffset = rowCount
    scratchOffset = driftOffset + stride
    motionOffset = scratchOffset + 3 * stride
    unrestOffset = motionOffset + Self.height * groupCount
  }

  /// Room for three rows.
  var scratch: UnsafeMutablePointer<UInt16> { storage.baseAddress! + scratchOffset }

  /// A number for each group of each row that is denoised, row by row.
  var motion: UnsafeMutablePointer<UInt16> { storage.baseAddress! + motionOffset }

  /// A number for each group of a row of tiles; of groups of one component.
  var unrest: UnsafeMutablePointer<UInt16> { storage.baseAddress! + unrestOffset }

  /// A signed number for each column; likewise.
  var drift: UnsafeMutablePointer<Int16> {
    UnsafeMutableRawPointer(storage.baseAddress! + driftOffset).assumingMemoryBound(to: Int16.self)
  }

  /// Row `y` of the group's component number `component`, fine, which is brought here unless it is.
  func row(_ y: Int, component: Int, of source: FineSource, _ kernels: Kernels) -> UnsafePointer<UInt16> {
    let slot = y & (slots - 1)
    func start(_ component: Int) -> UnsafeMutablePointer<UInt16> {
      storage.baseAddress! + (slot * components + component) * stride
    }
    if let group, tags[slot] != y {
      tags[slot] = y
      for index in 0..<components { targets[index] = start(index) }
      source.widen(y, of: group, into: targets, kernels)
    }
    return UnsafePointer(start(component))
  }
}
