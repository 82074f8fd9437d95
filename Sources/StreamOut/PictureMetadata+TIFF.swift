extension PictureMetadata {
  /// Collects from the first directory and makes an Exif block of what does not have a property of its own.
  mutating func readTIFF(_ view: ByteView, _ budget: inout Budget) {
    guard var directory = TIFFDirectory(readingFrom: view, &budget) else { return }
    colorProfile = directory.remove(Tag.colorProfile).flatMap { Self.validProfile($0.value) }
    xmp = directory.remove(Tag.xmp)?.value
    photoshopResources = directory.remove(Tag.photoshopResources)?.value
    if let record = directory.remove(Tag.iptc)?.value, photoshopResources.flatMap(Self.iptc) == nil {
      photoshopResources = (photoshopResources ?? []) + Self.resources(iptc: record)
    }
    guard !directory.isEmpty else { return }
    var writer = TIFFWriter(order: directory.order)
    writer.merge(directory)
    exif = writer.finish()
  }

  /// Appends a new first directory: the encoder's fields, and over them the carried ones.
  func writeTIFF(
    into encoded: [UInt8], processing: String?, _ omitted: inout [Omission]
  ) throws(WriteError) -> [UInt8] {
    guard var writer = TIFFWriter(editing: encoded), writer.contains(Tag.photometricInterpretation) else {
      throw .malformed(.tiff, offset: 4)
    }
    if let exif {
      var budget = Budget()
      if var directory = TIFFDirectory(readingFrom: ByteView(exif), &budget) {
        for tag in Tag.separate { _ = directory.remove(tag) }
        if directory.hasMakerNote { omitted.append(.makerNoteOffsets) }
        writer.merge(directory)
      }
      if source != .tiff, Self.hasThumbnail(exif) { omitted.append(.thumbnail) }
    }
    if exifDensity == nil, let density, !density.isTrivial {
      for entry in density.tiffEntries(writer.order) { writer.set(entry) }
    }
    if let profile = profile(for: Self.colorSpace(of: writer), &omitted) {
      writer.set(.data(Tag.colorProfile, profile, type: .undefined))
    }
    if let xmp {
      writer.set(.data(Tag.xmp, xmp, type: .byte))
      if !extendedXMP.isEmpty { omitted.append(.extendedXMP) }
    }
    if let photoshopResources {
      writer.set(.data(Tag.photoshopResources, photoshopResources, type: .byte))
      if let record = Self.iptc(in: photoshopResources) {
        writer.set(.data(Tag.iptc, record, type: .undefined))
      }
    }
    addNotes(to: &writer, processing: processing)
    guard let bytes = writer.finish() else { throw .tooLong(.tiff, count: encoded.count) }
    return bytes
  }

  private static func hasThumbnail(_ exif: [UInt8]) -> Bool {
    let view = ByteView(exif)
    guard let order = tiffByteOrder(of: view), let offset = view.integer(at: 4, count: 4, order),
      let count = view.integer(at: offset, count: 2, order),
      let next = view.integer(at: offset + 2 + 12 * count, count: 4, order)
    else { return false }
    return view.integer(at: next, count: 2, order) ?? 0 > 0 && next > 0
  }

  /// The ICC signature of the space TIFF pixels are in, nil where it cannot be told.
  private static func colorSpace(of writer: TIFFWriter) -> String? {
    switch writer.integer(of: Tag.photometricInterpretation) {
    case 0, 1: "GRAY"
    case 2, 3, 6: "RGB "
    case 5: "CMYK"
    default: nil
    }
  }
}
