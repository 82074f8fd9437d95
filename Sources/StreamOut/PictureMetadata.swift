/// What a picture file says beside its pixels, read from one file and written into another.
///
/// A value holds copies of the pieces it found and no reference to the file. Pieces are kept in the form the source
/// had wherever that form can be written again, so that a JPEG's Exif block reaches another JPEG byte for byte.
///
/// Not collected: what describes the coded pixels (quantisation, strips, palettes, `sBIT`, the Adobe `APP14`
/// segment), pictures beside the first (multi-picture JPEG, TIFF pages, Photoshop layers), and data after the end
/// of a JPEG.
package struct PictureMetadata: Sendable, Equatable {
  /// The file formats that are read and written.
  package enum Format: String, Sendable {
    case jpeg = "JPEG"
    case png = "PNG"
    case webP = "WebP"
    case tiff = "TIFF"
  }

  /// The most bytes of metadata taken from one file, compressed pieces counted at their full length: 64 MiB.
  package static let byteLimit = 64 << 20

  /// The format of the file read, nil in an empty value.
  package internal(set) var source: Format?
  /// A TIFF structure (Exif 2.32, 4.5), byte order mark first, without the `Exif\0\0` of JPEG; its embedded
  /// thumbnail shows the picture as it was before.
  package internal(set) var exif: [UInt8]?
  /// An ICC profile, at least its header of 128 bytes.
  package internal(set) var colorProfile: [UInt8]?
  /// An XMP packet, in practice UTF-8.
  package internal(set) var xmp: [UInt8]?
  /// Photoshop image resource blocks (`8BIM` ...), with the IPTC record as resource 0x0404.
  package internal(set) var photoshopResources: [UInt8]?
  /// JPEG `COM` payloads in file order, of no declared encoding.
  package internal(set) var comments: [[UInt8]] = []
  /// Pixel density as the container states it (JFIF, `pHYs`); Exif may hold another.
  package internal(set) var density: Density?

  /// Payloads of JPEG `APP1` segments of extended XMP, as found; useful to a JPEG only.
  var extendedXMP: [[UInt8]] = []
  /// Payload of the `iCCP` chunk that `colorProfile` came from.
  var compressedColorProfile: [UInt8]?
  /// `tEXt`, `zTXt` and `iTXt` chunks in file order, without those read into other properties.
  var textChunks: [PNGChunk] = []
  /// `gAMA`, `cHRM`, `sRGB`, `cICP`, `mDCV` and `cLLI` chunks, each at most once.
  var colorChunks: [PNGChunk] = []
  /// Payload of `tIME`, 7 bytes.
  var modificationTime: [UInt8]?

  /// Creates a value that says nothing; written with a processing note it adds just that.
  package init() {}

  /// Reads the metadata of a whole JPEG, PNG, WebP or TIFF file.
  ///
  /// Malformed, truncated and oversized pieces are left out and the rest is kept. Big TIFF is not known.
  /// - Parameter bytes: the file; copied from, not kept.
  /// - Returns: nil if the bytes do not begin like one of the formats.
  /// - Complexity: O(bytes of metadata), and O(number of chunks) for the rest of the file.
  package init?(readingFrom bytes: [UInt8]) {
    guard let format = Self.format(of: bytes) else { return nil }
    source = format
    let view = ByteView(bytes)
    var budget = Budget()
    switch format {
    case .jpeg: readJPEG(view, &budget)
    case .png: readPNG(view, &budget)
    case .webP: readWebP(view, &budget)
    case .tiff: readTIFF(view, &budget)
    }
  }

  /// The format that the first bytes of a file announce, nil for none of the four.
  package static func format(of bytes: [UInt8]) -> Format? {
    let view = ByteView(bytes)
    if view.has([0xFF, 0xD8, 0xFF], at: 0) { return .jpeg }
    if view.has(pngSignature, at: 0) { return .png }
    if view.has(ascii("RIFF"), at: 0), view.has(ascii("WEBP"), at: 8) { return .webP }
    if tiffByteOrder(of: view) != nil { return .tiff }
    return nil
  }

  /// The turn that brings the stored pixels upright, `1...8` as in Exif tag 274; 1 where nothing valid is stated.
  package var orientation: Int {
    guard let exif, let writer = TIFFWriter(editing: exif), let value = writer.integer(of: Tag.orientation),
      (1...8).contains(value)
    else { return 1 }
    return value
  }

  /// The pieces it holds, for messages: "EXIF, XMP"; nil if there are none.
  var summary: String? {
    let pieces = [
      (exif != nil, "EXIF"), (colorProfile != nil, "the colour profile"), (xmp != nil, "XMP"),
      (photoshopResources != nil, "IPTC"), (!comments.isEmpty || !textChunks.isEmpty, "comments"),
    ].filter(\.0).map(\.1)
    return pieces.isEmpty ? nil : pieces.joined(separator: ", ")
  }

  /// Whether there is nothing to carry.
  package var isEmpty: Bool {
    var blank = PictureMetadata()
    blank.source = source
    return self == blank
  }
}

extension PictureMetadata {
  /// The bytes of a literal that is ASCII.
  static func ascii(_ text: StaticString) -> [UInt8] {
    Array(text.description.utf8)
  }
}
