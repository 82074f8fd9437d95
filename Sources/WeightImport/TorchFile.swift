internal import Enhancer

/// Tensors by name, as a file holds them.
typealias NamedTensors = [(name: String, tensor: StoredTensor)]

/// What `torch.save` writes: a zip archive since PyTorch 1.6, before that pickles and numbers one after the other.
enum TorchFile {
  /// The number 0x1950A86A20F9469CFC6C, with which the older files begin, as the pickle has it.
  private static let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Whether bytes are such a file: behind a protocol, and from protocol 4 on a frame, stands the number.
  static func beginsStream(_ bytes: [UInt8]) -> Bool {
    [2, 11].contains { start in
      bytes.count > start + magic.count && bytes[0] == 0x80 && bytes[start..<start + magic.count].elementsEqual(magic)
    }
  }

  /// Largest pickle that is read.
  private static let pickleLimit = 8 << 20

  /// The tensors of a zip archive: `NAME/data.pkl` and `NAME/data/KEY`.
  static func readArchive(_ bytes: [UInt8]) throws(Refusal) -> NamedTensors {
    var archive = try ZipArchive(bytes)
    let pickles = archive.names.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let pickle = try archive.read(pickles[0]) else {
      throw Refusal("its zip archive is none of PyTorch: it does not hold exactly one data.pkl")
    }
    guard pickle.count <= pickleLimit else { throw Refusal("its pickle is larger than 8 MiB") }
    let folder = String(pickles[0].dropLast("data.pkl".count))
    if let order = try archive.read(folder + "byteorder"), order != Array("little".utf8) {
      throw Refusal("its numbers are big-endian")
    }
    var reader = PickleReader(ByteCursor(pickle, subject: "pickle"))
    let root = try reader.read()
    var storages: [String: [UInt8]] = [:]
    var result: NamedTensors = []
    for (name, tensor) in try reader.namedTensors(of: root) {
      let storage = reader.heap.storages[tensor.storage]
      if storages[storage.key] == nil {
        guard let data = try archive.read("\(folder)data/\(storage.key)") else {
          throw Refusal("the data of tensor \(name.quoted) is missing")
        }
        storages[storage.key] = data
      }
      result.append((name, stored(tensor, storage, storages[storage.key]![...])))
    }
    return result
  }

  /// The tensors of an older file: magic number, version, system, objects, keys, then the storages in that order.
  static func readStream(_ bytes: [UInt8]) throws(Refusal) -> NamedTensors {
    var reader = PickleReader(ByteCursor(bytes, subject: "pickle"))
    _ = try reader.read()
    guard try reader.read() == .int(1001) else { throw Refusal("its format is none of the known version 1001") }
    guard case .dictionary(let system) = try reader.read() else { throw Refusal("its system record is missing") }
    for item in reader.heap.dictionaries[system] where item.key == .text("little_endian") {
      guard item.value == .bool(true) else { throw Refusal("its numbers are big-endian") }
    }
    let root = try reader.read()
    guard case .list(let list) = try reader.read() else { throw Refusal("its list of storages is missing") }
    let known = Dictionary(reader.heap.storages.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var storages: [String: ArraySlice<UInt8>] = [:]
    for case .text(let key) in reader.heap.lists[list] {
      guard let storage = known[key] else { throw Refusal("storage \(key.quoted) has no type") }
      let count = try reader.cursor.integer(8)
      guard let size = storageSize(storage.type) else {
        throw Refusal("storage \(key.quoted) has a type that cannot be read")
      }
      let (length, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { throw Refusal("storage \(key.quoted) is too large") }
      storages[key] = try reader.cursor.take(length)
    }
    var result: NamedTensors = []
    for (name, tensor) in try reader.namedTensors(of: root) {
      let storage = reader.heap.storages[tensor.storage]
      guard let data = storages[storage.key] else { throw Refusal("the data of tensor \(name.quoted) is missing") }
      result.append((name, stored(tensor, storage, data)))
    }
    return result
  }

  private static func stored(
    _ tensor: PickleReader.Heap.Tensor, _ storage: PickleReader.Heap.Storage, _ data: ArraySlice<UInt8>
  ) -> StoredTensor {
    StoredTensor(type: storage.type, shape: tensor.shape, stride: tensor.stride, offset: tensor.offset, storage: data)
  }

  /// Bytes of an element, for getting past the storages of counters too.
  private static func storageSize(_ type: ElementType) -> Int? {
    guard case .other(let name) = type else { return type.size }
    switch name {
    case "LongStorage": return 8
    case "IntStorage": return 4
    case "ShortStorage": return 2
    case "CharStorage", "ByteStorage", "BoolStorage": return 1
    default: return nil
    }
  }
}
