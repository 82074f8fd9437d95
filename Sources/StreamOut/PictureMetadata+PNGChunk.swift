internal import Frames

extension PictureMetadata {
  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  static let pngXMPKeyword = "XML:com.adobe.xmp"
  /// How ImageMagick and ExifTool begin the keyword of a block of metadata written in hexadecimal.
  static let rawProfilePrefix = "Raw profile type "

  /// A chunk of a PNG file without length and checksum.
  struct PNGChunk: Sendable, Equatable {
    /// Four ASCII letters.
    var type: String
    var data: [UInt8]

    init(_ type: String, _ data: [UInt8]) {
      (self.type, self.data) = (type, data)
    }

    /// A text chunk: `tEXt` for ASCII, else `iTXt` with UTF-8, neither compressed.
    /// - Parameter keyword: 1 to 79 ASCII characters.
    init(keyword: String, text: String) {
      let text = text.utf8.filter { $0 != 0 }
      if text.allSatisfy({ $0 < 0x80 }) && keyword != PictureMetadata.pngXMPKeyword {
        self.init("tEXt", keyword.utf8 + [0] + text)
      } else {
        self.init("iTXt", keyword.utf8 + [0, 0, 0, 0, 0] + text)
      }
    }

    /// The chunk as it stands in a file.
    var encoded: [UInt8] {
      let type = Array(self.type.utf8)
      let crc = crc32(type[...], data[...])
      return PictureMetadata.encode(data.count, count: 4, .big) + type + data
        + PictureMetadata.encode(Int(crc), count: 4, .big)
    }

    /// The keyword of a text or `iCCP` chunk, Latin-1.
    var keyword: String? {
      data.firstIndex(of: 0).map { PictureMetadata.latin1(data[..<$0]) }
    }

    /// The profile of an `iCCP` chunk, or the text of a `zTXt` chunk: keyword, NUL, method 0, zlib stream.
    func inflated(limit: Int) -> [UInt8]? {
      guard let end = data.firstIndex(of: 0), data.dropFirst(end + 1).first == 0 else { return nil }
      return inflate(zlib: data[(end + 2)...], limit: limit)
    }

    /// Keyword and text of a text chunk; nil if malformed or longer than `limit` bytes.
    func text(limit: Int) -> Text? {
      guard let keyword, let bytes = textBytes(limit: limit), bytes.count <= limit else { return nil }
      let text = type == "iTXt" ? PictureMetadata.text(bytes) : PictureMetadata.latin1(bytes)
      return Text(keyword: keyword, text: text)
    }

    /// The bytes of the text of a text chunk, unpacked.
    func textBytes(limit: Int) -> [UInt8]? {
      guard let end = data.firstIndex(of: 0) else { return nil }
      switch type {
      case "tEXt": return Array(data[(end + 1)...])
      case "zTXt": return inflated(limit: limit)
      case "iTXt":
        // Keyword, compression flag and method, language tag, translated keyword, text.
        guard data.count > end + 2, let language = data[(end + 3)...].firstIndex(of: 0),
          let translated = data[(language + 1)...].firstIndex(of: 0)
        else { return nil }
        let text = data[(translated + 1)...]
        return data[end + 1] == 0 ? Array(text) : inflate(zlib: text, limit: limit)
      default: return nil
      }
    }
  }

  /// A chunk in a file.
  struct PNGPlace {
    let type: String
    /// From the length to the checksum.
    let range: Range<Int>
    let data: ArraySlice<UInt8>
    private let view: ByteView

    /// - Returns: nil if the bytes hold no whole chunk there.
    init?(at offset: Int, of view: ByteView) {
      guard let length = view.integer(at: offset, count: 4, .big), let type = view.slice(at: offset + 4, count: 4),
        let data = view.slice(at: offset + 8, count: length), view.slice(at: offset + 8 + length, count: 4) != nil
      else { return nil }
      self.type = latin1(type)
      self.data = data
      self.view = view
      range = offset..<offset + 12 + length
    }

    var isIntact: Bool {
      let crc = crc32(view.bytes[range.lowerBound + 4..<range.upperBound - 4])
      return view.integer(at: range.upperBound - 4, count: 4, .big) == Int(crc)
    }
  }
}
