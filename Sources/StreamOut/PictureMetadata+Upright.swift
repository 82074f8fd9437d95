extension PictureMetadata {
  /// This metadata for pixels that have been turned upright: orientation 1 in Exif and XMP, and densities that turn
  /// with the picture. The Exif thumbnail and its own orientation stay.
  func upright() -> PictureMetadata {
    var copy = self
    let isQuarterTurn = orientation >= 5
    copy.exif = exif.map { Self.uprightExif($0, transposing: isQuarterTurn) }
    copy.xmp = xmp.map(Self.uprightXMP)
    if isQuarterTurn { copy.density = density?.transposed }
    return copy
  }

  /// Changes the bytes in place, so that nothing in the block moves.
  private static func uprightExif(_ exif: [UInt8], transposing: Bool) -> [UInt8] {
    let view = ByteView(exif)
    guard let order = tiffByteOrder(of: view), let offset = view.integer(at: 4, count: 4, order), offset >= 8,
      let count = view.integer(at: offset, count: 2, order)
    else { return exif }
    var exif = exif
    for index in 0..<count {
      let place = offset + 2 + 12 * index
      guard view.slice(at: place, count: 12) != nil, let tag = view.integer(at: place, count: 2, order) else { break }
      switch UInt16(tag) {
      case Tag.orientation:
        exif.replaceSubrange(place..<place + 12, with: orientationField(order))
      case Tag.xResolution where transposing && view.integer(at: place + 12, count: 2, order) == tag + 1:
        // Two neighbours that differ in nothing but the place of their value exchange it.
        guard index + 1 < count, let pair = view.slice(at: place, count: 24) else { break }
        exif.replaceSubrange(place + 2..<place + 12, with: pair.suffix(10))
        exif.replaceSubrange(place + 14..<place + 24, with: pair.dropFirst(2).prefix(10))
      default: break
      }
    }
    return exif
  }

  private static func orientationField(_ order: ByteOrder) -> [UInt8] {
    encode(Int(Tag.orientation), count: 2, order) + encode(TIFFType.short.rawValue, count: 2, order)
      + encode(1, count: 4, order) + encode(1, count: 2, order) + [0, 0]
  }

  /// Sets `tiff:Orientation`, as an attribute or an element, to 1; the packet keeps its length.
  private static func uprightXMP(_ xmp: [UInt8]) -> [UInt8] {
    let name = ascii("tiff:Orientation")
    var xmp = xmp
    var offset = 0
    while offset + name.count < xmp.count {
      guard xmp[offset] == name[0], xmp[offset..<offset + name.count].elementsEqual(name) else {
        offset += 1
        continue
      }
      offset += name.count
      let filler = xmp[offset...].prefix { " \t\r\n=>\"'".utf8.contains($0) }
      let digit = filler.endIndex
      if !filler.isEmpty, digit + 1 < xmp.count, (0x31...0x38).contains(xmp[digit]),
        !(0x30...0x39).contains(xmp[digit + 1])
      {
        xmp[digit] = 0x31
      }
    }
    return xmp
  }
}
