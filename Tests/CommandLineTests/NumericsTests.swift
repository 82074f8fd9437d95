import TestSupport
import Testing

/// `--sampling reference` computes what PyTorch computes with the authors' weights.
@Suite(.enabled(if: Shared.hasReferences, "needs ../shared/reference")) struct NumericsTests {
  static let downsampled = ["dicm01", "dicm27", "dicm44", "lime4", "lime6", "lime8"]

  /// Runs a reference picture through the program; largest and mean error in levels of 255.
  private func errors(of name: String, weights: String, options: [String]) async throws -> (Double, Double) {
    let reference = try Safetensors(path: Shared.file("reference/\(name).safetensors"))
    let pixels = try reference.tensor("pixels")
    let enhanced = try reference.tensor("enhanced")
    let (height, width) = (pixels.shape[0], pixels.shape[1])
    try #require(enhanced.shape == [1, 3, height, width])

    let folder = try TemporaryDirectory()
    let (input, output) = (folder.file("in.png"), folder.file("out.png"))
    try await FFmpeg.write(pixels: pixels.bytes, width: width, height: height, to: input)
    let network = Shared.file("reference/\(weights).weights.safetensors")
    let fixed = ["--weights", network, "--sampling", "reference", "--reuse", "off"]
    expectSuccess(try await Program.enhance([input, "-o", output] + fixed + options))
    let actual = try await FFmpeg.pixels(of: output, format: "rgb24")
    try #require(actual.count == width * height * 3)

    let expected = enhanced.floats
    var (largest, sum) = (0, 0)
    for pixel in 0..<width * height {
      for channel in 0..<3 {
        // Rounded to a level as the authors' code does when it saves a picture.
        let level = Int((min(max(expected[channel * width * height + pixel], 0), 1) * 255 + 0.5).rounded(.down))
        let error = abs(Int(actual[pixel * 3 + channel]) - level)
        largest = max(largest, error)
        sum += error
      }
    }
    return (Double(largest), Double(sum) / Double(actual.count))
  }

  @Test(arguments: downsampled)
  func enhancedPictureEqualsReference(name: String) async throws {
    let (largest, mean) = try await errors(of: "\(name).zero-dce++.x12", weights: "zero-dce++", options: [])
    #expect(largest <= 1, "largest error in levels")
    #expect(mean < 0.05, "mean error in levels")
  }

  @Test(arguments: ["zero-dce++", "zero-dce"])
  func fullResolutionEqualsReference(model: String) async throws {
    let (largest, mean) = try await errors(of: "small.\(model).x1", weights: model, options: ["--scale", "1"])
    #expect(largest <= 1, "largest error in levels")
    #expect(mean < 0.05, "mean error in levels")
  }

  /// Sizes that are no multiple of twelve: the contract leaves open whether `reference` takes them; never another size.
  @Test func otherSizesKeepTheirSize() async throws {
    let input = try await Clips.picture("nu-odd.png", size: "100x61").path()
    let folder = try TemporaryDirectory()
    let weights = Shared.file("reference/zero-dce++.weights.safetensors")
    let result = try await Program.enhance(
      input, "-o", folder.file("out.png"), "--weights", weights, "--sampling", "reference", "--quiet")
    if result.status == 0 {
      #expect(try await FFprobe.inspect(folder.file("out.png")).video?.width == 100)
      #expect(try await FFprobe.inspect(folder.file("out.png")).video?.height == 61)
    } else {
      expectFailure(result, naming: "12")
    }
    expectSuccess(try await Program.enhance(input, "-o", folder.file("area.png"), "--weights", weights))
    #expect(try await FFprobe.inspect(folder.file("area.png")).video?.width == 100)
  }

  /// Weights of the first network are recognised by their tensors, at any scale.
  @Test func zeroDCEWorksDownsampled() async throws {
    let folder = try TemporaryDirectory()
    let weights = Shared.file("reference/zero-dce.weights.safetensors")
    let (input, output) = (try await Clips.lossless.path(), folder.file("out.mkv"))
    expectSuccess(try await Program.enhance(input, "-o", output, "--codec", "ffv1", "--weights", weights))
    let means = try await [input, output].asyncMap { mean(try await FFmpeg.pixels(of: $0, format: "gray")) }
    #expect(means[1] > means[0] + 10, "\(means)")
    try await expectSameFrameTimes(output, input)
  }
}
