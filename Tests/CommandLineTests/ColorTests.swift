import Foundation
import TestSupport
import Testing

/// Range, matrix and depth of the stream are honoured: what the curve does is the same as on RGB pictures.
@Suite struct ColorTests {
  /// A pixel format with a matrix and a range.
  struct Coding: Sendable, CustomTestStringConvertible {
    let format, matrix, range: String
    var testDescription: String { "\(format) \(matrix) \(range)" }
    var depth: Int { format.contains("10") ? 10 : 8 }
    /// Black and the distance to white, in code values.
    var black: Double { range == "tv" ? Double(16 << (depth - 8)) : 0 }
    var span: Double { range == "tv" ? Double(219 << (depth - 8)) : Double((1 << depth) - 1) }
    var tags: [String] { ["-colorspace", matrix, "-color_range", range] }
    /// The scale filter's name of the matrix.
    var scaleMatrix: String { matrix == "smpte170m" ? "smpte170m" : "bt709" }
  }

  static let codings: [Coding] = ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "gray"].flatMap { format in
    ["smpte170m", "bt709"].flatMap { matrix in
      ["tv", "pc"].map { Coding(format: format, matrix: matrix, range: $0) }
    }
  }.filter { $0.format != "gray" || $0.matrix == "bt709" }

  /// Eight passes of the curve (Zero-DCE++, eq. 4) on one value in [0, 1].
  static func enhance(_ value: Double, curve: Double) -> Double {
    var x = value
    for _ in 0..<8 { x += curve * (x * x - x) }
    return x
  }

  /// Under one curve for all channels a grey ramp stays exactly neutral, and every level goes where the formula says.
  @Test(arguments: codings)
  func greyRampStaysNeutral(coding: Coding) async throws {
    let folder = try TemporaryDirectory()
    let levels = (0...Int(coding.span)).filter { $0 % (1 << (coding.depth - 8)) == 0 }.map { Int(coding.black) + $0 }
    let width = levels.count / 4 * 4
    let height = 24
    var samples = Array(repeatElement(levels.prefix(width), count: height).joined())
    let chroma = coding.format.contains("gray") ? 0 : try #require(Self.chromaSamples(coding.format, width, height))
    samples += [Int](repeating: 128 << (coding.depth - 8), count: chroma)
    let (input, output) = (folder.file("ramp.mkv"), folder.file("out.mkv"))
    try await FFmpeg.write(
      pixels: Self.bytes(samples, depth: coding.depth), width: width, height: height, format: coding.format, to: input,
      options: coding.tags + ["-c:v", "ffv1"])
    #expect(try await FFprobe.inspect(input).video?.colorRange == coding.range)

    let weights = try folder.write(Safetensors.constantCurve([-0.3, -0.3, -0.3]).serialized(), to: "w.safetensors")
    expectSuccess(
      try await Program.enhance(input, "-o", output, "--codec", "ffv1", "--look", "faithful", "--weights", weights))
    let video = try #require(try await FFprobe.inspect(output).video)
    #expect(video.pixFmt == coding.format)
    #expect(video.colorRange == coding.range)
    let after = Self.values(try await FFmpeg.pixels(of: output, format: coding.format), depth: coding.depth)
    try #require(after.count == samples.count)
    let expected = levels.prefix(width).map { level in
      coding.black + coding.span * Self.enhance((Double(level) - coding.black) / coding.span, curve: -0.3)
    }
    let errors = (0..<width * height).map { abs(Double(after[$0]) - expected[$0 % width]) }
    // Rounding of the output, and a hundredth of a level for single precision.
    #expect((errors.max() ?? .infinity) <= 0.51, "largest error \(errors.max() ?? 0) levels")
    let neutral = 128 << (coding.depth - 8)
    #expect(after[(width * height)...].allSatisfy { $0 == neutral }, "chroma stays neutral")
  }

  /// The built-in network brightens a clip exactly as much as the same content as an RGB picture.
  @Test(
    arguments: codings.filter { $0.format == "yuv420p" || $0.format == "yuv444p" || $0.format == "yuv420p10le" })
  func brightnessEqualsThatOfRGB(coding: Coding) async throws {
    let folder = try TemporaryDirectory()
    let clip = Clip("color-\(coding.format)-\(coding.matrix)-\(coding.range).mkv") { path in
      let picture = try await Clips.picture("color.png", size: "240x168").path()
      let scale = "scale=out_color_matrix=\(coding.scaleMatrix):out_range=\(coding.range)"
      let quality = ":flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"
      try await FFmpeg.run(
        ["-i", picture, "-vf", scale + quality + ",format=\(coding.format)"] + coding.tags + ["-c:v", "ffv1", path])
    }
    let input = try await clip.path()
    #expect(try await FFprobe.inspect(input).video?.colorSpace == coding.matrix)
    // The RGB reference is made from the clip, so that both hold the same content.
    let reference = folder.file("reference.png")
    try await FFmpeg.write(
      pixels: Self.rgb(of: input, coding: coding), width: 240, height: 168, to: reference)
    let (clipOutput, pictureOutput) = (folder.file("out.mkv"), folder.file("out.png"))
    expectSuccess(
      try await Program.enhance(input, "-o", clipOutput, "--codec", "ffv1", "--look", "faithful", "--reuse", "off"))
    expectSuccess(try await Program.enhance(reference, "-o", pictureOutput, "--look", "faithful"))
    let actual = try await Self.rgb(of: clipOutput, coding: coding)
    let expected = try await FFmpeg.pixels(of: pictureOutput, format: "rgb24")
    try #require(actual.count == expected.count)
    for channel in 0..<3 {
      let means = [actual, expected].map { samples in
        mean(stride(from: channel, to: samples.count, by: 3).lazy.map { samples[$0] })
      }
      #expect(abs(means[0] - means[1]) <= 1.5, "channel \(channel): \(means[0]) instead of \(means[1])")
    }
  }

  /// Without a matrix in the stream: BT.709 from 720 rows up, else BT.601.
  @Test(arguments: [(480, "smpte170m"), (720, "bt709")])
  func unknownMatrixFollowsTheHeight(height: Int, matrix: String) async throws {
    let folder = try TemporaryDirectory()
    let source = "color=c=0x184020:size=64x\(height):rate=25,format=yuv444p"
    var frames: [[String]] = []
    let weights = try folder.write(Safetensors.constantCurve([-0.5, 0, 0.3]).serialized(), to: "w.safetensors")
    for (name, tags) in [("untagged", []), ("tagged", ["-colorspace", matrix])] {
      let (input, output) = (folder.file("\(name).mkv"), folder.file("\(name)-out.mkv"))
      try await FFmpeg.run(["-f", "lavfi", "-i", source, "-frames:v", "2"] + tags + ["-c:v", "ffv1", input])
      expectSuccess(
        try await Program.enhance(input, "-o", output, "--codec", "ffv1", "--look", "faithful", "--weights", weights))
      frames.append(try await FFmpeg.frameHashes(of: output))
    }
    #expect(frames[0].count == 2)
    #expect(frames[0] == frames[1])
  }

  private static func chromaSamples(_ format: String, _ width: Int, _ height: Int) -> Int? {
    let luma = width * height
    return ["yuv420p": luma / 2, "yuv420p10le": luma / 2, "yuv422p": luma, "yuv444p": luma * 2][format]
  }

  private static func bytes(_ samples: [Int], depth: Int) -> [UInt8] {
    depth == 8 ? samples.map { UInt8($0) } : samples.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
  }

  private static func values(_ bytes: [UInt8], depth: Int) -> [Int] {
    guard depth > 8 else { return bytes.map(Int.init) }
    return stride(from: 0, to: bytes.count - 1, by: 2).map { Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8 }
  }

  private static func rgb(of path: String, coding: Coding) async throws -> [UInt8] {
    let scale = "scale=in_color_matrix=\(coding.scaleMatrix):in_range=\(coding.range)"
    let quality = ":flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"
    return try await FFmpeg.pixels(of: path, format: "rgb24", frames: 1, filter: scale + quality + ",format=rgb24")
  }
}
