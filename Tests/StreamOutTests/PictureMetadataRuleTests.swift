import Testing

@testable import StreamOut

/// The rules where carrying as is would be wrong.
@Suite struct PictureMetadataRuleTests {
  @Test(arguments: Sample.formats)
  func uprightPixels(_ format: PictureMetadata.Format) throws {
    let directory = try PictureDirectory()
    let name = try Sample.dressed(format, in: directory)
    let metadata = try #require(PictureMetadata(readingFrom: directory.read(name)))
    let plain = "plain.\(Sample.suffix(format))"
    let output = "output.\(Sample.suffix(format))"
    try directory.encode(plain, format == .webP ? ["-c:v", "libwebp"] : [])
    try directory.write(metadata.write(into: directory.read(plain), isUpright: true).bytes, to: output)
    let tags = try directory.tags(output)
    #expect(tags["IFD0:Orientation"] == "1")
    #expect(tags["XMP-tiff:Orientation"] == "1")
    #expect(tags["IFD0:XResolution"] == "150")
    #expect(tags["IFD0:YResolution"] == "300")
    #expect(tags["ExifIFD:DateTimeOriginal"] == "2021:03:04 05:06:07")
    #expect(metadata.upright().exif?.count == metadata.exif?.count)
    if format == .png {
      #expect(tags["PNG-pHYs:PixelsPerUnitX"] == "4000")
    }
  }

  @Test func profileOfAnotherColorSpaceIsLeftOut() throws {
    let directory = try PictureDirectory()
    var metadata = PictureMetadata()
    metadata.colorProfile = Sample.profile(space: "GRAY", count: 200)
    for format in Sample.formats {
      let plain = "plain.\(Sample.suffix(format))"
      try directory.encode(plain)
      let written = try metadata.write(into: directory.read(plain))
      #expect(written.omitted == [.colorProfile])
      #expect(PictureMetadata(readingFrom: written.bytes)?.colorProfile == nil)
    }
    // FFmpeg 5.1 encodes no grey JPEG.
    for suffix in ["png", "tiff"] {
      try directory.encode("gray.\(suffix)", ["-pix_fmt", "gray16"])
      let bytes = try? metadata.write(into: directory.read("gray.\(suffix)")).bytes
      #expect(bytes.flatMap { PictureMetadata(readingFrom: $0) }?.colorProfile == metadata.colorProfile, "\(suffix)")
    }
  }

  @Test func commentsThatDecodersObeyStayBehind() throws {
    let directory = try PictureDirectory()
    try directory.encode("plain.jpg")
    var metadata = PictureMetadata()
    metadata.comments = ["CS=ITU601", "AVID\u{1}", "Intel(R) JPEG Library, version 1.5", "kept"].map { Array($0.utf8) }
    let bytes = try metadata.write(into: directory.read("plain.jpg")).bytes
    let again = try #require(PictureMetadata(readingFrom: bytes))
    #expect(again.comments.filter { !$0.starts(with: "Lavc".utf8) } == [Array("kept".utf8)])
  }

  @Test func webPKeepsAlphaAndSize() throws {
    let directory = try PictureDirectory()
    var metadata = PictureMetadata()
    metadata.colorProfile = Sample.profile(count: 301)
    for (name, options) in [
      ("lossy.webp", ["-c:v", "libwebp", "-pix_fmt", "yuv420p"]),
      ("lossless.webp", ["-c:v", "libwebp", "-lossless", "1", "-pix_fmt", "bgra", "-vf", "format=bgr24,format=bgra"]),
      ("alpha.webp", ["-c:v", "libwebp", "-lossless", "1", "-pix_fmt", "bgra"]),
      ("lossyalpha.webp", ["-c:v", "libwebp", "-pix_fmt", "yuva420p"]), ("animated.webp", ["-c:v", "libwebp_anim"]),
    ] {
      try directory.encode(
        name, source: "color=red@0.5:size=61x37,format=rgba,geq=r=X:g=Y:b=9:a=X*4", options)
      let plain = try directory.read(name)
      try directory.write(metadata.write(into: plain).bytes, to: "output.webp")
      let tags = try directory.tags("output.webp")
      #expect(tags["RIFF:ImageWidth"]?.split(separator: "\n").allSatisfy { $0 == "61" } == true)
      #expect(tags["RIFF:ImageHeight"]?.split(separator: "\n").allSatisfy { $0 == "37" } == true)
      #expect(try directory.data("ICC_Profile", of: "output.webp") == Sample.profile(count: 301))
      if name == "animated.webp" { continue }  // FFmpeg 5.1 writes these but does not decode them.
      #expect(try directory.pixels("output.webp") == directory.pixels(name), "\(name)")
      let flags = try directory.read("output.webp")[20]
      #expect(flags & 0x20 != 0)
      #expect((flags & 0x10 != 0) == name.contains("alpha"), "\(name)")
    }
  }

  @Test func exifThatIsTooLongForJPEGLosesItsLargestValue() throws {
    let directory = try PictureDirectory()
    let name = try Sample.dressed(.tiff, in: directory)
    var metadata = try #require(PictureMetadata(readingFrom: directory.read(name)))
    var writer = try #require(metadata.exif.flatMap { PictureMetadata.TIFFWriter(editing: $0) })
    writer.set(.data(50000, [UInt8](repeating: 7, count: 90_000), type: .undefined))
    metadata.exif = writer.finish()
    try directory.encode("plain.jpg")
    let written = try metadata.write(into: directory.read("plain.jpg"))
    #expect(written.omitted == [.exifValues])
    try directory.write(written.bytes, to: "output.jpg")
    let tags = try directory.tags("output.jpg")
    #expect(tags["ExifIFD:DateTimeOriginal"] == "2021:03:04 05:06:07")
    #expect(tags["GPS:GPSLatitude"] == "52.5")
  }

  @Test(arguments: ["II", "MM"])
  func byteOrders(_ order: String) throws {
    let directory = try PictureDirectory()
    try directory.encode("source.jpg")
    try directory.run(
      "exiftool",
      [
        "-q", "-overwrite_original", "-ExifByteOrder=\(order)", "-Orientation#=8", "-ExposureTime=0.25", "-ISO=3200",
        "-GPSLatitude=1.5", "-GPSLatitudeRef=S", "-InteropIndex=R98", "source.jpg",
      ])
    let metadata = try #require(PictureMetadata(readingFrom: directory.read("source.jpg")))
    #expect(metadata.orientation == 8)
    try directory.encode("plain.tiff")
    try directory.write(metadata.write(into: directory.read("plain.tiff")).bytes, to: "output.tiff")
    let tags = try directory.tags("output.tiff")
    for (tag, value) in [
      ("IFD0:Orientation", "8"), ("ExifIFD:ExposureTime", "0.25"), ("ExifIFD:ISO", "3200"),
      ("GPS:GPSLatitude", "1.5"), ("GPS:GPSLatitudeRef", "S"), ("InteropIFD:InteropIndex", "R98"),
    ] {
      #expect(tags[tag] == value, "\(tag)")
    }
    #expect(try directory.pixels("output.tiff") == directory.pixels("plain.tiff"))
  }

  @Test func densityBetweenContainers() throws {
    let inch = try #require(PictureMetadata.Density(x: 300, y: 72, unit: .inch))
    #expect(inch.jfif == [1, 0x01, 0x2C, 0, 72])
    #expect(inch.pHYs == [0, 0, 0x2E, 0x23, 0, 0, 0x0B, 0x13, 1])
    let meter = try #require(PictureMetadata.Density(x: 11811, y: 2835, unit: .meter))
    #expect(meter.jfif == inch.jfif)
    #expect(PictureMetadata.Density(x: .infinity, y: 1, unit: .inch) == nil)
    #expect(PictureMetadata.Density(jfifUnit: 7, x: 1, y: 1) == nil)
    #expect(PictureMetadata.Density(jfifUnit: 1, x: 0, y: 1) == nil)
    let huge = try #require(PictureMetadata.Density(x: 1e300, y: 1e-300, unit: .inch))
    #expect(huge.jfif == [1, 0xFF, 0xFF, 0, 1])
  }
}
