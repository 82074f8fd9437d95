extension PictureMetadata {
  /// Why metadata could not be put into an encoded picture.
  package enum WriteError: Error, Equatable {
    /// The encoded bytes are in none of the four formats.
    case unknownFormat
    /// The encoded bytes are not a whole file; what was expected is not at `offset`.
    case malformed(Format, offset: Int)
    /// The result would pass a limit of its format; `count` bytes were at hand.
    case tooLong(Format, count: Int)
  }

  /// A piece that was there to carry and is not, or not fully, in the file written.
  package enum Omission: String, Sendable, CaseIterable {
    case exifValues = "the largest Exif values, as a JPEG segment holds 64 KiB"
    case makerNoteOffsets = "the position of the maker note, which some makers' offsets depend on"
    case thumbnail = "the Exif thumbnail, which would be a second page of a TIFF"
    case colorProfile = "the colour profile, as it is for pixels of another kind"
    case colorProfileTooLong = "the colour profile, as JPEG holds 16 MiB"
    case xmpTooLong = "XMP, as a JPEG segment holds 64 KiB"
    case extendedXMP = "the part of XMP that only JPEG keeps apart"
    case photoshopResources = "IPTC and Photoshop resources, which WebP has no place for"
    case pngColor = "gamma and primaries, which only PNG has chunks for"
    case modificationTime = "the time of modification, which only PNG has a chunk for"
  }

  /// An encoded picture with its metadata.
  package struct Written: Sendable {
    /// The whole file.
    package var bytes: [UInt8]
    /// What the file does not hold, each at most once.
    package var omitted: [Omission]
  }

  /// Puts this metadata into a freshly encoded picture; its pixels stay as they are.
  /// - Parameters:
  ///   - encoded: a whole JPEG, PNG, WebP or TIFF file, of the source's format or another.
  ///   - isUpright: the caller has turned the pixels by ``orientation``; the file then says 1.
  ///   - processing: what was done to the picture, in UTF-8 without NUL, added to what the file says already: a
  ///     JPEG comment, a PNG text `Processing`, a line of ImageHistory (37395) in WebP's Exif and in TIFF.
  /// - Complexity: O(bytes of the file).
  package func write(
    into encoded: [UInt8], isUpright: Bool = false, processing: String? = nil
  ) throws(WriteError) -> Written {
    guard let format = Self.format(of: encoded) else { throw .unknownFormat }
    let metadata = isUpright ? upright() : self
    var omitted: [Omission] = []
    if format != .png {
      if colorChunks.contains(where: { $0.type != "sRGB" }) { omitted.append(.pngColor) }
      if modificationTime != nil { omitted.append(.modificationTime) }
    }
    let bytes =
      switch format {
      case .jpeg: try metadata.writeJPEG(into: encoded, processing: processing, &omitted)
      case .png: try metadata.writePNG(into: encoded, processing: processing, &omitted)
      case .webP: try metadata.writeWebP(into: encoded, processing: processing, &omitted)
      case .tiff: try metadata.writeTIFF(into: encoded, processing: processing, &omitted)
      }
    return Written(bytes: bytes, omitted: omitted)
  }

  /// The profile if it is for pixels of `space`.
  ///
  /// A grey or CMYK source that becomes RGB cannot keep its profile: readers reject it or show wrong colours.
  /// - Parameter space: the ICC signature of the colour space written, nil if it cannot be told.
  func profile(for space: String?, _ omitted: inout [Omission]) -> [UInt8]? {
    guard let colorProfile else { return nil }
    if let space, !ByteView(colorProfile).has(Array(space.utf8), at: 16) {
      omitted.append(.colorProfile)
      return nil
    }
    return colorProfile
  }
}
