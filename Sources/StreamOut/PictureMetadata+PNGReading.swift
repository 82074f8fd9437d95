extension PictureMetadata {
  static let pngColorTypes: Set<String> = ["gAMA", "cHRM", "sRGB", "cICP", "mDCV", "cLLI"]
  static let pngTextTypes: Set<String> = ["tEXt", "zTXt", "iTXt"]

  /// Collects from all chunks up to `IEND`, as metadata may follow the pixels; one with a wrong checksum is left out.
  mutating func readPNG(_ view: ByteView, _ budget: inout Budget) {
    var offset = Self.pngSignature.count
    while let place = PNGPlace(at: offset, of: view), place.type != "IEND" {
      offset = place.range.upperBound
      let isWanted =
        Self.pngColorTypes.contains(place.type) || Self.pngTextTypes.contains(place.type)
        || ["eXIf", "iCCP", "pHYs", "tIME"].contains(place.type)
      guard isWanted, place.isIntact, let data = budget.copy(place.data) else { continue }
      let chunk = PNGChunk(place.type, data)
      switch place.type {
      case "eXIf": exif = exif ?? Self.validExif(data)
      case "iCCP": readColorProfile(chunk, &budget)
      case "pHYs": density = density ?? Self.pHYsDensity(data)
      case "tIME": modificationTime = modificationTime ?? (data.count == 7 ? data : nil)
      case let type where Self.pngColorTypes.contains(type):
        if !colorChunks.contains(where: { $0.type == type }) { colorChunks.append(chunk) }
      default: textChunks.append(chunk)
      }
    }
    let found = textChunks
    textChunks = found.filter { !absorb($0, &budget) }
  }

  private mutating func readColorProfile(_ chunk: PNGChunk, _ budget: inout Budget) {
    guard colorProfile == nil, let profile = chunk.inflated(limit: budget.remaining).flatMap(Self.validProfile),
      budget.take(profile.count)
    else { return }
    colorProfile = profile
    compressedColorProfile = chunk.data
  }

  private static func pHYsDensity(_ data: [UInt8]) -> Density? {
    let view = ByteView(data)
    guard let x = view.integer(at: 0, count: 4, .big), let y = view.integer(at: 4, count: 4, .big),
      let unit = view.byte(at: 8), unit <= 1
    else { return nil }
    return Density(x: Double(x), y: Double(y), unit: unit == 0 ? .aspect : .meter)
  }

  /// Reads a text chunk that is no text into the property for it.
  /// - Returns: whether that is done, and the chunk no longer needed.
  private mutating func absorb(_ chunk: PNGChunk, _ budget: inout Budget) -> Bool {
    guard let keyword = chunk.keyword else { return true }
    if keyword == Self.pngXMPKeyword {
      guard xmp == nil, let packet = chunk.textBytes(limit: budget.remaining), budget.take(packet.count) else {
        return false
      }
      xmp = packet
      return true
    }
    guard keyword.hasPrefix(Self.rawProfilePrefix), let text = chunk.textBytes(limit: budget.remaining),
      let profile = Self.rawProfile(text), budget.take(profile.count)
    else { return false }
    switch keyword.dropFirst(Self.rawProfilePrefix.count).lowercased() {
    case "exif", "app1":
      if profile.starts(with: JPEGSegment.xmp) {
        guard xmp == nil else { return false }
        xmp = Array(profile.dropFirst(JPEGSegment.xmp.count))
        return true
      }
      guard exif == nil, let block = Self.validExif(profile) else { return false }
      exif = block
    case "iptc", "8bim":
      guard photoshopResources == nil, profile.starts(with: Self.ascii("8BIM")) else { return false }
      photoshopResources = profile
    case "xmp":
      guard xmp == nil else { return false }
      xmp = profile
    case "icc", "icm":
      guard colorProfile == nil, let icc = Self.validProfile(profile) else { return false }
      colorProfile = icc
    default: return false
    }
    return true
  }

  /// The block in the text of a raw profile: newline, name, newline, length in decimal, newline, hexadecimal lines.
  static func rawProfile(_ text: [UInt8]) -> [UInt8]? {
    let lines = text.split(separator: 0x0A, maxSplits: 2)
    guard lines.count == 3, let length = Int(latin1(lines[1].filter { $0 != 0x20 })), length >= 0 else { return nil }
    let digits = lines[2].compactMap { digit -> UInt8? in
      switch digit {
      case 0x30...0x39: digit - 0x30
      case 0x41...0x46: digit - 0x41 + 10
      case 0x61...0x66: digit - 0x61 + 10
      default: nil
      }
    }
    guard digits.count / 2 == length, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
