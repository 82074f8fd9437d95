internal import Foundation

/// The size that a file states of itself, where its format has a place for it: what is missing of it was cut off.
enum DeclaredSize {
  /// Some writers count their header twice.
  private static let tolerance: Int64 = 64
  /// Within so many bytes the headers that are looked for must stand.
  private static let beginning = 1 << 16

  /// Bytes that the file at `path` lacks; nil if none, or if it does not say. `format` is FFmpeg's name.
  static func missingBytes(of path: String, format: String) -> Int64? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let size = (try? file.seekToEnd()).map(Int64.init), let head = read(file, at: 0, count: beginning) else {
      return nil
    }
    let end: Int64? =
      switch format {
      case "avi": endOfRIFF(file, size: size)
      case "matroska,webm": endOfSegment(head)
      case "asf": asfSize(head)
      case "mpegts": endOfTransportPacket(head, size: size)
      default: nil
      }
    guard let end, end > size + (format == "mpegts" ? 0 : tolerance) else { return nil }
    return end - size
  }

  /// AVI: chunks `RIFF`, of which long files have several.
  private static func endOfRIFF(_ file: FileHandle, size: Int64) -> Int64? {
    var end: Int64 = 0
    while end + 8 <= size, let header = read(file, at: UInt64(end), count: 8), header.starts(with: Array("RIFF".utf8)) {
      let length = Int64(littleEndian(header, at: 4, count: 4))
      // A recorder that was switched off leaves a placeholder.
      guard length > 0, length < 0xFFFF_FFFF else { return nil }
      end += 8 + length + length % 2
    }
    return end
  }

  /// Matroska: the element Segment, which follows the EBML header; of unknown length in a live recording.
  private static func endOfSegment(_ head: [UInt8]) -> Int64? {
    guard head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]), let header = vint(head, at: 4), let length = header.value else {
      return nil
    }
    let start = 4 + header.count + Int(min(length, 1 << 20))
    guard start + 12 <= head.count, head[start..<start + 4].elementsEqual([0x18, 0x53, 0x80, 0x67]),
      let segment = vint(head, at: start + 4), let size = segment.value
    else { return nil }
    return Int64(start + 4 + segment.count) + size
  }

  /// ASF: the object File Properties, unless the file was broadcast.
  private static func asfSize(_ head: [UInt8]) -> Int64? {
    let name: [UInt8] = [
      0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11, 0x8E, 0xE4, 0x00, 0xC0, 0x0C, 0x20, 0x53, 0x65,
    ]
    guard let start = head.firstRange(of: name)?.lowerBound, start + 92 <= head.count else { return nil }
    guard littleEndian(head, at: start + 88, count: 4) & 1 == 0 else { return nil }
    return Int64(clamping: littleEndian(head, at: start + 40, count: 8))
  }

  /// Transport streams consist of packets of one size, 188 bytes or, on discs, 192.
  private static func endOfTransportPacket(_ head: [UInt8], size: Int64) -> Int64? {
    for (offset, packet) in [(0, 188), (4, 192)] where head.count > offset + 2 * packet {
      if (0..<3).allSatisfy({ head[offset + $0 * packet] == 0x47 }) {
        return (size + Int64(packet) - 1) / Int64(packet) * Int64(packet)
      }
    }
    return nil
  }

  /// An EBML number and how many bytes it takes; its value is nil if it says "unknown".
  private static func vint(_ bytes: [UInt8], at index: Int) -> (value: Int64?, count: Int)? {
    guard index < bytes.count, bytes[index] != 0 else { return nil }
    let count = bytes[index].leadingZeroBitCount + 1
    guard index + count <= bytes.count else { return nil }
    let mask = Int64(1) << (7 * count) - 1
    let value = bytes[index..<index + count].reduce(Int64(0)) { $0 << 8 | Int64($1) } & mask
    return (value == mask ? nil : value, count)
  }

  private static func littleEndian(_ bytes: [UInt8], at index: Int, count: Int) -> UInt64 {
    bytes[index..<index + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func read(_ file: FileHandle, at offset: UInt64, count: Int) -> [UInt8]? {
    guard (try? file.seek(toOffset: offset)) != nil, let data = try? file.read(upToCount: count) else { return nil }
    return [UInt8](data)
  }
}
