extension PictureMetadata {
  private static let iptcResource = 0x0404

  /// The IPTC record (IIM) among Photoshop image resource blocks, nil if there is none.
  ///
  /// A block is `8BIM`, a number (2), a Pascal string padded to even, a length (4) and data padded to even.
  static func iptc(in resources: [UInt8]) -> [UInt8]? {
    let view = ByteView(resources)
    var offset = 0
    while view.has(ascii("8BIM"), at: offset), let number = view.integer(at: offset + 4, count: 2, .big),
      let name = view.byte(at: offset + 6)
    {
      let sizeOffset = offset + 6 + (Int(name) + 2) / 2 * 2
      guard let size = view.integer(at: sizeOffset, count: 4, .big),
        let data = view.slice(at: sizeOffset + 4, count: size)
      else { return nil }
      if number == iptcResource { return Array(data) }
      offset = sizeOffset + 4 + (size + 1) / 2 * 2
    }
    return nil
  }

  /// An IPTC record as the one image resource block.
  static func resources(iptc: [UInt8]) -> [UInt8] {
    ascii("8BIM") + encode(iptcResource, count: 2, .big) + [0, 0] + encode(iptc.count, count: 4, .big) + iptc
      + (iptc.count % 2 == 1 ? [0] : [])
  }
}
