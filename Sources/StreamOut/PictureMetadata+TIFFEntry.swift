extension PictureMetadata {
  /// Numbers of TIFF 6.0, TIFF/EP and Exif fields that are treated by name.
  enum Tag {
    static let imageDescription: UInt16 = 270
    static let orientation: UInt16 = 274
    static let photometricInterpretation: UInt16 = 262
    static let xResolution: UInt16 = 282
    static let yResolution: UInt16 = 283
    static let resolutionUnit: UInt16 = 296
    static let software: UInt16 = 305
    static let artist: UInt16 = 315
    static let xmp: UInt16 = 700
    static let copyright: UInt16 = 33432
    static let iptc: UInt16 = 33723
    static let photoshopResources: UInt16 = 34377
    static let exif: UInt16 = 34665
    static let colorProfile: UInt16 = 34675
    static let gps: UInt16 = 34853
    /// TIFF/EP: "a record of what has been done to the image".
    static let imageHistory: UInt16 = 37395
    static let makerNote: UInt16 = 37500
    static let interoperability: UInt16 = 40965

    /// Fields of IFD0 with a place of their own in ``PictureMetadata``.
    static let separate: Set<UInt16> = [xmp, iptc, photoshopResources, colorProfile]

    /// Whether a field of a TIFF's IFD0 describes how its pixels are stored, or points at pictures other than them.
    ///
    /// TransferFunction (301) depends on the bit depth; 330 points at further pictures; 37724 is Photoshop's
    /// layers; from 50706 on DNG describes sensor data and would make a reader take the file for a raw picture.
    static func isStructural(_ tag: UInt16) -> Bool {
      switch tag {
      case 254...266, 273, 277...281, 284, 288...293, 297, 301, 317, 320...325, 330, 332...334, 336...347, 400...435,
        512...521, 529...532, 559, 32781, 32995...32998, 33421, 33422, 34908...34910, 37724, 50706...52600:
        true
      default: false
      }
    }
  }

  /// The type of the values of a TIFF field.
  enum TIFFType: Int, Sendable {
    case byte = 1
    case ascii = 2
    case short = 3
    case long = 4
    case rational = 5
    case signedByte = 6
    case undefined = 7
    case signedShort = 8
    case signedLong = 9
    case signedRational = 10
    case float = 11
    case double = 12
    case directory = 13
    case utf8 = 129

    /// Bytes of one value.
    var size: Int {
      switch self {
      case .byte, .ascii, .signedByte, .undefined, .utf8: 1
      case .short, .signedShort: 2
      case .long, .signedLong, .float, .directory: 4
      case .rational, .signedRational, .double: 8
      }
    }

    /// Bytes that change order together.
    var word: Int {
      switch self {
      case .rational, .signedRational: 4
      default: size
      }
    }
  }

  /// One field of a TIFF directory with its values.
  struct TIFFEntry: Sendable {
    var tag: UInt16
    var type: TIFFType
    /// How many values there are; `value` holds `count · type.size` bytes, in the byte order of its directory.
    var count: Int
    var value: [UInt8]

    func swapped() -> TIFFEntry {
      guard type.word > 1 else { return self }
      var copy = self
      for start in stride(from: 0, to: value.count, by: type.word) {
        copy.value[start..<start + type.word].reverse()
      }
      return copy
    }

    static func short(_ tag: UInt16, _ value: Int, _ order: ByteOrder) -> TIFFEntry {
      TIFFEntry(tag: tag, type: .short, count: 1, value: encode(value, count: 2, order))
    }

    /// Text with its closing NUL; in UTF-8, as readers take it, where Exif itself knows ASCII only.
    static func text(_ tag: UInt16, _ text: String) -> TIFFEntry {
      let value = text.utf8.filter { $0 != 0 } + [0]
      return TIFFEntry(tag: tag, type: .ascii, count: value.count, value: value)
    }

    static func data(_ tag: UInt16, _ value: [UInt8], type: TIFFType) -> TIFFEntry {
      TIFFEntry(tag: tag, type: type, count: value.count, value: value)
    }
  }

  /// The byte order a TIFF header announces, nil if there is no such header.
  static func tiffByteOrder(of view: ByteView) -> ByteOrder? {
    if view.has([0x49, 0x49, 42, 0], at: 0) { return .little }
    if view.has([0x4D, 0x4D, 0, 42], at: 0) { return .big }
    return nil
  }
}
