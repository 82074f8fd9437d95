extension PictureMetadata {
  /// Inserts segments after the JFIF segment, in the order Exif, XMP, ICC, Photoshop, comments.
  ///
  /// Segments of the encoder stay, but for kinds that may be there once and are carried.
  func writeJPEG(
    into encoded: [UInt8], processing: String?, _ omitted: inout [Omission]
  ) throws(WriteError) -> [UInt8] {
    let header = JPEGHeader(ByteView(encoded))
    guard header.isComplete else { throw .malformed(.jpeg, offset: header.end) }
    let components = header.segments.compactMap(\.components).first
    let space = components.flatMap { [1: "GRAY", 3: "RGB ", 4: "CMYK"][$0] }

    var front: [UInt8] = [0xFF, 0xD8]
    var kept: [UInt8] = []
    var replaced: [(UInt8, [UInt8])] = []
    var inserted: [UInt8] = []
    if let exif = fittingExif(&omitted) {
      inserted += JPEGSegment.make(JPEGSegment.app1, JPEGSegment.exif + exif)
      replaced.append((JPEGSegment.app1, JPEGSegment.exif))
    }
    if let packet = xmpSegments(&omitted) {
      inserted += packet
      replaced += [(JPEGSegment.app1, JPEGSegment.xmp), (JPEGSegment.app1, JPEGSegment.extendedXMP)]
    }
    if let profile = profile(for: space, &omitted) {
      if let segments = Self.profileSegments(profile) {
        inserted += segments
        replaced.append((JPEGSegment.app2, JPEGSegment.colorProfile))
      } else {
        omitted.append(.colorProfileTooLong)
      }
    }
    if let photoshopResources {
      for part in Self.parts(of: photoshopResources, limit: JPEGSegment.payloadLimit - JPEGSegment.photoshop.count) {
        inserted += JPEGSegment.make(JPEGSegment.app13, JPEGSegment.photoshop + part)
      }
      replaced.append((JPEGSegment.app13, JPEGSegment.photoshop))
    }
    let ownComments = header.segments.filter { $0.marker == JPEGSegment.comment }.map { Array($0.payload) }
    for comment in commentPayloads(processing) where !ownComments.contains(comment) {
      for part in Self.parts(of: comment, limit: JPEGSegment.payloadLimit) {
        inserted += JPEGSegment.make(JPEGSegment.comment, part)
      }
    }

    var hasJFIF = false
    for segment in header.segments {
      if !hasJFIF, segment.content(of: JPEGSegment.app0, JPEGSegment.jfif) != nil {
        hasJFIF = true
        front += jfif(from: encoded[segment.range])
      } else if !replaced.contains(where: { segment.content(of: $0.0, $0.1) != nil }) {
        kept += encoded[segment.range]
      }
    }
    // Encoders leave JFIF out if they know no pixel shape; to pixels of other components it does not apply.
    if !hasJFIF, let density = bestDensity, !density.isTrivial, components == 1 || components == 3,
      !header.segments.contains(where: { $0.marker == 0xEE })
    {
      front += JPEGSegment.make(JPEGSegment.app0, JPEGSegment.jfif + [1, 1] + density.jfif + [0, 0])
    }
    return front + inserted + kept + encoded[header.end...]
  }

  /// The encoder's JFIF segment with the carried density.
  private func jfif(from segment: ArraySlice<UInt8>) -> [UInt8] {
    var bytes = Array(segment)
    // Marker, length, signature and version come before the density.
    if let density = bestDensity, bytes.count >= 16 { bytes.replaceSubrange(11..<16, with: density.jfif) }
    return bytes
  }

  /// The Exif block, without its largest values if it is longer than a segment.
  private func fittingExif(_ omitted: inout [Omission]) -> [UInt8]? {
    let limit = JPEGSegment.payloadLimit - JPEGSegment.exif.count
    guard let exif, exif.count > limit else { return exif }
    omitted.append(.exifValues)
    var budget = Budget()
    guard var directory = TIFFDirectory(readingFrom: ByteView(exif), &budget) else { return nil }
    repeat {
      var writer = TIFFWriter(order: directory.order)
      writer.merge(directory)
      if let block = writer.finish(), block.count <= limit { return block }
    } while directory.removeLargest()
    return nil
  }

  private func xmpSegments(_ omitted: inout [Omission]) -> [UInt8]? {
    guard let xmp else { return nil }
    guard xmp.count <= JPEGSegment.payloadLimit - JPEGSegment.xmp.count else {
      omitted.append(.xmpTooLong)
      return nil
    }
    return extendedXMP.reduce(JPEGSegment.make(JPEGSegment.app1, JPEGSegment.xmp + xmp)) {
      $0 + JPEGSegment.make(JPEGSegment.app1, $1)
    }
  }

  /// The profile in numbered segments, nil if it takes more than 255.
  private static func profileSegments(_ profile: [UInt8]) -> [UInt8]? {
    let parts = parts(of: profile, limit: JPEGSegment.payloadLimit - JPEGSegment.colorProfile.count - 2)
    guard parts.count <= 255 else { return nil }
    return parts.enumerated().flatMap { index, part in
      JPEGSegment.make(
        JPEGSegment.app2, JPEGSegment.colorProfile + [UInt8(index + 1), UInt8(parts.count)] + part)
    }
  }

  /// Carried comments, then PNG texts as `keyword: text`, then what was done.
  private func commentPayloads(_ processing: String?) -> [[UInt8]] {
    let texts = texts.dropFirst(carriedComments.count).map { Array($0.line.utf8) }
    return carriedComments + texts.filter { !Self.isDirective($0) } + (processing.map { [Array($0.utf8)] } ?? [])
  }

  private static func parts(of bytes: [UInt8], limit: Int) -> [ArraySlice<UInt8>] {
    stride(from: 0, to: bytes.count, by: limit).map { bytes[$0..<min($0 + limit, bytes.count)] }
  }
}
