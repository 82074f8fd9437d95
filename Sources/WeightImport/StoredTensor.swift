internal import Enhancer

/// How numbers are stored.
enum ElementType: Hashable {
  case float32, float16, bfloat16, float64
  /// Any other type, by its name in the file.
  case other(String)

  /// Bytes of one number; 0 where unknown.
  var size: Int {
    switch self {
    case .float32: 4
    case .float16, .bfloat16: 2
    case .float64: 8
    case .other: 0
    }
  }
}

/// A tensor as it lies in a file: numbers of some type, some stride apart, somewhere in little-endian bytes.
struct StoredTensor {
  var type: ElementType
  /// Sizes, outermost first; none is negative.
  var shape: [Int]
  /// Elements from one index to the next, for each dimension.
  var stride: [Int]
  /// Elements before the first.
  var offset: Int
  /// The bytes of all its elements and maybe others.
  var storage: ArraySlice<UInt8>

  /// Rows one after the other, from the first byte on.
  static func contiguous(_ type: ElementType, shape: [Int], storage: ArraySlice<UInt8>) -> StoredTensor {
    var stride: [Int] = []
    // Sizes that do not fit are found when the tensor is read.
    var step = 1
    for extent in shape.reversed() {
      stride.insert(step, at: 0)
      step = step.multipliedReportingOverflow(by: max(extent, 1)).partialValue
    }
    return StoredTensor(type: type, shape: shape, stride: stride, offset: 0, storage: storage)
  }

  /// Largest tensor that is read, in elements: a thousand times those of these networks.
  private static let limit = 1 << 24

  /// The values in C order, converted to `Float`: exact for float32, float16 and bfloat16, rounded for float64.
  func floats(_ name: String) throws(Refusal) -> [Float] {
    let name = name.quoted
    guard type.size > 0 else {
      guard case .other(let other) = type else { return [] }
      throw Refusal("tensor \(name) has the type \(other.quoted) instead of a floating-point one")
    }
    let available = storage.count / type.size
    guard shape.count <= 8, stride.count == shape.count else {
      throw Refusal("tensor \(name) has \(shape.count) dimensions and \(stride.count) strides")
    }
    var count = 1
    var last = offset
    for (extent, step) in zip(shape, stride) {
      guard extent >= 0, step >= 0 else { throw Refusal("tensor \(name) has a negative size or stride") }
      let (product, tooMany) = count.multipliedReportingOverflow(by: extent)
      let (reach, tooFar) = max(0, extent - 1).multipliedReportingOverflow(by: step)
      let (place, beyond) = last.addingReportingOverflow(reach)
      guard !tooMany, product <= Self.limit else { throw Refusal("the shape of tensor \(name) is too large") }
      guard !tooFar, !beyond else { throw Refusal("tensor \(name) reaches beyond its storage") }
      (count, last) = (product, place)
    }
    guard count > 0 else { return [] }
    guard offset >= 0, last < available else { throw Refusal("tensor \(name) reaches beyond its storage") }
    return gather(count)
  }

  /// The values, after all places were checked.
  private func gather(_ count: Int) -> [Float] {
    var index = [Int](repeating: 0, count: shape.count)
    var place = offset
    var result: [Float] = []
    result.reserveCapacity(count)
    storage.withUnsafeBytes { bytes in
      for _ in 0..<count {
        result.append(Self.value(bytes, at: place, type))
        // Counts like an odometer, the last index fastest.
        for axis in shape.indices.reversed() {
          index[axis] += 1
          place += stride[axis]
          if index[axis] < shape[axis] { break }
          place -= shape[axis] * stride[axis]
          index[axis] = 0
        }
      }
    }
    return result
  }

  private static func value(_ bytes: UnsafeRawBufferPointer, at place: Int, _ type: ElementType) -> Float {
    func load<T: FixedWidthInteger>(_: T.Type) -> T {
      T(littleEndian: bytes.loadUnaligned(fromByteOffset: place * MemoryLayout<T>.size, as: T.self))
    }
    return switch type {
    case .float32: Float(bitPattern: load(UInt32.self))
    case .float16: Float(halfBits: load(UInt16.self))
    case .bfloat16: Float(bitPattern: UInt32(load(UInt16.self)) << 16)
    case .float64: Float(Double(bitPattern: load(UInt64.self)))
    case .other: .nan
    }
  }
}
