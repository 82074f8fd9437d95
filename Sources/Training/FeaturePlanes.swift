/// Planes of one size with a border of zeros, so that convolutions need no special cases at edges.
///
/// `planes × height × width` floats. Rows are `stride = width + 1` floats apart: one zero after each row is the border
/// on its right and on the next row's left. Rows −1 and `height` exist and are zero. Whoever writes leaves the border
/// zero, or clears it again. Planes follow each other, so a run of them is a matrix for BLAS.
final class FeaturePlanes {
  let planes: Int
  let width: Int
  let height: Int
  let stride: Int
  /// Floats from one plane to the next, borders included.
  let planeStride: Int
  private let storage: UnsafeMutableBufferPointer<Float>
  /// Floats before the first plane, so that its upper left neighbour exists.
  private static let margin = 16

  /// Zeros.
  init(planes: Int, width: Int, height: Int) {
    self.planes = planes
    self.width = width
    self.height = height
    stride = width + 1
    planeStride = (height + 2) * stride
    storage = .allocate(capacity: planes * planeStride + 2 * Self.margin)
    storage.initialize(repeating: 0)
  }

  deinit { storage.deallocate() }

  /// Floats from the first of row 0 to the end of the last row, with the borders on the right.
  var cells: Int { height * stride }

  /// The first float of row 0 of a plane. Valid while this object lives.
  func plane(_ index: Int) -> UnsafeMutablePointer<Float> {
    assert((0..<planes).contains(index))
    return storage.baseAddress! + Self.margin + index * planeStride + stride
  }

  /// Makes the border on the right of each row zero again after something wrote to whole cells.
  func clearBorder(_ range: Range<Int>) {
    for index in range {
      let plane = plane(index)
      for y in 0..<height { plane[y * stride + width] = 0 }
    }
  }

  /// Copies one plane of `height × width` floats in.
  func load(_ values: UnsafePointer<Float>, plane index: Int) {
    for y in 0..<height { (plane(index) + y * stride).update(from: values + y * width, count: width) }
  }

  /// Without borders: `planes × height × width`.
  var values: [Float] {
    (0..<planes).flatMap { index in
      (0..<height).flatMap { y in UnsafeBufferPointer(start: plane(index) + y * stride, count: width) }
    }
  }
}
