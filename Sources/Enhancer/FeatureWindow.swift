/// Some rows of a stack of feature planes, padded with zeros for 3×3 convolutions.
///
/// `planes` planes of `capacity` rows of `width` floats and at least one surplus column, always zero: it is the padding
/// to the right of its row and to the left of what follows in memory. The window slides down the picture; `firstRow` (-1 is
/// the padding above it) is the uppermost row that it holds.
final class FeatureWindow {
  /// What follows a row in memory.
  enum Layout {
    /// The next row of the same plane, `width + 1` floats on: whole steps are the rows of one matrix. To slide moves rows.
    case planar
    /// The same row of the next plane, in whole cache lines. Rows go round in a ring: a row takes the place of one that is
    /// no longer held, and is likely to find it in the cache.
    case interleaved
  }

  let layout: Layout
  let planes: Int
  let width: Int
  let capacity: Int
  /// Floats from a place for a row to the next one of its plane, and from a plane to the next.
  let rowStride: Int, planeStride: Int
  private(set) var firstRow = -1
  /// Rows of the picture that have been written.
  private(set) var filled = 0
  private let storage: UnsafeMutableBufferPointer<Float>

  /// Room before the first plane and after each one: convolutions of whole rows touch the padding's neighbours.
  private static let slack = 16

  /// A window that holds `capacity` rows, padding included.
  init(planes: Int, width: Int, capacity: Int, layout: Layout) {
    self.layout = layout
    self.planes = planes
    self.width = width
    self.capacity = capacity
    let count: Int
    switch layout {
    case .planar:
      rowStride = width + 1
      // An odd number of cache lines apart, or the rows of all planes would fight for the same sets of the cache.
      planeStride = ((capacity * rowStride + Self.slack + 15) / 16 | 1) * 16
      count = Self.slack + planes * planeStride
    case .interleaved:
      planeStride = (width + 16) / 16 * 16
      rowStride = planes * planeStride
      count = Self.slack + capacity * rowStride + Self.slack
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    storage = bytes.bindMemory(to: Float.self)
    storage.initialize(repeating: 0)
  }

  deinit { UnsafeMutableRawBufferPointer(storage).deallocate() }

  /// First element of picture row `row`; the elements before it and after its last are zero.
  func row(_ row: Int, plane: Int) -> UnsafeMutablePointer<Float> {
    assert((firstRow..<firstRow + capacity).contains(row) && (0..<planes).contains(plane))
    let place = layout == .planar ? row - firstRow : (row + 1) % capacity
    return storage.baseAddress! + (Self.slack + plane * planeStride + place * rowStride)
  }

  /// The first picture row that no longer fits.
  var endRow: Int { firstRow + capacity }

  /// Starts a new picture: the padding above it is zero, nothing is filled.
  func restart() {
    firstRow = -1
    filled = 0
    clear(row: -1)
  }

  /// Notes that rows up to `end` are written, and clears the row below the last one of the picture.
  func finish(to end: Int, height: Int) {
    filled = end
    if end == height { clear(row: height) }
  }

  /// Clears the padding columns of `rows`, for those who write whole planes.
  func clearPadding(_ rows: Range<Int>) {
    for plane in 0..<planes {
      for y in rows { row(y, plane: plane)[width] = 0 }
    }
  }

  /// Drops the rows before `first`, keeping those from there on.
  func slide(to first: Int) {
    guard first > firstRow else { return }
    if layout == .planar {
      // The padding below the picture goes along, if it is there.
      let kept = max(min(filled + 1, endRow) - first, 0)
      for plane in 0..<planes {
        let start = row(firstRow, plane: plane)
        start.update(from: start + (first - firstRow) * rowStride, count: kept * rowStride)
      }
    }
    firstRow = first
  }

  /// Goes to another picture row without keeping anything.
  func move(to first: Int) {
    firstRow = first
    filled = first
  }

  private func clear(row index: Int) {
    for plane in 0..<planes { row(index, plane: plane).update(repeating: 0, count: width) }
  }
}
