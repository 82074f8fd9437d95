import Foundation
import TestSupport
import Testing

/// `--show`: what explains a result.
@Suite struct ShowTests {
  /// A map of known values everywhere: 0.5, 0 and -0.5 are the codes 192, 128 and 64.
  @Test func curveOfKnownWeights() async throws {
    let folder = try TemporaryDirectory()
    let weights = try folder.write(try Safetensors.constantCurve([0.5, 0, -0.5]).serialized(), to: "w.safetensors")
    let input = try await Clips.picture("show-odd.png", size: "61x47").path()
    let output = folder.file("curve.png")
    expectSuccess(try await Program.enhance(input, "-o", output, "--show", "curve", "--weights", weights))
    let pixels = try await FFmpeg.pixels(of: output, format: "rgb24")
    #expect(pixels.count == 61 * 47 * 3)
    for channel in 0..<3 {
      let level = [191.75, 128, 64.25][channel]
      #expect(stride(from: channel, to: pixels.count, by: 3).allSatisfy { abs(Double(pixels[$0]) - level) <= 1 })
    }
    // --strength is part of what is applied.
    expectSuccess(
      try await Program.enhance(
        input, "-o", output, "-y", "--show", "curve", "--weights", weights, "--strength", "0.5"))
    #expect(abs(Int(try await FFmpeg.pixels(of: output, format: "rgb24")[0]) - 160) <= 1)
  }

  @Test(.enabled(if: Shared.hasReferences, "needs ../shared"))
  func eightMapsAreTiles() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.picture("pic.png").path()
    let weights = Shared.file("reference/zero-dce.weights.safetensors")
    expectSuccess(
      try await Program.enhance(input, "-o", folder.file("c.png"), "--show", "curve", "--weights", weights))
    let video = try #require(try await FFprobe.inspect(folder.file("c.png")).video)
    #expect(video.width == 640 && video.height == 240)
  }

  @Test(arguments: ["curve", "scales"])
  func videosKeepTheirTimes(show: String) async throws {
    let input = try await Clips.everyday.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(try await Program.enhance(input, "-o", output, "--show", show))
    let video = try #require(try await FFprobe.inspect(output).video)
    #expect(video.width == (show == "curve" ? 176 : 528) && video.height == (show == "curve" ? 144 : 288))
    try await expectSameFrameTimes(output, input)
    #expect(try await FFprobe.inspect(output).format.tags?["enhanced_by"]?.contains("show \(show)") == true)
  }

  /// Every tile is what --scale gives.
  @Test func scalesAreTiles() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.picture("pic.png").path()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("tiles.png"), "--show", "scales"))
    for (index, scale) in [1, 2, 4, 6, 12, 20].enumerated() where index % 2 == 0 {
      expectSuccess(
        try await Program.enhance(
          input, "-o", folder.file("\(scale).png"), "--scale", "\(scale)", "--look", "faithful"))
      let tile = try await FFmpeg.pixels(
        of: folder.file("tiles.png"), format: "rgb24", filter: "crop=160:120:\(index % 3 * 160):\(index / 3 * 120)")
      #expect(try await FFmpeg.pixels(of: folder.file("\(scale).png"), format: "rgb24") == tile, "scale \(scale)")
    }
  }

  @Test func whatExcludesIt() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.picture("pic.png").path()
    for options in [
      ["--show", "nothing"], ["--show", "curve", "--compare", "split"], ["--show", "curve", "--strength", "0"],
    ] {
      expectUsageError(try await Program.enhance([input, "-o", folder.file("o.png")] + options), naming: "show")
    }
    #expect(try folder.contents().isEmpty)
  }
}
