import Foundation
import TestSupport
import Testing

/// `zdce-video evaluate`: pictures, folders, videos.
@Suite struct EvaluateTests {
  private struct Figures: Decodable {
    let name: String?, frame: Int?
    let psnr: Double?, ssim: Double?
    let mae: Double
    let frames: Int?
  }

  private static func figures(_ result: ProcessResult) throws -> [Figures] {
    try result.text.split(separator: "\n").map { try JSONDecoder().decode(Figures.self, from: Data($0.utf8)) }
  }

  private static func evaluate(_ arguments: String...) async throws -> ProcessResult {
    try await Program.run(["evaluate"] + arguments)
  }

  /// A flat picture: all codes are `level`.
  private static func flat(_ level: UInt8, _ path: String, size: Int = 32) async throws {
    let pixels = [UInt8](repeating: level, count: size * size * 3)
    try await FFmpeg.write(pixels: pixels, width: size, height: size, to: path)
  }

  @Test func equalPicturesGiveNull() async throws {
    let picture = try await Clips.picture("pic.png").path()
    let result = try await Self.evaluate(picture, picture, "--json")
    expectSuccess(result)
    #expect(result.text.contains("\"psnr\":null"), "\(result.text)")
    let figures = try Self.figures(result)
    #expect(figures.count == 1 && figures[0].mae == 0 && figures[0].frames == 1)
    #expect(figures[0].ssim == 1)
    #expect(try await Self.evaluate(picture, picture).text.contains("infinite"))
  }

  @Test func knownDifference() async throws {
    let folder = try TemporaryDirectory()
    try await Self.flat(100, folder.file("a.png"))
    try await Self.flat(110, folder.file("b.png"))
    let result = try await Self.evaluate(folder.file("a.png"), folder.file("b.png"), "--json", "--threads", "1")
    expectSuccess(result)
    let figures = try #require(try Self.figures(result).first)
    #expect(figures.mae == 10)
    #expect(abs((figures.psnr ?? 0) - 20 * log10(25.5)) < 1e-5)
    // Without contrast only the means count: (2·100·110 + c1) / (100² + 110² + c1).
    #expect(abs((figures.ssim ?? 0) - 22006.5025 / 22106.5025) < 1e-5)
  }

  @Test func foldersAreMatchedByName() async throws {
    let folder = try TemporaryDirectory()
    for name in ["own", "own/sub", "other", "other/sub"] { try folder.makeDirectory(name) }
    try await Self.flat(100, folder.file("own/a.png"))
    try await Self.flat(110, folder.file("other/a.bmp"))
    try await Self.flat(100, folder.file("own/sub/b.png"))
    try await Self.flat(130, folder.file("other/sub/b.png"))
    try await Self.flat(130, folder.file("other/c.png"))
    let result = try await Self.evaluate(folder.file("own"), folder.file("other"), "--json", "--verbose")
    expectSuccess(result)
    expectWarning(result, "c.png", "no partner")
    let figures = try Self.figures(result)
    #expect(figures.map(\.name) == ["a.png", "sub/b.png", nil])
    #expect(figures.last?.mae == 20 && figures.last?.frames == 2)
    let mean = (20 * log10(255.0 / 10) + 20 * log10(255.0 / 30)) / 2
    #expect(abs((figures.last?.psnr ?? 0) - mean) < 1e-5)
    #expect(try Self.figures(try await Self.evaluate(folder.file("own"), folder.file("other"), "--json")).count == 1)

    try await Self.flat(100, folder.file("own/d.png"))
    let partial = try await Self.evaluate(folder.file("own"), folder.file("other"), "--json", "--quiet")
    #expect(partial.status == 1)
    #expect(partial.messages.count == 1 && partial.standardError.contains("d.png"))
    #expect(try Self.figures(partial).last?.frames == 2)
  }

  @Test func videosAreComparedFrameByFrame() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let short = folder.file("short.mkv")
    try await FFmpeg.run(["-i", input, "-frames:v", "5", "-vf", "lutyuv=y=val+2", "-c:v", "ffv1", short])
    let result = try await Self.evaluate(short, input, "--json", "--verbose")
    expectSuccess(result)
    expectWarning(result, "5 frames", "30")
    let figures = try Self.figures(result)
    #expect(figures.map(\.frame) == [0, 1, 2, 3, 4, nil] && figures.last?.frames == 5)
    #expect((1...4).contains(figures.last?.mae ?? 0))
    #expect(try await Self.evaluate(input, input).text.contains("30"))
  }

  @Test func wrongInputs() async throws {
    let folder = try TemporaryDirectory()
    try await Self.flat(100, folder.file("a.png"))
    try await Self.flat(100, folder.file("b.png"), size: 33)
    try folder.makeDirectory("empty")
    let (a, b) = (folder.file("a.png"), folder.file("b.png"))
    expectFailure(try await Self.evaluate(a, b, "--json"), naming: "33x33")
    expectFailure(try await Self.evaluate(a, folder.file("none.png")), naming: "none.png")
    expectFailure(try await Self.evaluate(folder.file("empty"), folder.file("empty")), naming: "empty")
    expectUsageError(try await Self.evaluate(a, folder.file("empty")), naming: "empty")
    expectUsageError(try await Self.evaluate(a), naming: "reference")
    expectUsageError(try await Self.evaluate("-", "-"), naming: "standard input")
    expectUsageError(try await Self.evaluate(a, b, "--threads", "many"), naming: "threads")
  }
}
