extension PictureMetadata {
  /// A chunk of a WebP file (RFC 9649).
  private struct WebPChunk {
    let type: String
    let data: ArraySlice<UInt8>
    let end: Int

    /// - Returns: nil if the bytes hold no whole chunk there; the padding after the last one may be missing.
    init?(at offset: Int, of view: ByteView) {
      guard let type = view.slice(at: offset, count: 4), let size = view.integer(at: offset + 4, count: 4, .little),
        let data = view.slice(at: offset + 8, count: size)
      else { return nil }
      self.type = latin1(type)
      self.data = data
      end = data.endIndex + size % 2
    }

    static func make(_ type: String, _ data: some Collection<UInt8>) -> [UInt8] {
      type.utf8 + encode(data.count, count: 4, .little) + data + (data.count % 2 == 1 ? [0] : [])
    }
  }

  /// Flags of a `VP8X` chunk.
  private enum WebPFlag {
    static let xmp: UInt8 = 0x04
    static let exif: UInt8 = 0x08
    static let alpha: UInt8 = 0x10
    static let colorProfile: UInt8 = 0x20
  }

  /// Collects from the chunks of the file.
  mutating func readWebP(_ view: ByteView, _ budget: inout Budget) {
    var offset = 12
    while let chunk = WebPChunk(at: offset, of: view) {
      offset = chunk.end
      switch chunk.type {
      case "ICCP": colorProfile = colorProfile ?? budget.copy(chunk.data).flatMap(Self.validProfile)
      case "EXIF": exif = exif ?? budget.copy(chunk.data).flatMap(Self.validExif)
      case "XMP ": xmp = xmp ?? budget.copy(chunk.data)
      default: break
      }
    }
  }

  /// Puts the file in the extended form with `ICCP`, `EXIF` and `XMP ` chunks; unchanged if there is nothing to add.
  func writeWebP(
    into encoded: [UInt8], processing: String?, _ omitted: inout [Omission]
  ) throws(WriteError) -> [UInt8] {
    let view = ByteView(encoded)
    if photoshopResources != nil { omitted.append(.photoshopResources) }
    if xmp != nil, !extendedXMP.isEmpty { omitted.append(.extendedXMP) }

    var added: [String: [UInt8]] = [:]
    added["ICCP"] = profile(for: "RGB ", &omitted)
    added["EXIF"] = try annotatedExif(processing)
    added["XMP "] = xmp
    if added.isEmpty { return encoded }

    var header: [UInt8]?
    var body: [UInt8] = []
    var offset = 12
    while let chunk = WebPChunk(at: offset, of: view) {
      if chunk.type == "VP8X", chunk.data.count == 10 {
        header = Array(chunk.data)
      } else if added[chunk.type] == nil {
        header = header ?? Self.extendedHeader(for: chunk)
        body += WebPChunk.make(chunk.type, chunk.data)
      }
      offset = chunk.end
    }
    // The profile comes before the pixels; one of the encoder's is the first of `body` already.
    guard var header, offset >= encoded.count else { throw .malformed(.webP, offset: offset) }
    for (type, flag) in [("ICCP", WebPFlag.colorProfile), ("EXIF", WebPFlag.exif), ("XMP ", WebPFlag.xmp)]
    where added[type] != nil {
      header[0] |= flag
    }
    var content = WebPChunk.make("VP8X", header)
    if let profile = added["ICCP"] { content += WebPChunk.make("ICCP", profile) }
    content += body
    for type in ["EXIF", "XMP "] {
      if let data = added[type] { content += WebPChunk.make(type, data) }
    }
    guard content.count <= Int(UInt32.max) - 10 else { throw .tooLong(.webP, count: content.count) }
    return Self.ascii("RIFF") + Self.encode(content.count + 4, count: 4, .little) + Self.ascii("WEBP") + content
  }

  /// The Exif block with texts, density and the note, which WebP has no other place for.
  private func annotatedExif(_ processing: String?) throws(WriteError) -> [UInt8]? {
    let isDense = density.map { $0.unit != .aspect } ?? false && exifDensity == nil
    let hasTexts = texts.contains { !$0.text.isEmpty }
    guard processing != nil || isDense || hasTexts else { return exif }
    var writer = exif.flatMap { TIFFWriter(editing: $0) } ?? TIFFWriter(order: .little)
    if isDense, let density {
      for entry in density.tiffEntries(writer.order) { writer.set(entry) }
    }
    addNotes(to: &writer, processing: processing)
    guard let block = writer.finish() else { throw .tooLong(.webP, count: exif?.count ?? 0) }
    return block
  }

  /// `VP8X` payload, flags, 3 reserved bytes, width - 1 and height - 1 in 24 bits each, for the pixels of a simple file.
  private static func extendedHeader(for chunk: WebPChunk) -> [UInt8]? {
    let view = ByteView(Array(chunk.data.prefix(10)))
    switch chunk.type {
    case "VP8 ":
      guard let width = view.integer(at: 6, count: 2, .little), let height = view.integer(at: 8, count: 2, .little)
      else { return nil }
      return extendedHeader(width: width & 0x3FFF, height: height & 0x3FFF, flags: 0)
    case "VP8L":
      guard let size = view.integer(at: 1, count: 4, .little) else { return nil }
      return extendedHeader(
        width: size & 0x3FFF + 1, height: size >> 14 & 0x3FFF + 1,
        flags: size >> 28 & 1 == 1 ? WebPFlag.alpha : 0)
    default: return nil
    }
  }

  private static func extendedHeader(width: Int, height: Int, flags: UInt8) -> [UInt8]? {
    guard width > 0, height > 0 else { return nil }
    return [flags, 0, 0, 0] + encode(width - 1, count: 3, .little) + encode(height - 1, count: 3, .little)
  }
}
