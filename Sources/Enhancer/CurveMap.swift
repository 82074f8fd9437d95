/// The curves of one picture: for every cell, channel and pass, how strongly the light-enhancement curve bends.
///
/// `maps × 3` planes (all channels of map 0 first: R, G, B), each `height × width` floats in [-1, 1], rows and planes
/// contiguous. One map serves all eight passes (Zero-DCE++); eight serve one each (Zero-DCE).
///
/// `@unchecked Sendable`: its maker fills it before handing it on, and again only once nobody else holds it.
public final class CurveMap: @unchecked Sendable {
  /// How the cells lie over the picture.
  public let geometry: MapGeometry
  /// 1 or 8.
  public let maps: Int
  /// Cells per row.
  public let width: Int
  /// Rows of cells.
  public let height: Int
  /// Whether pictures stay as they are: all values are zero, and the tone changes nothing.
  public var isIdentity: Bool { isFlat && (tone.map { $0.gain == 1 && $0.amount == 0 } ?? true) }
  /// Whether all values are zero.
  private var isFlat = true
  /// What a look other than the paper's does before the curve; nil for the paper's.
  public internal(set) var tone: Tone?
  private let storage: UnsafeMutableBufferPointer<Float>

  /// How often the curve is applied to a pixel.
  public static let iterations = 8

  /// A map of zeros.
  public init(geometry: MapGeometry, maps: Int) {
    precondition(maps == 1 || maps == Self.iterations, "one map for all passes, or one for each")
    self.geometry = geometry
    self.maps = maps
    width = geometry.width
    height = geometry.height
    let count = maps * 3 * width * height
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    storage = bytes.bindMemory(to: Float.self)
    storage.initialize(repeating: 0)
  }

  /// A map of the given values, `maps × 3 × height × width`; they are clamped to [-1, 1], and must be numbers.
  public convenience init(geometry: MapGeometry, maps: Int, values: [Float]) {
    self.init(geometry: geometry, maps: maps)
    precondition(values.count == storage.count, "a map has maps x 3 x height x width values")
    precondition(values.allSatisfy { !$0.isNaN }, "curve values are numbers")
    _ = storage.update(fromContentsOf: values)
    scale(by: 1)
  }

  deinit { UnsafeMutableRawBufferPointer(storage).deallocate() }

  /// One value; for tests and for showing maps.
  public subscript(map: Int, channel channel: Int, y: Int, x: Int) -> Float {
    precondition((0..<maps).contains(map) && (0..<3).contains(channel), "no such map or channel")
    precondition((0..<height).contains(y) && (0..<width).contains(x), "no such cell")
    return row(y, plane: map * 3 + channel)[x]
  }

  /// Elements from one plane to the next.
  var planeStride: Int { width * height }

  /// Row `y` of plane `map · 3 + channel`: `width` floats. Valid while the map lives.
  func row(_ y: Int, plane: Int) -> UnsafeMutablePointer<Float> {
    assert((0..<height).contains(y) && (0..<maps * 3).contains(plane))
    return storage.baseAddress! + (plane * height + y) * width
  }

  /// Multiplies every value by `strength`, clamps to [-1, 1] and notes whether anything is left.
  ///
  /// The finishing step of whoever filled the map.
  func scale(by strength: Double) {
    let factor = Float(strength)
    replace { storage[$0] * factor }
  }

  /// Sets every value, clamped to [-1, 1] and 0 where it is no number, and notes whether any is not zero.
  private func replace(_ value: (Int) -> Float) {
    // Bits, not floats: vectors may take these in any order.
    var bits: UInt32 = 0
    for index in storage.indices {
      let given = value(index)
      // What is no number must not stay in all maps that come from this one.
      let value = given == given ? min(max(given, -1), 1) : 0
      storage[index] = value
      bits |= abs(value).bitPattern
    }
    isFlat = bits == 0
  }

  /// Gives all channels the mean of their curves.
  func joinChannels() {
    for index in 0..<maps {
      for y in 0..<height {
        let (r, g, b) = (row(y, plane: 3 * index), row(y, plane: 3 * index + 1), row(y, plane: 3 * index + 2))
        for x in 0..<width {
          let mean = (r[x] + g[x] + b[x]) / 3
          (r[x], g[x], b[x]) = (mean, mean, mean)
        }
      }
    }
  }

  /// Fills this map by combining the values of two others of its geometry.
  func fill(_ a: CurveMap, _ b: CurveMap, _ combine: (Float, Float) -> Float) {
    replace { combine(a.storage[$0], b.storage[$0]) }
  }

  /// Marks the cells any of whose values differ from `values`, all of a map of this size, by more than `tolerance`, below 0
  /// for all of them, and copies these; the others' marks are 0. Returns the greatest of `values` then, or 0 if that is greater.
  func update(
    _ values: inout [Float], where marks: inout [UInt8], differBy tolerance: Float, _ kernels: Kernels
  ) -> Float {
    precondition(values.count == storage.count && marks.count == planeStride, "values of a map of this size")
    return kernels.table.pointee.catch_up(
      &marks, &values, storage.baseAddress!, planeStride, maps * 3, tolerance)
  }

  /// The largest difference to any value of another map of this geometry.
  func largestDifference(to other: CurveMap) -> Float {
    // The bits of numbers that are not negative have their order, and vectors may take them in any.
    var largest: UInt32 = 0
    for index in storage.indices { largest = max(largest, abs(storage[index] - other.storage[index]).bitPattern) }
    return Float(bitPattern: largest)
  }
}
