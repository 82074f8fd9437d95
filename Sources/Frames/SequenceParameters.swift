/// What the sequence parameter set of H.264 says of fields (ITU-T H.264, 7.3.2.1.1): a stream whose first frames are
/// progressive may still have interlaced ones later, and only this tells beforehand.
struct SequenceParameters {
  /// Whether frames may be coded as fields, or by macroblocks of fields.
  let allowsFields: Bool

  /// - Parameter header: a decoder's configuration, as in MP4 (ISO/IEC 14496-15) or with start codes; nil comes out where
  ///   no parameter set is found in it, or a damaged one.
  init?(header: UnsafeBufferPointer<UInt8>) {
    guard let unit = Self.firstUnit(in: Array(header.prefix(Self.maximumSize))) else { return nil }
    var bits = BitReader(unit)
    guard let isFrameOnly = Self.frameOnly(&bits), !bits.isExhausted else { return nil }
    allowsFields = !isFrameOnly
  }

  private static let maximumSize = 4096
  /// Profiles that state chroma format, depth and scaling matrices.
  private static let highProfiles: Set<UInt32> = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

  /// The first parameter set without its type byte, freed of emulation prevention.
  private static func firstUnit(in header: [UInt8]) -> [UInt8]? {
    guard header.count > 8 else { return nil }
    var start: Int?
    if header[0] == 1 {
      if header[5] & 31 > 0, header[8] & 31 == 7 { start = 9 }
    } else {
      start = header.indices.dropLast(3).first {
        header[$0] == 0 && header[$0 + 1] == 0 && header[$0 + 2] == 1 && header[$0 + 3] & 31 == 7
      }.map { $0 + 4 }
    }
    guard let start else { return nil }
    var unit: [UInt8] = []
    var zeros = 0
    for byte in header[start...] {
      if zeros >= 2, byte == 3 {
        zeros = 0
        continue
      }
      zeros = byte == 0 ? zeros + 1 : 0
      unit.append(byte)
    }
    return unit
  }

  /// frame_mbs_only_flag; nil if what comes before it makes no sense.
  private static func frameOnly(_ bits: inout BitReader) -> Bool? {
    let profile = bits.read(8)
    _ = bits.read(16)
    _ = bits.unsigned()
    if highProfiles.contains(profile) {
      let chroma = bits.unsigned()
      if chroma == 3 { _ = bits.read(1) }
      _ = (bits.unsigned(), bits.unsigned(), bits.read(1))
      if bits.read(1) == 1 {
        for list in 0..<(chroma == 3 ? 12 : 8) where bits.read(1) == 1 { skipScalingList(&bits, list < 6 ? 16 : 64) }
      }
    }
    _ = bits.unsigned()
    switch bits.unsigned() {
    case 0: _ = bits.unsigned()
    case 1:
      _ = (bits.read(1), bits.unsigned(), bits.unsigned())
      let count = bits.unsigned()
      guard count < 256 else { return nil }
      for _ in 0..<count { _ = bits.unsigned() }
    case 2: break
    default: return nil
    }
    _ = (bits.unsigned(), bits.read(1), bits.unsigned(), bits.unsigned())
    return bits.read(1) == 1
  }

  private static func skipScalingList(_ bits: inout BitReader, _ count: Int) {
    var (last, next) = (8, 8)
    for _ in 0..<count {
      if next != 0 {
        let code = Int(bits.unsigned())
        next = (last + (code & 1 == 1 ? (code + 1) / 2 : -code / 2) + 256) & 255
      }
      if next != 0 { last = next }
    }
  }
}

/// Reads bits, the highest of each byte first; zeros after the end.
private struct BitReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether more was read than there is.
  var isExhausted: Bool { position > bytes.count * 8 }

  mutating func read(_ count: Int) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      let byte = position / 8 < bytes.count ? bytes[position / 8] : 0
      value = value << 1 | UInt32(byte >> (7 - position % 8) & 1)
      position += 1
    }
    return value
  }

  /// An Exp-Golomb code, without sign.
  mutating func unsigned() -> UInt32 {
    var zeros = 0
    while zeros < 31, !isExhausted, read(1) == 0 { zeros += 1 }
    return (1 << zeros) - 1 + read(zeros)
  }
}
