/// Some rows of a stack of feature planes, padded with zeros for 3×3 convolutions.
///
/// `planes` planes of `capacity` rows of `stride = width + 1` floats. The surplus column is always zero: it is the
/// padding to the right of its row and to the left of the next one. Row `firstRow` of the picture (-1 is the padding
/// above it) lies in slot 0; the window slides down the picture.
final class FeatureWindow {
  let planes: Int
  let width: Int
  let stride: Int
  let capacity: Int
  let planeStride: Int
  /// The picture row in slot 0.
  private(set) var firstRow = -1
  /// Rows of the picture that have been written.
  private(set) var filled = 0
  private let storage: UnsafeMutableBufferPointer<Float>

  /// Room before the first plane and after each one: convolutions of whole rows touch the padding's neighbours.
  private static let slack = 16

  /// A window that holds `capacity` rows, padding included.
  init(planes: Int, width: Int, capacity: Int) {
    self.planes = planes
    self.width = width
    self.capacity = capacity
    stride = width + 1
    // An odd number of cache lines apart, or the rows of all planes would fight for the same sets of the cache.
    planeStride = ((capacity * stride + Self.slack + 15) / 16 | 1) * 16
    let count = Self.slack + planes * planeStride
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    storage = bytes.bindMemory(to: Float.self)
    storage.initialize(repeating: 0)
  }

  deinit { UnsafeMutableRawBufferPointer(storage).deallocate() }

  /// First element of picture row `row`; the elements before it and after its last are zero.
  func row(_ row: Int, plane: Int) -> UnsafeMutablePointer<Float> {
    assert((firstRow..<firstRow + capacity).contains(row) && (0..<planes).contains(plane))
    return storage.baseAddress! + (Self.slack + plane * planeStride + (row - firstRow) * stride)
  }

  /// The first picture row that no longer fits.
  var endRow: Int { firstRow + capacity }

  /// Starts a new picture: the padding above it is zero, nothing is filled.
  func restart() {
    firstRow = -1
    filled = 0
    clear(row: -1)
  }

  /// Notes that rows up to `end` are written, after clearing their padding columns, and the row below the last.
  func finish(to end: Int, height: Int) {
    for plane in 0..<planes {
      var padding = row(filled, plane: plane) + width
      for _ in filled..<end {
        padding.pointee = 0
        padding += stride
      }
    }
    filled = end
    if end == height { clear(row: height) }
  }

  /// Drops the rows before `first`, keeping those from there on.
  func slide(to first: Int) {
    guard first > firstRow else { return }
    // The padding below the picture goes along, if it is there.
    let kept = max(min(filled + 1, endRow) - first, 0)
    for plane in 0..<planes {
      let start = row(firstRow, plane: plane)
      start.update(from: start + (first - firstRow) * stride, count: kept * stride)
    }
    firstRow = first
  }

  /// Puts another picture row in slot 0 without keeping anything.
  func move(to first: Int) {
    firstRow = first
    filled = first
  }

  private func clear(row index: Int) {
    for plane in 0..<planes { row(index, plane: plane).update(repeating: 0, count: stride) }
  }
}
