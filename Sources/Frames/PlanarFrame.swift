/// A whole picture as planar float RGB: the in-memory interface for library users, tests and benchmarks.
///
/// Three planes, R, G, B, each `height` rows of `stride` floats, in one allocation; values in [0, 1]. Elements between
/// `width` and `stride` are padding.
///
/// `@unchecked Sendable`: an owner fills a frame before handing it on; from then on it is only read.
public final class PlanarFrame: @unchecked Sendable {
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// Floats from one row to the next; a multiple of 16, so that rows start on cache lines.
  public let stride: Int
  private let storage: UnsafeMutableBufferPointer<Float>

  /// A frame of zeros. Sizes are at least 1.
  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a frame has at least one pixel")
    self.width = width
    self.height = height
    stride = (width + 15) & ~15
    let count = 3 * stride * height
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    storage = bytes.bindMemory(to: Float.self)
    storage.initialize(repeating: 0)
  }

  deinit { UnsafeMutableRawBufferPointer(storage).deallocate() }

  /// The first element of a plane: 0 red, 1 green, 2 blue. Valid while the frame lives.
  public func plane(_ channel: Int) -> UnsafeMutablePointer<Float> {
    precondition((0..<3).contains(channel))
    return storage.baseAddress! + channel * stride * height
  }

  /// The first element of row `y` of a plane.
  public func row(_ y: Int, channel: Int) -> UnsafeMutablePointer<Float> {
    assert((0..<height).contains(y))
    return plane(channel) + y * stride
  }

  /// One value; for tests and small pictures.
  public subscript(channel: Int, y: Int, x: Int) -> Float {
    get { row(y, channel: channel)[x] }
    set { row(y, channel: channel)[x] = newValue }
  }
}
