extension PictureMetadata {
  /// The order of the bytes of an integer in a file.
  enum ByteOrder: Sendable {
    case little
    case big
  }

  /// Reads from bytes of unknown quality: every access is checked and answers nil outside of them.
  struct ByteView {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
    }

    var count: Int { bytes.count }

    /// An unsigned integer of 1 to 4 bytes.
    func integer(at offset: Int, count: Int, _ order: ByteOrder) -> Int? {
      guard offset >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
      var value = 0
      for index in 0..<count {
        value = value << 8 | Int(bytes[order == .big ? offset + index : offset + count - 1 - index])
      }
      return value
    }

    func byte(at offset: Int) -> UInt8? {
      bytes.indices.contains(offset) ? bytes[offset] : nil
    }

    func slice(at offset: Int, count: Int) -> ArraySlice<UInt8>? {
      guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
      return bytes[offset..<offset + count]
    }

    func has(_ expected: [UInt8], at offset: Int) -> Bool {
      slice(at: offset, count: expected.count)?.elementsEqual(expected) ?? false
    }

    /// The offset of the first `byte` at or after `offset`.
    func first(_ byte: UInt8, from offset: Int) -> Int? {
      guard offset >= 0, offset < bytes.count else { return nil }
      return bytes[offset...].firstIndex(of: byte)
    }
  }

  /// What may still be taken from one file, see ``PictureMetadata/byteLimit``.
  struct Budget {
    private(set) var remaining = PictureMetadata.byteLimit

    /// Takes `count` bytes, or nothing if fewer remain.
    mutating func take(_ count: Int) -> Bool {
      guard count >= 0, count <= remaining else { return false }
      remaining -= count
      return true
    }

    /// A copy of `slice`, nil if there is none or it is too long.
    mutating func copy(_ slice: ArraySlice<UInt8>?) -> [UInt8]? {
      guard let slice, take(slice.count) else { return nil }
      return Array(slice)
    }
  }

  /// The low `count` bytes of `value`, 1 to 8.
  static func encode(_ value: Int, count: Int, _ order: ByteOrder) -> [UInt8] {
    let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return order == .little ? little : little.reversed()
  }
}
