import Frames
import Testing

@testable import StreamOut

/// Input nobody vouches for: nothing may trap, loop or grow.
@Suite struct PictureMetadataHostileTests {
  /// A small generator with a fixed seed (SplitMix64).
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }

  /// A small dressed file with a short profile, and one plain file of each format.
  static func material(
    _ format: PictureMetadata.Format
  ) throws -> (source: [UInt8], plain: [[UInt8]]) {
    let directory = try PictureDirectory()
    let name = try Sample.dressed(format, in: directory, size: "16x12", profile: Sample.profile(count: 400))
    let plain = try Sample.formats.map { format in
      try directory.encode("plain.\(Sample.suffix(format))", source: "color=size=8x8", ["-c:v", Self.encoder(format)])
      return try directory.read("plain.\(Sample.suffix(format))")
    }
    return (try directory.read(name), plain)
  }

  static func encoder(_ format: PictureMetadata.Format) -> String {
    [.jpeg: "mjpeg", .png: "png", .webP: "libwebp"][format] ?? "tiff"
  }

  /// Whatever could be read can be written somewhere and read again.
  static func exercise(_ bytes: [UInt8], into plain: [[UInt8]], _ index: Int) {
    guard let metadata = PictureMetadata(readingFrom: bytes) else { return }
    let written = try? metadata.write(
      into: plain[index % plain.count], isUpright: index % 3 == 0, processing: index % 2 == 0 ? "note" : nil)
    #expect(written != nil)
    if let written { #expect(PictureMetadata(readingFrom: written.bytes) != nil) }
  }

  @Test(arguments: Sample.formats)
  func truncationAtEveryByte(_ format: PictureMetadata.Format) throws {
    let (source, plain) = try Self.material(format)
    for count in 0...source.count { Self.exercise(Array(source[..<count]), into: plain, count) }
    let target = try #require(plain.first { PictureMetadata.format(of: $0) == format })
    let metadata = try #require(PictureMetadata(readingFrom: source))
    for count in 0..<target.count { _ = try? metadata.write(into: Array(target[..<count]), processing: "note") }
  }

  @Test(arguments: Sample.formats)
  func corruption(_ format: PictureMetadata.Format) throws {
    let (source, plain) = try Self.material(format)
    var generator = Generator(state: 20_240_607)
    let metadata = try #require(PictureMetadata(readingFrom: source))
    for round in 0..<1500 {
      var bytes = source
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] = Bool.random(using: &generator) ? 0xFF : UInt8.random(in: 0...255, using: &generator)
      }
      Self.exercise(bytes, into: plain, round)
      var target = plain[round % plain.count]
      target[Int.random(in: 0..<target.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      _ = try? metadata.write(into: target, isUpright: true, processing: "note")
    }
  }

  @Test func corruptedExifAndInflate() throws {
    let (source, plain) = try Self.material(.jpeg)
    let exif = try #require(PictureMetadata(readingFrom: source)?.exif)
    var generator = Generator(state: 7)
    for round in 0..<3000 {
      var metadata = PictureMetadata()
      var block = exif
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        block[Int.random(in: 4..<min(block.count, 700), using: &generator)] = .random(in: 0...255, using: &generator)
      }
      metadata.exif = block
      _ = metadata.orientation
      _ = try? metadata.write(into: plain[round % plain.count], isUpright: round % 2 == 0, processing: "note")
    }
    let (png, _) = try Self.material(.png)
    let stream = try #require(PictureMetadata(readingFrom: png)?.compressedColorProfile)
    let start = try #require(stream.firstIndex(of: 0)) + 2
    #expect(inflate(zlib: stream[start...], limit: 400) == Sample.profile(count: 400))
    #expect(inflate(zlib: stream[start...], limit: 399) == nil)
    for count in start..<stream.count { #expect(inflate(zlib: stream[start..<count], limit: 400) == nil) }
    for _ in 0..<3000 {
      var damaged = stream
      damaged[.random(in: start..<stream.count, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      _ = inflate(zlib: damaged[start...], limit: 1 << 16)
    }
  }

  @Test func loopsAndAmplification() throws {
    // A directory that is its own Exif directory, and one whose many fields share one long value.
    var loop = PictureMetadata.TIFFWriter(order: .little)
    loop.set(.init(tag: 34665, type: .long, count: 1, value: [8, 0, 0, 0]))
    let looped = try #require(loop.finish())
    #expect(PictureMetadata(readingFrom: looped) != nil)

    let length = 4 << 20
    var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0] + PictureMetadata.encode(2000, count: 2, .little)
    for index in 0..<2000 {
      bytes += PictureMetadata.encode(50_000 - 4000 + index, count: 2, .little) + [7, 0]
      bytes += PictureMetadata.encode(length, count: 4, .little) + [0, 0, 0, 0]
    }
    bytes += [UInt8](repeating: 0, count: length)
    let metadata = try #require(PictureMetadata(readingFrom: bytes))
    #expect((metadata.exif?.count ?? 0) <= PictureMetadata.byteLimit + 4096)
  }

  @Test func malformedPiecesLeaveTheRest() throws {
    let directory = try PictureDirectory()
    let name = try Sample.dressed(.jpeg, in: directory)
    let source = try directory.read(name)
    var bytes = Array(source[..<2])
    bytes += PictureMetadata.JPEGSegment.make(0xE1, PictureMetadata.ascii("Exif\0\0broken"))
    bytes += PictureMetadata.JPEGSegment.make(0xE2, PictureMetadata.ascii("ICC_PROFILE\0\u{9}\u{3}x"))
    bytes += source[2...]
    let metadata = try #require(PictureMetadata(readingFrom: bytes))
    #expect(metadata.orientation == 6)
    #expect(metadata.xmp != nil)
    #expect(metadata.comments.contains(Array("first comment".utf8)))
  }

  @Test func whatIsNoPicture() {
    #expect(PictureMetadata(readingFrom: []) == nil)
    #expect(PictureMetadata(readingFrom: Array("RIFF\0\0\0\0WAVE".utf8)) == nil)
    #expect(throws: PictureMetadata.WriteError.unknownFormat) { try PictureMetadata().write(into: [1, 2, 3]) }
    #expect(throws: PictureMetadata.WriteError.malformed(.jpeg, offset: 2)) {
      try PictureMetadata().write(into: [0xFF, 0xD8, 0xFF])
    }
  }
}
