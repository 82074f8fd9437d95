extension PictureMetadata {
  private static let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
  }

  /// The CRC-32 of PNG (annex D) over the parts in order.
  static func crc32(_ parts: ArraySlice<UInt8>...) -> UInt32 {
    let table = crcTable
    var crc = UInt32.max
    for part in parts {
      for byte in part {
        crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8
      }
    }
    return ~crc
  }

  /// The Adler-32 of zlib (RFC 1950, 8.2).
  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return high << 16 | low
  }

  /// A zlib stream that holds `bytes` uncompressed (RFC 1951, 3.2.4): profiles are small, a deflater is not.
  static func zlibStored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var offset = 0
    repeat {
      let end = min(offset + 0xFFFF, bytes.count)
      let length = end - offset
      stream.append(end == bytes.count ? 1 : 0)
      stream += encode(length, count: 2, .little) + encode(~length, count: 2, .little)
      stream += bytes[offset..<end]
      offset = end
    } while offset < bytes.count
    return stream + encode(Int(adler32(bytes)), count: 4, .big)
  }
}
