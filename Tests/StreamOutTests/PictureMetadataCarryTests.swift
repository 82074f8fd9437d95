import Testing

@testable import StreamOut

/// Every format into every format, read back by ExifTool and decoded by FFmpeg.
@Suite struct PictureMetadataCarryTests {
  static let pairs = Sample.formats.flatMap { source in Sample.formats.map { (source, $0) } }

  @Test(arguments: pairs)
  func carries(_ source: PictureMetadata.Format, _ target: PictureMetadata.Format) throws {
    let directory = try PictureDirectory()
    let name = try Sample.dressed(source, in: directory)
    let metadata = try #require(PictureMetadata(readingFrom: directory.read(name)))
    #expect(metadata.orientation == 6)
    #expect(metadata.source == source)

    let plain = "plain.\(Sample.suffix(target))"
    let output = "output.\(Sample.suffix(target))"
    try directory.encode(plain, target == .webP ? ["-c:v", "libwebp"] : [])
    let written = try metadata.write(into: directory.read(plain), processing: "made brighter; Stärke 1.0")
    try directory.write(written.bytes, to: output)

    #expect(try directory.pixels(output) == directory.pixels(plain))
    #expect(try directory.data("ICC_Profile", of: output) == Sample.profile())
    let tags = try directory.tags(output)
    for (tag, value) in [
      ("IFD0:Orientation", "6"), ("GPS:GPSLatitude", "52.5"), ("GPS:GPSLongitude", "13.25"),
      ("GPS:GPSLatitudeRef", "N"),
      ("ExifIFD:DateTimeOriginal", "2021:03:04 05:06:07"), ("IFD0:Make", "Maker"), ("IFD0:Model", "Model 1"),
      ("IFD0:Artist", "J\u{F6}rg"), ("ExifIFD:ExposureTime", "0.5"), ("ExifIFD:ExifImageWidth", "4000"),
      ("IFD0:XResolution", "300"), ("IFD0:YResolution", "150"), ("XMP-dc:Title", "Night"),
      ("XMP-tiff:Orientation", "6"),
    ] {
      #expect(tags[tag] == value, "\(tag)")
    }
    let keywords = tags.filter { $0.key.hasPrefix("IPTC") && $0.key.hasSuffix(":Keywords") }.map(\.value)
    if source == .webP || target == .webP {
      #expect(keywords.isEmpty)
      #expect(written.omitted.contains(.photoshopResources) == (source != .webP))
    } else {
      #expect(
        keywords.joined(separator: "\n").split(separator: "\n").allSatisfy { $0 == "harbour" } && !keywords.isEmpty)
    }
    expectTexts(in: tags, target)
    #expect(tags["ExifTool:Error"] == nil)

    // What was written is read again.
    let again = try #require(PictureMetadata(readingFrom: written.bytes))
    #expect(again.orientation == 6)
    #expect(again.colorProfile == metadata.colorProfile)
    #expect(again.xmp == metadata.xmp)
  }

  private func expectTexts(in tags: [String: String], _ target: PictureMetadata.Format) {
    let processing = "made brighter; St\u{E4}rke 1.0"
    let comment: String?
    switch target {
    case .jpeg:
      comment = tags["File:Comment"]
      #expect(comment?.contains(processing) == true)
    case .png:
      comment = tags["PNG:Comment"]
      #expect(tags["PNG:Processing"] == processing)
    case .webP, .tiff:
      comment = nil
      #expect(tags["IFD0:ImageHistory"] == processing)
    }
    let description = tags["IFD0:ImageDescription"]
    #expect(comment?.contains("first comment") ?? false || description?.contains("first comment") ?? false)
  }

  @Test func exifOfJPEGReachesJPEGUnchanged() throws {
    let directory = try PictureDirectory()
    let metadata = try #require(
      PictureMetadata(readingFrom: directory.read(Sample.dressed(.jpeg, in: directory))))
    try directory.encode("plain.jpg")
    let plain = try directory.read("plain.jpg")
    let written = try metadata.write(into: plain, isUpright: false)
    #expect(written.omitted.isEmpty)
    let again = try #require(PictureMetadata(readingFrom: written.bytes))
    #expect(again.exif == metadata.exif)
    #expect(again.photoshopResources == metadata.photoshopResources)
    try directory.write(written.bytes, to: "output.jpg")
    #expect(try directory.data("ThumbnailImage", of: "output.jpg") == directory.read("thumbnail.jpg"))
    // With nothing to say, nothing changes.
    #expect(try PictureMetadata().write(into: plain).bytes == plain)
  }

  @Test func chunksOfPNGReachPNGUnchanged() throws {
    let directory = try PictureDirectory()
    let name = try Sample.dressed(.png, in: directory)
    var bytes = try directory.read(name)
    let gamma = PictureMetadata.PNGChunk("gAMA", [0, 0, 0xB1, 0x8F])
    bytes.insert(contentsOf: gamma.encoded, at: 33)
    let metadata = try #require(PictureMetadata(readingFrom: bytes))
    try directory.encode("plain.png")
    let written = try metadata.write(into: directory.read("plain.png"), processing: "one")
    let second = try #require(PictureMetadata(readingFrom: written.bytes))
    #expect(second.compressedColorProfile == metadata.compressedColorProfile)
    #expect(second.density == metadata.density)
    #expect(second.modificationTime == metadata.modificationTime)
    #expect(second.colorChunks.contains(gamma))
    #expect(second.textChunks.filter { $0.keyword != "Processing" } == metadata.textChunks)
    #expect(metadata.textChunks.contains { $0.type == "zTXt" })
    let twice = try second.write(into: directory.read("plain.png"), processing: "two")
    #expect(PictureMetadata(readingFrom: twice.bytes)?.texts.filter { $0.keyword == "Processing" }.count == 2)
  }

  @Test(arguments: Sample.formats)
  func processingAlone(_ format: PictureMetadata.Format) throws {
    let directory = try PictureDirectory()
    let plain = "plain.\(Sample.suffix(format))"
    try directory.encode(plain, format == .webP ? ["-c:v", "libwebp"] : [])
    let first = try PictureMetadata().write(into: directory.read(plain), processing: "step one")
    let read = try #require(PictureMetadata(readingFrom: first.bytes))
    let second = try read.write(into: directory.read(plain), processing: "step two")
    try directory.write(second.bytes, to: "output.\(Sample.suffix(format))")
    let tag = [.jpeg: "File:Comment", .png: "PNG:Processing"][format] ?? "IFD0:ImageHistory"
    let text = try #require(directory.tags("output.\(Sample.suffix(format))")[tag])
    #expect(text.contains("step one") && text.contains("step two"))
    #expect(try directory.pixels("output.\(Sample.suffix(format))") == directory.pixels(plain))
  }
}
