extension PictureMetadata {
  /// A sentence about the picture with what it is about, as PNG keeps it.
  struct Text: Equatable {
    var keyword: String
    var text: String

    static let comment = "Comment"

    /// The text alone if it is a comment, else with its keyword before it.
    var line: String { keyword == Self.comment ? text : "\(keyword): \(text)" }
  }

  /// UTF-8 where it is valid, else Latin-1, which any bytes are.
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    return String(validating: bytes, as: UTF8.self) ?? latin1(bytes)
  }

  static func latin1(_ bytes: some Sequence<UInt8>) -> String {
    String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// The JPEG comments and PNG texts in reading form, for a format that keeps them another way.
  var texts: [Text] {
    var remaining = Self.byteLimit
    let comments = carriedComments.map { Text(keyword: Text.comment, text: Self.text($0.prefix { $0 != 0 })) }
    let chunks = textChunks.compactMap { chunk -> Text? in
      guard let text = chunk.text(limit: remaining), !text.keyword.hasPrefix(Self.rawProfilePrefix) else { return nil }
      remaining -= text.text.utf8.count
      return text
    }
    return comments + chunks
  }

  /// The comments without those by which FFmpeg's decoder chooses how to read the pixels of the file they came from.
  var carriedComments: [[UInt8]] {
    comments.filter { !Self.isDirective($0) }
  }

  /// Whether a comment changes how a JPEG decodes (`mjpeg_decode_com` of libavcodec), so must not reach new pixels.
  static func isDirective(_ comment: [UInt8]) -> Bool {
    let prefixes = [ascii("AVID"), ascii("Intel(R) JPEG Library"), ascii("Metasoft MJPEG Codec")]
    let whole = [ascii("CS=ITU601"), ascii("MULTISCOPE II")]
    return prefixes.contains { comment.starts(with: $0) }
      || whole.contains { comment.prefix { $0 != 0 && $0 != 0x0A }.elementsEqual($0) }
  }

  /// Adds texts, density and the processing note to a directory that takes the place of a comment.
  ///
  /// Known PNG keywords go to their own field where that is free; everything else becomes a line of
  /// ImageDescription, after the lines that are there. The note becomes a line of ImageHistory.
  func addNotes(to writer: inout TIFFWriter, processing: String?) {
    let fields = ["Author": Tag.artist, "Copyright": Tag.copyright, "Description": Tag.imageDescription]
    for text in texts where !text.text.isEmpty {
      if let tag = fields[text.keyword], !writer.contains(tag) {
        writer.set(.text(tag, text.text))
      } else if text.line != writer.text(of: fields[text.keyword] ?? Tag.imageDescription) {
        writer.addLine(text.line, to: Tag.imageDescription)
      }
    }
    if let processing { writer.addLine(processing, to: Tag.imageHistory, again: true) }
  }
}

extension PictureMetadata.TIFFWriter {
  /// Adds a line to a text field, one that it has already only `again`.
  mutating func addLine(_ line: String, to tag: UInt16, again: Bool = false) {
    let before = text(of: tag) ?? ""
    guard again || !before.split(separator: "\n").contains(Substring(line)) else { return }
    set(.text(tag, before.isEmpty ? line : before + "\n" + line))
  }
}
