internal import CKernels
internal import Foundation
internal import Frames

/// The rows about the one that is being denoised, fetched once each; for one worker.
final class FineWindow {
  /// Most rows kept: of interlaced pictures, 25 lie between the first and the last one that a wide pass needs.
  private static let mostSlots = 32

  private var group: FineSource.Group?
  private var width = 0, stride = 0, components = 0
  /// Rows kept: a power of two, and no more than needed, since they are to stay in the cache.
  private var slots = mostSlots
  /// The row in each slot; -1 where there is none.
  private let tags = UnsafeMutablePointer<Int>.allocate(capacity: mostSlots)
  private var storage = UnsafeMutableBufferPointer<UInt16>(start: nil, count: 0)
  private let targets = UnsafeMutablePointer<UnsafeMutablePointer<UInt16>>.allocate(capacity: 3)
  private var scratchOffset = 0
  private var motionOffset = 0, unrestOffset = 0, driftOffset = 0

  deinit {
    storage.deallocate()
    tags.deallocate()
    targets.deallocate()
  }

  /// Forgets all rows, and makes room for those of a group, up to `reach` rows away from the one that is denoised.
  func begin(_ group: FineSource.Group, reach: Int) {
    tags.update(repeating: -1, count: Self.mostSlots)
    slots = 8
    while slots < 2 * reach + 1 { slots *= 2 }
    precondition(slots <= Self.mostSlots, "rows are compared with near ones")
    guard group != self.group else { return }
    self.group = group
    (width, components) = (group.width, group.components.count)
    let block = Int(ZDK_DENOISE_BLOCK)
    stride = Denoiser.blocks(group.width) + 2 * block
    let scratchCount = 3 * (stride + block)
    let rowCount = Self.mostSlots * group.components.count * stride
    let groupCount = stride / Int(ZDK_DENOISE_GROUP)
    let count = rowCount + scratchCount + 2 * groupCount + stride
    if storage.count < count {
      storage.deallocate()
      storage = UnsafeMutableRawBufferPointer.allocate(byteCount: count * 2, alignment: 64)
        .bindMemory(to: UInt16.self)
      storage.initialize(repeating: 0)
    }
    scratchOffset = rowCount + block
    motionOffset = rowCount + scratchCount
    unrestOffset = motionOffset + groupCount
    driftOffset = unrestOffset + groupCount
  }

  /// Three rows with a block each, from eight samples before this place on.
  var scratch: UnsafeMutablePointer<UInt16> { storage.baseAddress! + scratchOffset }

  /// A number for each group of a row's samples.
  var motion: UnsafeMutablePointer<UInt16> { storage.baseAddress! + motionOffset }

  /// The same for the unrest of a row of tiles; of groups of one component.
  var unrest: UnsafeMutablePointer<UInt16> { storage.baseAddress! + unrestOffset }

  /// A signed number for each sample of a row; likewise.
  var drift: UnsafeMutablePointer<Int16> {
    UnsafeMutableRawPointer(storage.baseAddress! + driftOffset).assumingMemoryBound(to: Int16.self)
  }

  /// Forgets drift and unrest.
  func rest() {
    unrest.update(repeating: 0, count: stride / Int(ZDK_DENOISE_GROUP))
    drift.update(repeating: 0, count: stride)
  }

  /// Row `y` of the group's component number `component`, fine or narrow; its padding lies on either side.
  func row(_ y: Int, component: Int) -> UnsafeMutablePointer<UInt16> {
    storage.baseAddress! + ((y & (slots - 1)) * components + component) * stride + Int(ZDK_DENOISE_BLOCK)
  }

  /// Brings row `y` here, unless it is: as it is where the source is narrow, else fine.
  func fill(_ y: Int, of source: FineSource, _ kernels: Kernels) {
    let slot = y & (slots - 1)
    guard let group, tags[slot] != y else { return }
    tags[slot] = y
    if source.isNarrow {
      return fill(UnsafeMutableRawPointer(row(y, component: 0)), with: source.codes(y, of: group))
    }
    for index in 0..<components { targets[index] = row(y, component: index) }
    source.widen(y, of: group, into: targets, kernels)
    let padding = Int(ZDK_DENOISE_PADDING), end = Denoiser.blocks(width) + padding
    for index in 0..<components {
      let row = targets[index]
      (row - padding).update(repeating: row[0], count: padding)
      (row + width).update(repeating: row[width - 1], count: end - width)
    }
  }

  /// The same of a narrow row, byte by byte.
  private func fill(_ row: UnsafeMutableRawPointer, with codes: UnsafePointer<UInt8>) {
    let padding = Int(ZDK_DENOISE_PADDING), end = Denoiser.blocks(width) + padding
    memcpy(row, codes, width)
    memset(row - padding, Int32(codes[0]), padding)
    memset(row + width, Int32(codes[width - 1]), end - width)
  }
}
