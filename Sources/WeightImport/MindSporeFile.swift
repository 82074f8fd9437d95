internal import Enhancer

/// A MindSpore checkpoint: a protocol buffer of named tensors.
///
///     message Checkpoint { repeated Value value = 1 {
///       string tag = 1; TensorProto tensor = 2 { repeated int64 dims = 1; string type = 2; bytes content = 3 } } }
///
/// Source: mindspore/ccsrc/utils/checkpoint.proto; wire format: protobuf.dev, "Encoding".
enum MindSporeFile {
  /// A field: its number, and its value.
  private enum Field {
    case number(Int, UInt64)
    case bytes(Int, Range<Int>)
  }

  private static let subject = "checkpoint"
  private static let tensorLimit = 4096

  /// All tensors of a checkpoint, those of the optimiser included.
  static func read(_ bytes: [UInt8]) throws(Refusal) -> NamedTensors {
    var cursor = ByteCursor(bytes, subject: subject)
    var result: NamedTensors = []
    while cursor.remaining > 0 {
      // Other fields are checksums and versions.
      guard case .bytes(1, let range) = try field(&cursor) else { continue }
      result.append(try value(bytes, range))
      guard result.count <= tensorLimit else { throw Refusal("its checkpoint has more than \(tensorLimit) tensors") }
    }
    return result
  }

  private static func value(
    _ bytes: [UInt8], _ range: Range<Int>
  ) throws(Refusal) -> (name: String, tensor: StoredTensor) {
    var cursor = ByteCursor(bytes, subject: subject, range: range)
    var name: String?
    var tensor: StoredTensor?
    while cursor.remaining > 0 {
      switch try field(&cursor) {
      case .bytes(1, let text): name = try string(bytes, text)
      case .bytes(2, let content): tensor = try self.tensor(bytes, content)
      default: break
      }
    }
    guard let name, let tensor else { throw Refusal("its checkpoint holds a value that is no named tensor") }
    return (name, tensor)
  }

  private static func tensor(_ bytes: [UInt8], _ range: Range<Int>) throws(Refusal) -> StoredTensor {
    var cursor = ByteCursor(bytes, subject: subject, range: range)
    var shape: [Int] = []
    var type = ElementType.other("none")
    var content = bytes[range.lowerBound..<range.lowerBound]
    while cursor.remaining > 0 {
      switch try field(&cursor) {
      case .number(1, let extent): try add(extent, to: &shape)
      case .bytes(1, let packed):
        var extents = ByteCursor(bytes, subject: subject, range: packed)
        while extents.remaining > 0 { try add(try varint(&extents), to: &shape) }
      case .bytes(2, let text): type = try elementType(string(bytes, text))
      case .bytes(3, let data): content = bytes[data]
      default: break
      }
    }
    return .contiguous(type, shape: shape, storage: content)
  }

  private static func add(_ extent: UInt64, to shape: inout [Int]) throws(Refusal) {
    guard shape.count < 8, let extent = Int(exactly: extent) else {
      throw Refusal("its checkpoint holds a shape that is too large")
    }
    shape.append(extent)
  }

  private static func elementType(_ name: String) -> ElementType {
    switch name {
    case "Float32": .float32
    case "Float16": .float16
    case "BFloat16": .bfloat16
    case "Float64": .float64
    default: .other(name)
    }
  }

  // MARK: Wire format

  private static func field(_ cursor: inout ByteCursor) throws(Refusal) -> Field {
    let key = try varint(&cursor)
    guard key >> 3 > 0, let number = Int(exactly: key >> 3) else { throw malformed(cursor) }
    switch key & 7 {
    case 0: return .number(number, try varint(&cursor))
    case 1: return .number(number, UInt64(bitPattern: Int64(try signed64(&cursor))))
    case 2:
      guard let length = Int(exactly: try varint(&cursor)) else { throw malformed(cursor) }
      let start = cursor.position
      _ = try cursor.take(length)
      return .bytes(number, start..<start + length)
    case 5: return .number(number, UInt64(try cursor.integer(4)))
    default: throw malformed(cursor)
    }
  }

  private static func signed64(_ cursor: inout ByteCursor) throws(Refusal) -> Int {
    Int(truncatingIfNeeded: try cursor.take(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
  }

  private static func varint(_ cursor: inout ByteCursor) throws(Refusal) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<10 {
      let byte = try cursor.byte()
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte & 0x80 == 0 { return value }
    }
    throw malformed(cursor)
  }

  private static func string(_ bytes: [UInt8], _ range: Range<Int>) throws(Refusal) -> String {
    var cursor = ByteCursor(bytes, subject: subject, range: range)
    return try cursor.text(range.count)
  }

  private static func malformed(_ cursor: ByteCursor) -> Refusal {
    Refusal("its checkpoint is malformed at byte \(cursor.position)")
  }
}
