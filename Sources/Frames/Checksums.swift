private let crcTable: [UInt32] = (0..<256).map { index in
  (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
}

/// The CRC-32 of PNG (annex D) and zip over the parts in order.
package func crc32(_ parts: ArraySlice<UInt8>...) -> UInt32 {
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
package func adler32(_ bytes: [UInt8]) -> UInt32 {
  var low: UInt32 = 1
  var high: UInt32 = 0
  for byte in bytes {
    low = (low + UInt32(byte)) % 65_521
    high = (high + low) % 65_521
  }
  return high << 16 | low
}
