extension PictureMetadata {
  /// A marker segment of a JPEG file.
  struct JPEGSegment {
    /// The byte after 0xFF.
    let marker: UInt8
    /// From the 0xFF to the end of the payload.
    let range: Range<Int>
    /// Without marker and length.
    let payload: ArraySlice<UInt8>

    static let jfif = ascii("JFIF\0")
    static let exif = ascii("Exif\0\0")
    static let xmp = ascii("http://ns.adobe.com/xap/1.0/\0")
    static let extendedXMP = ascii("http://ns.adobe.com/xmp/extension/\0")
    static let colorProfile = ascii("ICC_PROFILE\0")
    static let photoshop = ascii("Photoshop 3.0\0")
    static let app0: UInt8 = 0xE0
    static let app1: UInt8 = 0xE1
    static let app2: UInt8 = 0xE2
    static let app13: UInt8 = 0xED
    static let comment: UInt8 = 0xFE

    /// The most bytes of payload, as the length counts its own two.
    static let payloadLimit = 0xFFFF - 2

    /// The payload after `signature` if this is an application segment of that kind.
    func content(of marker: UInt8, _ signature: [UInt8]) -> ArraySlice<UInt8>? {
      marker == self.marker && payload.starts(with: signature) ? payload.dropFirst(signature.count) : nil
    }

    /// The number of colour components if this is a frame header.
    var components: UInt8? {
      guard (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) else { return nil }
      return payload.dropFirst(5).first
    }

    /// The bytes of a segment.
    /// - Precondition: at most ``payloadLimit`` bytes.
    static func make(_ marker: UInt8, _ payload: some Collection<UInt8>) -> [UInt8] {
      precondition(payload.count <= payloadLimit)
      return [0xFF, marker] + encode(payload.count + 2, count: 2, .big) + payload
    }
  }

  /// The segments between start of image and the first scan.
  struct JPEGHeader {
    private(set) var segments: [JPEGSegment] = []
    /// Whether the scan was reached, so that the whole header is known.
    private(set) var isComplete = false
    /// Where the walk ended: the scan's 0xFF if it is complete.
    private(set) var end = 2

    init(_ view: ByteView) {
      // Decoders look for the next marker where there is none, so this does.
      while let start = view.first(0xFF, from: end), let marker = view.byte(at: start + 1) {
        switch marker {
        case 0x00, 0x01, 0xD0...0xD8:
          end = start + 2
        case 0xFF:
          end = start + 1
        case 0xDA:
          (isComplete, end) = (true, start)
          return
        case 0xD9:
          return
        default:
          guard let length = view.integer(at: start + 2, count: 2, .big), length >= 2,
            let payload = view.slice(at: start + 4, count: length - 2)
          else { return }
          segments.append(
            JPEGSegment(marker: marker, range: start..<payload.endIndex, payload: payload))
          end = payload.endIndex
        }
      }
    }
  }
}
