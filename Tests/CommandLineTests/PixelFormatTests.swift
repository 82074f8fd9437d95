import TestSupport
import Testing

/// Native and converted pixel formats: with `--strength 0` all of them come out bit for bit.
@Suite struct PixelFormatTests {
  /// A clip and the layout in which both sides can be compared without loss.
  struct Layout: Sendable, CustomTestStringConvertible {
    let clip: Clip
    /// `nil` where the lossless encoder stores the very format of the input.
    let comparison: String?
    /// Pixel format that the output has to have; `nil` where several are right.
    let expected: String?
    var testDescription: String { clip.name }

    init(
      _ format: String, codec: String = "ffv1", container: String = "mkv", size: String = "176x144",
      comparison: String? = nil, expected: String? = nil
    ) {
      clip = Clip(
        "pf-\(format)-\(codec)-\(size).\(container)", size: size, frames: 8, format: format, encoder: ["-c:v", codec])
      self.comparison = comparison
      self.expected = expected
    }

    static func native(_ format: String, size: String = "176x144") -> Layout {
      Layout(format, size: size, expected: format)
    }
  }

  static let layouts: [Layout] = [
    .native("yuv420p"), .native("yuv422p"), .native("yuv444p"), .native("gray"), .native("yuv420p10le"),
    .native("yuv422p10le"), .native("yuv444p10le"), .native("yuv420p12le"), .native("gray10le"),
    .native("yuv410p"), .native("yuv411p"), .native("yuv440p"), .native("gbrp10le"), .native("yuv444p16le"),
    // Layouts that FFV1 does not store, in clips that hold them uncompressed or packed. (No container of FFmpeg 5.1
    // gives P010 back as P010: that one is left to the tests of the modules.)
    Layout("nv12", codec: "rawvideo", container: "nut", comparison: "yuv420p"),
    Layout("yuyv422", codec: "rawvideo", container: "nut", comparison: "yuv422p"),
    Layout("uyvy422", codec: "rawvideo", container: "avi", comparison: "yuv422p"),
    Layout("bgr0", codec: "rawvideo", container: "nut", comparison: "rgb24"),
    Layout("rgb24", codec: "png", container: "mov", comparison: "rgb24"),
    Layout("pal8", codec: "png", container: "mov", comparison: "rgba"),
    Layout("bgr24", codec: "rawvideo", container: "avi", comparison: "rgb24"),
    Layout("gbrp", codec: "utvideo", container: "avi", comparison: "gbrp"),
    Layout("rgb24", codec: "libx264rgb", container: "mkv", comparison: "rgb24"),
    // Odd sizes: chroma planes are rounded up.
    .native("yuv420p", size: "175x143"), .native("yuv422p", size: "33x17"), .native("yuv420p10le", size: "101x55"),
    .native("yuv444p", size: "17x101"), .native("gray", size: "1x1"), .native("yuv420p", size: "3x2"),
    Layout("nv12", codec: "rawvideo", container: "nut", size: "53x37", comparison: "yuv420p"),
    Layout("bgr0", codec: "rawvideo", container: "nut", size: "13x7", comparison: "rgb24"),
  ]

  @Test(arguments: layouts)
  func everyFrameComesBack(layout: Layout) async throws {
    let input = try await layout.clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(try await Program.enhance(input, "-o", output, "--strength", "0", "--codec", "ffv1"))
    try await expectSameFrames(output, input, format: layout.comparison)
    if let expected = layout.expected {
      #expect(try await FFprobe.inspect(output).video?.pixFmt == expected)
    }
  }

  /// The same formats go through the enhancement: same size, same depth, brighter.
  @Test(
    arguments: layouts.filter { !$0.clip.name.contains("1x1") })
  func everyFormatIsEnhanced(layout: Layout) async throws {
    let input = try await layout.clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let weights = try folder.write(Safetensors.constantCurve([-0.3, -0.3, -0.3]).serialized(), to: "w.safetensors")
    expectSuccess(try await Program.enhance(input, "-o", output, "--codec", "ffv1", "--weights", weights))
    let (before, after) = (try await FFprobe.frames(of: input), try await FFprobe.frames(of: output))
    #expect(after.map(\.width) == before.map(\.width))
    #expect(after.map(\.height) == before.map(\.height))
    if let expected = layout.expected {
      #expect(try await FFprobe.inspect(output).video?.pixFmt == expected)
    }
    let dark = mean(try await FFmpeg.pixels(of: input, format: "gray"))
    let bright = mean(try await FFmpeg.pixels(of: output, format: "gray"))
    #expect(bright > dark + 15, "mean brightness \(dark) -> \(bright)")
  }

  /// The pixel format can be chosen, and is then what comes out.
  @Test(arguments: ["yuv444p", "yuv420p10le", "yuv422p"])
  func chosenFormat(format: String) async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(
      try await Program.enhance(try await Clips.lossless.path(), "-o", output, "--pix-fmt", format))
    #expect(try await FFprobe.inspect(output).video?.pixFmt == format)
  }

  /// What 4:2:0 refuses becomes 4:4:4 with one warning, and the size stays.
  @Test func oddSizeBecomes444() async throws {
    let input = try await Clip("pf-odd.mkv", size: "175x143", frames: 8, encoder: ["-c:v", "ffv1"]).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    let result = try await Program.enhance(input, "-o", output, "--no-progress")
    expectSuccess(result)
    let video = try #require(try await FFprobe.inspect(output).video)
    #expect(video.width == 175 && video.height == 143)
    #expect(video.pixFmt == "yuv444p")
    #expect(result.messages.filter { $0.contains("4:4:4") || $0.contains("yuv444p") }.count == 1, "\(result)")
  }

  /// Depth or chroma that the encoder has no place for is named.
  @Test(arguments: [("yuv420p12le", "yuv420p10le", "out.mkv"), ("yuv444p", "yuv420p", "out.mpg")])
  func lostDepthIsNamed(format: String, encoded: String, name: String) async throws {
    let input = try await Clip("pf-lost-\(format).mkv", frames: 4, format: format, encoder: ["-c:v", "ffv1"]).path()
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(input, "-o", folder.file(name), "--no-progress")
    expectSuccess(result)
    expectWarning(result, format, "encoded as \(encoded)")
    let chosen = try await Program.enhance(
      input, "-o", folder.file("chosen.mkv"), "--pix-fmt", "yuv420p", "--no-progress")
    expectSuccess(chosen)
    #expect(!chosen.standardError.contains("encoded as"), "\(chosen)")
  }

  /// Four bits to a pixel, two pixels to a byte: libswscale cannot read it, and the message says so.
  @Test func formatThatCannotBeRead() async throws {
    let input = try await Clip("pf-bgr4.nut", frames: 2, format: "bgr4", encoder: ["-c:v", "rawvideo"]).path()
    let folder = try TemporaryDirectory()
    expectFailure(try await Program.enhance(input, "-o", folder.file("out.mkv"), "--quiet"), naming: "bgr4")
    #expect(try folder.contents().isEmpty)
  }

  /// A format that only the kernels do not know is no matter of size.
  @Test func evenSizeIsNotWarnedOf() async throws {
    let input = try await Clip("pf-even.nut", frames: 2, format: "yuv411p", encoder: ["-c:v", "rawvideo"]).path()
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(input, "-o", folder.file("out.mkv"), "--codec", "ffv1", "--no-progress")
    expectSuccess(result)
    #expect(!result.standardError.contains("does not fit"), "\(result)")
    #expect(try await FFprobe.inspect(folder.file("out.mkv")).video?.pixFmt == "yuv411p")
  }

  /// Grey with transparency goes through colour and back: a curve that changes nothing leaves every level where it is.
  @Test(arguments: ["png", "tiff", "nut"])
  func greyWithAlphaKeepsItsRange(container: String) async throws {
    let folder = try TemporaryDirectory()
    let ramp = (0..<256).flatMap { [UInt8($0), UInt8(255 - $0)] }
    let (input, output) = (folder.file("in.\(container)"), folder.file("out.\(container)"))
    let encoder = container == "nut" ? ["-c:v", "rawvideo"] : []
    try await FFmpeg.write(
      pixels: Array(repeatElement(ramp, count: 16).joined()), width: 256, height: 16, format: "ya8", to: input,
      options: encoder)
    let weights = try folder.write(Safetensors.constantCurve([0, 0, 0]).serialized(), to: "w.safetensors")
    expectSuccess(
      try await Program.enhance(
        [input, "-o", output, "--weights", weights, "--look", "faithful"]
          + (container == "nut" ? ["--codec", "rawvideo"] : [])))
    let after = try await FFmpeg.pixels(of: output, format: "ya8", frames: 1).prefix(512)
    #expect(after.count == 512)
    let worst = zip(after, ramp).map { abs(Int($0) - Int($1)) }.max() ?? 255
    #expect(worst <= 1, "\(worst) levels")
  }

  /// Grey with transparency: the transparency is untouched and the grey is brighter.
  @Test(arguments: ["ya8", "ya16be"])
  func greyWithAlpha(format: String) async throws {
    let input = try await Clip("pf-\(format).png") { path in
      let filter = "colorlevels=romax=0.28:gomax=0.28:bomax=0.28,format=yuva444p,geq=lum=lum(X\\,Y):cb=128:cr=128:a=X"
      try await FFmpeg.run(
        ["-f", "lavfi", "-i", "testsrc2=size=64x48,format=rgb24,\(filter)", "-frames:v", "1", "-pix_fmt", format, path])
    }.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.png")
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await FFprobe.inspect(output).video?.pixFmt == format)
    let (before, after) = (
      try await FFmpeg.pixels(of: input, format: "ya8"), try await FFmpeg.pixels(of: output, format: "ya8")
    )
    let odd = { (bytes: [UInt8]) in stride(from: 1, to: bytes.count, by: 2).map { bytes[$0] } }
    #expect(odd(before) == odd(after), "transparency")
    #expect(Set(odd(before)).count > 32)
    #expect(mean(after) > mean(before) + 5)
  }
}
