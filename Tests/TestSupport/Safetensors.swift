import Foundation

/// A safetensors file in memory: enough to read references and to write weights, hostile ones included.
public struct Safetensors {
  /// One tensor.
  public struct Tensor: Sendable {
    /// `F32`, `F16` or `U8`.
    public let type: String
    /// Sizes, outermost first.
    public let shape: [Int]
    /// Little-endian values, row by row.
    public let bytes: [UInt8]

    /// A tensor of floats.
    public init(shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count)
      type = "F32"
      self.shape = shape
      bytes = values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) } }
    }

    init(type: String, shape: [Int], bytes: [UInt8]) {
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    /// The values of an `F32` or `F16` tensor.
    public var floats: [Float] {
      switch type {
      case "F32": values(UInt32.self).map { Float(bitPattern: UInt32(littleEndian: $0)) }
      case "F16": values(UInt16.self).map { Self.widen(UInt16(littleEndian: $0)) }
      default: bytes.map(Float.init)
      }
    }

    private func values<T: FixedWidthInteger>(_: T.Type) -> [T] {
      bytes.withUnsafeBytes { raw in
        (0..<bytes.count / MemoryLayout<T>.size).map {
          raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)
        }
      }
    }

    /// IEEE 754 half to single.
    static func widen(_ half: UInt16) -> Float {
      let sign: Float = half & 0x8000 == 0 ? 1 : -1
      let exponent = Int(half >> 10 & 0x1f)
      let fraction = Float(half & 0x3ff)
      switch exponent {
      case 0: return sign * fraction * 0x1p-24
      case 31: return fraction == 0 ? sign * .infinity : .nan
      default: return sign * (1 + fraction * 0x1p-10) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    }
  }

  private struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]  // swift-format-ignore: AlwaysUseLowerCamelCase
  }

  /// All tensors by name.
  public var tensors: [String: Tensor]

  /// A file with these tensors.
  public init(_ tensors: [String: Tensor]) { self.tensors = tensors }

  /// Reads a file; throws if it is not well formed.
  public init(path: String) throws {
    let bytes = try Files.read(path)
    guard bytes.count >= 8 else { throw ProcessError.unexpectedOutput(command: path, text: "too short") }
    let length = Int(bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    guard length <= bytes.count - 8 else { throw ProcessError.unexpectedOutput(command: path, text: "header") }
    let header = Data(bytes[8..<8 + length])
    let object = try JSONSerialization.jsonObject(with: header) as? [String: Any] ?? [:]
    tensors = [:]
    for (name, value) in object where name != "__metadata__" {
      let entry = try JSONDecoder().decode(Entry.self, from: JSONSerialization.data(withJSONObject: value))
      let range = 8 + length + entry.data_offsets[0]..<8 + length + entry.data_offsets[1]
      tensors[name] = Tensor(type: entry.dtype, shape: entry.shape, bytes: [UInt8](bytes[range]))
    }
  }

  /// The tensor of that name; throws if there is none.
  public func tensor(_ name: String) throws -> Tensor {
    guard let tensor = tensors[name] else { throw ProcessError.notFound("tensor \(name)") }
    return tensor
  }

  /// The file as bytes.
  public func serialized() throws -> [UInt8] {
    var header: [String: Entry] = [:]
    var body: [UInt8] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let start = body.count
      body += tensor.bytes
      header[name] = Entry(dtype: tensor.type, shape: tensor.shape, data_offsets: [start, body.count])
    }
    return Self.file(header: [UInt8](try JSONEncoder().encode(header)), body: body)
  }

  /// A file from a header text and tensor bytes, whatever they contain.
  public static func file(header: [UInt8], body: [UInt8], length: UInt64? = nil) -> [UInt8] {
    var padded = header
    while padded.count % 8 != 0 { padded.append(0x20) }
    let count = length ?? UInt64(padded.count)
    return withUnsafeBytes(of: count.littleEndian) { [UInt8]($0) } + padded + body
  }

  /// Zero-DCE++ weights whose curve map is `curve` (red, green, blue, each in (-1, 1)) everywhere, for any picture.
  public static func constantCurve(_ curve: [Float]) -> Safetensors {
    precondition(curve.count == 3)
    let inputs = [3, 32, 32, 32, 64, 64, 64]
    let outputs = [32, 32, 32, 32, 32, 32, 3]
    var tensors: [String: Tensor] = [:]
    for layer in 0..<7 {
      let (input, output, name) = (inputs[layer], outputs[layer], "e_conv\(layer + 1)")
      let bias = layer == 6 ? curve.map { Float(atanh(Double($0))) } : zeros(output)
      tensors["\(name).depth_conv.weight"] = Tensor(shape: [input, 1, 3, 3], values: zeros(input * 9))
      tensors["\(name).depth_conv.bias"] = Tensor(shape: [input], values: zeros(input))
      tensors["\(name).point_conv.weight"] = Tensor(shape: [output, input, 1, 1], values: zeros(output * input))
      tensors["\(name).point_conv.bias"] = Tensor(shape: [output], values: bias)
    }
    return Safetensors(tensors)
  }

  private static func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
}
