extension PictureMetadata {
  /// Keyword of the PNG text that says what was done to the picture.
  static let processingKeyword = "Processing"

  /// Inserts chunks after `IHDR`: colour, density, Exif, XMP, texts, time.
  ///
  /// Chunks of the encoder stay, but for kinds that may be there once and are carried; its colour chunks go if any
  /// are carried, as they would contradict.
  func writePNG(
    into encoded: [UInt8], processing: String?, _ omitted: inout [Omission]
  ) throws(WriteError) -> [UInt8] {
    let view = ByteView(encoded)
    let start = Self.pngSignature.count
    guard let header = PNGPlace(at: start, of: view), header.type == "IHDR", header.data.count == 13 else {
      throw .malformed(.png, offset: start)
    }
    let colorType = header.data[header.data.startIndex + 9]
    var chunks = colorChunks
    if let profile = profile(for: colorType & 2 == 0 ? "GRAY" : "RGB ", &omitted) {
      // A chunk that says what the profile says in short contradicts or repeats it.
      chunks.removeAll { $0.type == "sRGB" }
      chunks.insert(
        PNGChunk("iCCP", compressedColorProfile ?? Self.ascii("ICC profile\0\0") + Self.zlibStored(profile)), at: 0)
    }
    var replaced: Set<String> = chunks.isEmpty ? [] : Self.pngColorTypes.union(["iCCP"])

    var once: [PNGChunk] = []
    if let density = bestDensity, !density.isTrivial { once.append(PNGChunk("pHYs", density.pHYs)) }
    if let exif { once.append(PNGChunk("eXIf", exif)) }
    if let modificationTime { once.append(PNGChunk("tIME", modificationTime)) }
    replaced.formUnion(once.map(\.type))
    chunks += once
    if let xmp {
      chunks.append(PNGChunk("iTXt", Self.pngXMPKeyword.utf8 + [0, 0, 0, 0, 0] + xmp))
      if !extendedXMP.isEmpty { omitted.append(.extendedXMP) }
    }
    if let photoshopResources {
      chunks.append(PNGChunk("zTXt", Self.rawProfileChunk("iptc", photoshopResources)))
    }
    chunks += textChunks
    chunks += texts.prefix(carriedComments.count).filter { !$0.text.isEmpty }.map {
      PNGChunk(keyword: $0.keyword, text: $0.text)
    }
    if let processing { chunks.append(PNGChunk(keyword: Self.processingKeyword, text: processing)) }

    var bytes = Array(encoded[..<header.range.upperBound])
    for chunk in chunks {
      guard chunk.data.count <= Int(Int32.max) else { throw .tooLong(.png, count: chunk.data.count) }
      bytes += chunk.encoded
    }
    var offset = header.range.upperBound
    while let place = PNGPlace(at: offset, of: view) {
      if !replaced.contains(place.type) { bytes += encoded[place.range] }
      offset = place.range.upperBound
      if place.type == "IEND" { return bytes + encoded[offset...] }
    }
    throw .malformed(.png, offset: offset)
  }

  /// Payload of a `zTXt` chunk with a block in hexadecimal, the inverse of `rawProfile`.
  private static func rawProfileChunk(_ name: StaticString, _ block: [UInt8]) -> [UInt8] {
    let digits = ascii("0123456789abcdef")
    let length = Array(String(block.count).utf8)
    var text = [0x0A] + ascii(name) + [0x0A] + [UInt8](repeating: 0x20, count: max(0, 8 - length.count)) + length
    for (index, byte) in block.enumerated() {
      if index % 36 == 0 { text.append(0x0A) }
      text += [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }
    text.append(0x0A)
    return rawProfilePrefix.utf8 + ascii(name) + [0, 0] + zlibStored(text)
  }
}
