import Enhancer
import Foundation
import Frames

@testable import WeightImport

/// splitmix64: the same numbers in every run.
struct Numbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The low bytes of a number, little-endian.
func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

/// Writes pickles as `torch.save` does, and wrong ones.
struct PickleWriter {
  var bytes: [UInt8] = [0x80, 2]

  mutating func text(_ text: String) { bytes += [0x58] + little(text.utf8.count, 4) + Array(text.utf8) }
  mutating func int(_ value: Int) { bytes += [0x4A] + little(value, 4) }
  mutating func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }
  mutating func mark() { bytes.append(UInt8(ascii: "(")) }
  mutating func operation(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }

  mutating func tuple(_ values: [Int]) {
    mark()
    for value in values { int(value) }
    operation("t")
  }

  /// `_rebuild_tensor_v2(storage, 0, shape, stride, False, OrderedDict())`.
  mutating func tensor(_ storage: String, key: String, shape: [Int], stride: [Int], count: Int, isOld: Bool) {
    global("torch._utils", "_rebuild_tensor_v2")
    mark()
    mark()
    text("storage")
    global("torch", storage)
    text(key)
    text("cpu")
    int(count)
    if isOld { operation("N") }
    operation("t")
    operation("Q")
    int(0)
    tuple(shape)
    tuple(stride)
    bytes.append(0x89)
    global("collections", "OrderedDict")
    operation(")")
    operation("R")
    operation("t")
    operation("R")
  }
}

/// Zero-DCE++ weights with values that tell their places, and files that hold them.
enum Sample {
  typealias Tensor = (name: String, shape: [Int], values: [Float])

  static let tensors: [Tensor] = Weights.Model.zeroDCEPlusPlus.shapes.enumerated().map { index, tensor in
    let count = tensor.shape.reduce(1, *)
    return (tensor.name, tensor.shape, (0..<count).map { Float($0) / 64 - Float(index) })
  }

  static func contiguous(_ shape: [Int]) -> [Int] {
    shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
  }

  static func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
  }

  /// The pickle of a dictionary of tensors, with `prefix` before the names.
  static func pickle(prefix: String = "", storage: String = "FloatStorage", isOld: Bool = false) -> [UInt8] {
    var writer = PickleWriter()
    writer.operation("}")
    writer.mark()
    for (index, tensor) in tensors.enumerated() {
      writer.text(prefix + tensor.name)
      writer.tensor(
        storage, key: "\(index)", shape: tensor.shape, stride: contiguous(tensor.shape), count: tensor.values.count,
        isOld: isOld)
    }
    writer.operation("u")
    writer.operation(".")
    return writer.bytes
  }

  /// As PyTorch has written since 1.6.
  static func archive(prefix: String = "", pickle: [UInt8]? = nil) -> [UInt8] {
    var files = [("sample/data.pkl", pickle ?? self.pickle(prefix: prefix))]
    for (index, tensor) in tensors.enumerated() { files.append(("sample/data/\(index)", floats(tensor.values))) }
    return zip(files.map { ($0.0, $0.1, 0, $0.1.count) })
  }

  /// As PyTorch wrote before.
  static func stream() -> [UInt8] {
    var system = PickleWriter()
    system.bytes += [0x7D, 0x28]
    system.text("little_endian")
    system.bytes += [0x88, 0x75, 0x2E]
    var keys = PickleWriter()
    keys.operation("]")
    keys.mark()
    for index in tensors.indices { keys.text("\(index)") }
    keys.bytes += [0x65, 0x2E]
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0x80, 2, 0x4D, 0xE9, 3, 0x2E,
    ]
    return magic + system.bytes + pickle(isOld: true) + keys.bytes
      + tensors.flatMap { little($0.values.count, 8) + floats($0.values) }
  }

  /// As MindSpore writes, with `extra` names of scalars behind.
  static func checkpoint(extra: [String] = []) -> [UInt8] {
    let all: [Tensor] = tensors + extra.map { ($0, [], [1]) }
    return all.flatMap { tensor -> [UInt8] in
      let shape: [UInt8] = tensor.shape.flatMap { [0x08, UInt8($0)] }
      let content: [UInt8] = shape + field(2, Array("Float32".utf8)) + field(3, floats(tensor.values))
      return field(1, field(1, Array(tensor.name.utf8)) + field(2, content))
    }
  }

  static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
    var (length, varint) = (content.count, [UInt8]())
    repeat {
      varint.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
      length >>= 7
    } while length > 0
    return [UInt8(number << 3 | 2)] + varint + content
  }

  /// A zip archive of files that are given as name, packed bytes, method and unpacked size.
  static func zip(_ files: [(name: String, bytes: [UInt8], method: Int, size: Int)]) -> [UInt8] {
    var (body, directory) = ([UInt8](), [UInt8]())
    for file in files {
      let sizes =
        little(Int(crc32(file.bytes[...])), 4) + little(file.bytes.count, 4) + little(file.size, 4)
        + little(file.name.utf8.count, 2)
      let head = little(20, 2) + little(0, 2) + little(file.method, 2) + little(0, 4)
      directory +=
        little(0x0201_4B50, 4) + little(20, 2) + head + sizes + little(0, 12) + little(body.count, 4)
        + Array(file.name.utf8)
      body += little(0x0403_4B50, 4) + head + sizes + little(0, 2) + Array(file.name.utf8) + file.bytes
    }
    return body + directory + little(0x0605_4B50, 4) + little(0, 4) + little(files.count, 2) + little(files.count, 2)
      + little(directory.count, 4) + little(body.count, 4) + little(0, 2)
  }

  static func read(_ bytes: [UInt8]) throws(WeightImportError) -> ImportedWeights {
    try ImportedWeights(parsing: bytes, source: "sample", name: "sample", program: "test")
  }

  /// The sentence with which bytes are refused; nil if they are taken.
  static func refusal(_ bytes: [UInt8]) -> String? {
    do {
      _ = try read(bytes)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
