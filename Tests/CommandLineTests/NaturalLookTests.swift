import Foundation
import TestSupport
import Testing

/// The default look on clips: what it changes, and what it leaves alone.
@Suite struct NaturalLookTests {
  /// Codes of the first plane of every frame, as numbers.
  private static func luma(_ path: String) async throws -> [UInt8] {
    try await FFmpeg.pixels(of: path, format: "gray")
  }

  private static func mean(_ codes: [UInt8]) -> Double {
    Double(codes.reduce(0) { $0 + Int($1) }) / Double(codes.count)
  }

  /// A moving test picture under a night of `factor`, with sensor noise.
  private static func night(_ factor: Double, noise: Int = 6) -> Clip {
    Clip("natural-\(factor)-\(noise).mkv") { path in
      let filters =
        "lutyuv=y=16+(val-16)*\(factor),noise=c0s=\(noise):c0f=t+u:all_seed=3,format=yuv420p"
      try await FFmpeg.run(
        [
          "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=1", "-vf", filters, "-c:v", "libx264", "-crf",
          "12", path,
        ])
    }
  }

  @Test func darkClipsGetBrighterAndSmoother() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Self.night(0.15).path()
    func size(_ options: String...) async throws -> (mean: Double, bytes: Int) {
      let output = folder.file("out-\(options.joined()).mkv")
      expectSuccess(try await Program.run(["enhance", input, "-o", output] + options))
      let bytes = try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int
      return (Self.mean(try await Self.luma(output)), try #require(bytes))
    }
    let before = Self.mean(try await Self.luma(input))
    let natural = try await size(), loud = try await size("--denoise", "off")
    let faithful = try await size("--look", "faithful"), strong = try await size("--look", "strong")
    #expect(natural.mean > before + 25)
    #expect(abs(natural.mean - faithful.mean) < 12, "\(natural.mean) and \(faithful.mean)")
    #expect(strong.mean > natural.mean + 3)
    // Noise is what an encoder pays for most.
    #expect(Double(natural.bytes) < 0.8 * Double(loud.bytes), "\(natural.bytes) of \(loud.bytes) bytes")
  }

  @Test func daylightClipsPass() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Self.night(1, noise: 0).path()
    let (output, always) = (folder.file("out.mkv"), folder.file("always.mkv"))
    expectSuccess(try await Program.enhance(input, "-o", output, "--codec", "ffv1"))
    #expect(try await Self.luma(output) == Self.luma(input))
    expectSuccess(try await Program.enhance(input, "-o", always, "--codec", "ffv1", "--when", "always"))
    #expect(try await Self.luma(always) != Self.luma(input))
  }

  /// Somebody chose this picture; a well-lit one is enhanced as well, unless told otherwise.
  @Test func picturesAreAlwaysEnhanced() async throws {
    let folder = try TemporaryDirectory()
    let input = folder.file("day.png")
    try await FFmpeg.run(
      ["-f", "lavfi", "-i", "color=c=0xB0B0B0:size=120x90,format=rgb24", "-frames:v", "1", "-update", "1", input])
    expectSuccess(try await Program.enhance(input, "-o", folder.file("a.png")))
    expectSuccess(try await Program.enhance(input, "-o", folder.file("d.png"), "--when", "dark"))
    #expect(try await Self.luma(folder.file("a.png")) != Self.luma(input))
    #expect(try await Self.luma(folder.file("d.png")) == Self.luma(input))
  }

  @Test func trailSaysWhatWasDone() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Self.night(0.15).path()
    expectSuccess(
      try await Program.enhance(input, "-o", folder.file("out.mkv"), "--denoise", "0.5", "--when", "always"))
    let tags = try #require(try await FFprobe.inspect(folder.file("out.mkv")).format.tags)
    #expect(tags.values.contains { $0.contains("look natural; denoise 0.5; when always") }, "\(tags)")
  }

  @Test(arguments: [["--denoise", "2"], ["--when", "sometimes"], ["--look", "strong", "--sampling", "reference"]])
  func wrongOptions(_ options: [String]) async throws {
    let input = try await Self.night(0.15).path()
    let result = try await Program.run(["enhance", input, "-o", "/nonexistent/out.mkv"] + options)
    #expect(result.status == 64, "\(result.standardError)")
  }
}
