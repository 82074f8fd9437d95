internal import Enhancer
internal import Frames

/// The files in a zip archive, stored or deflated, with and without the 64-bit fields that PyTorch writes.
///
/// Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3.
struct ZipArchive {
  private struct Entry {
    var method: Int
    var checksum: Int
    var packedSize: Int
    var size: Int
    /// Of the local header.
    var offset: Int
  }

  private let bytes: [UInt8]
  private var entries: [String: Entry] = [:]
  /// Bytes that may still be unpacked.
  private var budget = Safetensors.fileLimit

  private static let subject = "zip archive"
  private static let entryLimit = 4096

  /// Names of all files, sorted.
  var names: [String] { entries.keys.sorted() }

  init(_ bytes: [UInt8]) throws(Refusal) {
    self.bytes = bytes
    var directory = try Self.directory(of: bytes)
    for _ in 0..<directory.count {
      let (name, entry) = try Self.entry(&directory.cursor)
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw Refusal("its zip archive holds \(name.quoted) twice")
      }
    }
  }

  /// A cursor at the first entry of the directory, and how many there are.
  private static func directory(of bytes: [UInt8]) throws(Refusal) -> (cursor: ByteCursor, count: Int) {
    var cursor = ByteCursor(bytes, subject: subject)
    // The last record has 22 bytes and a comment of at most 65535.
    let first = max(0, bytes.count - 22 - 0xFFFF)
    guard
      let end = stride(from: bytes.count - 22, through: first, by: -1).first(where: {
        bytes[$0] == 0x50 && bytes[$0 + 1] == 0x4B && bytes[$0 + 2] == 5 && bytes[$0 + 3] == 6
      })
    else { throw Refusal("its zip archive has no directory, as if it were cut short") }
    try cursor.seek(to: end + 10)
    var count = try cursor.integer(2)
    _ = try cursor.integer(4)
    var offset = try cursor.integer(4)
    if count == 0xFFFF || offset == 0xFFFF_FFFF {
      try cursor.seek(to: end - 20)
      guard try cursor.integer(4) == 0x0706_4B50 else { throw Refusal("its zip archive has a damaged directory") }
      _ = try cursor.integer(4)
      try cursor.seek(to: try cursor.integer(8))
      guard try cursor.integer(4) == 0x0606_4B50 else { throw Refusal("its zip archive has a damaged directory") }
      _ = try cursor.take(28)
      count = try cursor.integer(8)
      _ = try cursor.integer(8)
      offset = try cursor.integer(8)
    }
    guard count <= entryLimit else { throw Refusal("its zip archive holds more than \(entryLimit) files") }
    try cursor.seek(to: offset)
    return (cursor, count)
  }

  private static func entry(_ cursor: inout ByteCursor) throws(Refusal) -> (String, Entry) {
    guard try cursor.integer(4) == 0x0201_4B50 else { throw Refusal("its zip archive has a damaged directory") }
    _ = try cursor.take(4)
    let flags = try cursor.integer(2)
    let method = try cursor.integer(2)
    _ = try cursor.take(4)
    let checksum = try cursor.integer(4)
    var (packedSize, size) = (try cursor.integer(4), try cursor.integer(4))
    let (nameLength, extraLength, commentLength) =
      (try cursor.integer(2), try cursor.integer(2), try cursor.integer(2))
    _ = try cursor.take(8)
    var offset = try cursor.integer(4)
    let name = try cursor.text(nameLength)
    let afterExtra = cursor.position + extraLength
    while cursor.position + 4 <= afterExtra {
      let (kind, length) = (try cursor.integer(2), try cursor.integer(2))
      let next = cursor.position + length
      if kind == 1 {
        // Only what did not fit 32 bits stands here, in this order.
        if size == 0xFFFF_FFFF { size = try cursor.integer(8) }
        if packedSize == 0xFFFF_FFFF { packedSize = try cursor.integer(8) }
        if offset == 0xFFFF_FFFF { offset = try cursor.integer(8) }
      }
      try cursor.seek(to: next)
    }
    try cursor.seek(to: afterExtra)
    _ = try cursor.take(commentLength)
    guard flags & 1 == 0 else { throw Refusal("its zip archive is encrypted") }
    return (
      name, Entry(method: method, checksum: checksum, packedSize: packedSize, size: size, offset: offset)
    )
  }

  /// The unpacked bytes of a file; nil if there is none of that name.
  mutating func read(_ name: String) throws(Refusal) -> [UInt8]? {
    guard let entry = entries[name] else { return nil }
    guard entry.size <= budget else { throw Refusal("its zip archive unpacks to more than 64 MiB") }
    budget -= entry.size
    var cursor = ByteCursor(bytes, subject: Self.subject)
    try cursor.seek(to: entry.offset)
    guard try cursor.integer(4) == 0x0403_4B50 else { throw Refusal("its zip archive has a damaged header") }
    _ = try cursor.take(22)
    let (nameLength, extraLength) = (try cursor.integer(2), try cursor.integer(2))
    _ = try cursor.take(nameLength + extraLength)
    let packed = try cursor.take(entry.packedSize)
    let unpacked: [UInt8]? =
      switch entry.method {
      case 0: Array(packed)
      case 8: inflate(deflate: packed, limit: entry.size)
      default: throw Refusal("its zip archive is packed with method \(entry.method) instead of deflate")
      }
    guard let unpacked, unpacked.count == entry.size, Int(crc32(unpacked[...])) == entry.checksum else {
      throw Refusal("\(name.quoted) in its zip archive is damaged")
    }
    return unpacked
  }
}
