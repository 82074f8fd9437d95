import Foundation
import TestSupport
import Testing

/// Pictures in, pictures out, in their own format.
@Suite struct PictureTests {
  static let pictures: [Clip] = [
    Clips.picture("pic.png"), Clips.picture("pic-gray.png", format: "gray"),
    Clips.picture("pic.jpg", format: "yuvj420p", options: ["-q:v", "2"]),
    Clips.picture("pic444.jpeg", format: "yuvj444p", options: ["-q:v", "2"]),
    Clips.picture("pic.tiff"), Clips.picture("pic.tif", format: "gray"), Clips.picture("pic.webp"),
    Clips.picture("pic.bmp", format: "bgr24"), Clips.picture("pic-palette.png", format: "pal8"),
  ]

  @Test(arguments: pictures)
  func pictureStaysInItsFormat(picture: Clip) async throws {
    let input = try await picture.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(picture.name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    let (before, after) = (try await FFprobe.inspect(input), try await FFprobe.inspect(output))
    #expect(after.format.formatName == before.format.formatName)
    #expect(after.video?.codecName == before.video?.codecName)
    #expect(after.video?.width == before.video?.width)
    #expect(after.video?.height == before.video?.height)
    let dark = mean(try await FFmpeg.pixels(of: input, format: "rgb24"))
    let bright = mean(try await FFmpeg.pixels(of: output, format: "rgb24"))
    #expect(bright > dark + 10, "mean \(dark) -> \(bright)")
  }

  @Test(arguments: ["rgb24", "gray", "rgb48be", "gray16be", "rgba", "rgba64be"])
  func losslessPictureComesBackAtStrengthZero(format: String) async throws {
    let input = try await Clips.picture("pic-zero-\(format).png", size: "61x47", format: format).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.png")
    expectSuccess(try await Program.enhance(input, "-o", output, "--strength", "0"))
    #expect(try await FFprobe.inspect(output).video?.pixFmt == format)
    try await expectSameFrames(output, input)
  }

  /// Sixteen bits in, sixteen bits out: a slope of 65536 levels keeps far more than 256 of them.
  @Test func sixteenBitPictureKeepsItsDepth() async throws {
    let folder = try TemporaryDirectory()
    let ramp = (0..<2048).flatMap { level in
      [UInt8](repeating: UInt8((level * 8) >> 8), count: 1) + [UInt8(truncatingIfNeeded: level * 8)]
    }
    let rows = Array(repeatElement(ramp, count: 24).joined())
    let input = folder.file("ramp.png")
    try await FFmpeg.write(pixels: rows, width: 2048, height: 24, format: "gray16be", to: input)
    let output = folder.file("out.png")
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await FFprobe.inspect(output).video?.pixFmt == "gray16be")
    let bytes = try await FFmpeg.pixels(of: output, format: "gray16be").prefix(4096)
    let levels = Set(stride(from: 0, to: bytes.count - 1, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) })
    #expect(levels.count > 1500, "\(levels.count) different levels")
  }

  @Test(arguments: ["1x1", "3x2", "17x1023", "720x405", "11x11", "12x12", "13x13"])
  func anySizeWorks(size: String) async throws {
    let input = try await Clips.picture("pic-\(size).png", size: size).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.png")
    expectSuccess(try await Program.enhance(input, "-o", output))
    let video = try #require(try await FFprobe.inspect(output).video)
    #expect("\(video.width ?? 0)x\(video.height ?? 0)" == size)
    #expect(video.pixFmt == "rgb24")
  }

  @Test func fourKPictureWorks() async throws {
    let input = try await Clips.picture("pic-4k.png", size: "4096x2160", options: ["-compression_level", "1"]).path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.png"), timeout: 120))
    #expect(try await FFprobe.inspect(folder.file("out.png")).video?.width == 4096)
  }

  @Test func alphaOfPictureIsKept() async throws {
    let input = try await VideoPropertyTests.alphaSource(
      "pic-alpha.png", format: "rgba", encoder: ["-update", "1", "-frames:v", "1"]
    ).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.png")
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await FFprobe.inspect(output).video?.pixFmt == "rgba")
    try await expectSameFrames(output, input, filter: "alphaextract")
  }

  /// A lossless WebP stays one: with a curve that changes nothing, so do its pixels.
  @Test func losslessWebPStaysLossless() async throws {
    let input = try await Clips.picture("pic-lossless.webp", format: "bgra", options: ["-lossless", "1"]).path()
    let folder = try TemporaryDirectory()
    let weights = try folder.write(Safetensors.constantCurve([0, 0, 0]).serialized(), to: "w.safetensors")
    let output = folder.file("out.webp")
    expectSuccess(try await Program.enhance(input, "-o", output, "--weights", weights, "--look", "faithful"))
    #expect(try await FFprobe.inspect(input).video?.pixFmt == "argb")
    try await expectSameFrames(output, input, format: "rgba")
  }

  // MARK: Metadata

  static func exif(_ arguments: [String]) async throws -> ProcessResult {
    let result = try await Subprocess.run("exiftool", arguments)
    guard result.status == 0 else { throw ProcessError.failed(result) }
    return result
  }

  @Test(.enabled(if: Subprocess.isAvailable("exiftool"), "needs exiftool"), arguments: ["jpg", "png", "tiff", "webp"])
  func orientationIsKept(format: String) async throws {
    let plain = try await Clips.picture("pic-exif.\(format)").path()
    let folder = try TemporaryDirectory()
    let (input, output) = (folder.file("in.\(format)"), folder.file("out.\(format)"))
    try FileManager.default.copyItem(atPath: plain, toPath: input)
    _ = try await Self.exif(["-q", "-overwrite_original", "-n", "-Orientation=6", "-Artist=Nobody", input])
    expectSuccess(try await Program.enhance(input, "-o", output))
    let tags = try await Self.exif(["-n", "-s3", "-Orientation", "-Artist", output]).text
    // The picture must be shown the same way: the tag stays, and then the pixels stay as they lie.
    #expect(tags.split(whereSeparator: \.isNewline).map(String.init) == ["6", "Nobody"])
    let video = try await FFprobe.inspect(output).video
    #expect(video?.width == 160 && video?.height == 120)
  }

  @Test(.enabled(if: Subprocess.isAvailable("exiftool"), "needs exiftool"), arguments: ["jpg", "png", "tiff", "webp"])
  func colourProfileIsKept(format: String) async throws {
    let plain = try await Clips.picture("pic-icc.\(format)").path()
    let folder = try TemporaryDirectory()
    let (input, output) = (folder.file("in.\(format)"), folder.file("out.\(format)"))
    try FileManager.default.copyItem(atPath: plain, toPath: input)
    let profile = try folder.write(Self.profile, to: "profile.icc")
    _ = try await Self.exif(["-q", "-overwrite_original", "-icc_profile<=\(profile)", input])
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await Self.exif(["-b", "-icc_profile", output]).standardOutput == Self.profile)
  }

  /// A small display profile: header, one tag (white point).
  static let profile: [UInt8] = {
    func word(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { [UInt8]($0) } }
    let tag = Array("wtpt".utf8) + word(144) + word(20)
    let white = Array("XYZ ".utf8) + word(0) + word(0xf6d6) + word(0x10000) + word(0xd32d)
    var header = word(164) + word(0) + word(0x0240_0000) + Array("mntrRGB XYZ ".utf8)
    header += [UInt8](repeating: 0, count: 12) + Array("acsp".utf8)
    header += [UInt8](repeating: 0, count: 28) + word(0xf6d6) + word(0x10000) + word(0xd32d)
    header += [UInt8](repeating: 0, count: 128 - header.count)
    return header + word(1) + tag + white
  }()
}
