internal import Frames

extension PictureMetadata {
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
