import Foundation
import TestSupport
import Testing

/// `zdce-video weights info` and `import`.
@Suite struct WeightsToolTests {
  private struct Info: Decodable {
    struct Tensor: Decodable {
      let name: String, shape: [Int]
      let min: Double, max: Double
    }
    let file: String, model: String, sha256: String
    let parameters: Int
    let metadata: [String: String]
    let tensors: [Tensor]
  }

  @Test func infoOfTheBuiltInWeights() async throws {
    let result = try await Program.run(["weights", "info", "--json"])
    expectSuccess(result)
    let info = try JSONDecoder().decode(Info.self, from: Data(result.standardOutput))
    #expect(info.model == "zero-dce++" && info.parameters == 10561 && info.tensors.count == 28)
    #expect(info.sha256.count == 64 && !info.metadata.isEmpty)
    let text = try await Program.run(["weights", "info"]).text
    #expect(text.contains(info.sha256) && text.contains("e_conv7.point_conv.weight") && text.contains("10561"))
  }

  @Test func infoOfAFile() async throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(try Safetensors.constantCurve([0.5, 0, -0.5]).serialized(), to: "w.safetensors")
    let info = try JSONDecoder().decode(
      Info.self, from: Data(try await Program.run(["weights", "info", path, "--json"]).standardOutput))
    let bias = try #require(info.tensors.last)
    #expect(info.file == path && bias.name == "e_conv7.point_conv.bias" && bias.shape == [3])
    #expect(abs(bias.max - atanh(0.5)) < 1e-6 && abs(bias.min + atanh(0.5)) < 1e-6)
    expectFailure(try await Program.run(["weights", "info", folder.file("none")]), naming: "none")
    expectFailure(try await Program.run(["weights", "info", "/dev/null"]), naming: "/dev/null")
  }

  @Test(
    .enabled(if: Shared.hasReferences, "needs ../shared"),
    arguments: ["zero-dce++.pth", "zero-dce.pth", "zero-dce++.mindspore.ckpt", "zero-dce.mindspore.ckpt"])
  func importedWeightsEnhance(name: String) async throws {
    let folder = try TemporaryDirectory()
    let (output, source) = (folder.file("w.safetensors"), Shared.file("weights/\(name)"))
    let result = try await Program.run(["weights", "import", source, "-o", output])
    expectSuccess(result)
    #expect(result.standardError.contains("licence"))
    if name.hasSuffix(".pth") {
      let reference = try Safetensors(
        path: Shared.file("reference/\(name.replacing(".pth", with: "")).weights.safetensors"))
      let imported = try Safetensors(path: output)
      #expect(imported.tensors.keys.sorted() == reference.tensors.keys.sorted())
      for (name, tensor) in reference.tensors { #expect(imported.tensors[name]?.bytes == tensor.bytes, "\(name)") }
    }
    let info = try JSONDecoder().decode(
      Info.self, from: Data(try await Program.run(["weights", "info", output, "--json"]).standardOutput))
    #expect(info.metadata["source"] == name)
    let direct = try JSONDecoder().decode(
      Info.self, from: Data(try await Program.run(["weights", "info", source, "--json"]).standardOutput))
    #expect(direct.sha256 == info.sha256 && direct.parameters == info.parameters && direct.file == source)
    let picture = try await Clips.picture("pic.png").path()
    expectSuccess(try await Program.enhance(picture, "-o", folder.file("out.png"), "--weights", output))
    let means = try await [picture, folder.file("out.png")].asyncMap {
      mean(try await FFmpeg.pixels(of: $0, format: "gray"))
    }
    #expect(means[1] > means[0] + 10, "\(means)")

    let again = try await Program.run(["weights", "import", source, "-o", output, "--quiet"])
    expectFailure(again, naming: "exists")
    expectSuccess(try await Program.run(["weights", "import", source, "-o", output, "-y"]))
  }

  /// What `pickle.dumps` makes of an object whose `__reduce__` is `(os.system, ("touch FILE",))`.
  @Test func picklesAreNotRun() async throws {
    let folder = try TemporaryDirectory()
    let command = "touch \(folder.file("owned"))"
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0x80, 2, 0x4D, 0xE9, 3, 0x2E,
    ]
    let call = Array("\u{1}cposix\nsystem\n".utf8.dropFirst()) + [0x58, UInt8(command.utf8.count), 0, 0, 0]
    let bytes = magic + [0x80, 2] + call + Array(command.utf8) + [0x85, 0x52, 0x2E]
    let path = try folder.write(bytes, to: "evil.pth")
    let result = try await Program.run(["weights", "import", path, "-o", folder.file("out.safetensors")])
    expectFailure(result, naming: "posix.system")
    expectFailure(try await Program.run(["weights", "info", path]), naming: "posix.system")
    #expect(try folder.contents() == ["evil.pth"])
  }

  @Test func wrongImports() async throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(Array("hello".utf8), to: "text.pth")
    expectFailure(try await Program.run(["weights", "import", path, "-o", folder.file("o")]), naming: "text.pth")
    expectFailure(
      try await Program.run(["weights", "import", folder.file("none.pth"), "-o", folder.file("o")]), naming: "none.pth")
    expectUsageError(try await Program.run(["weights", "import", path]), naming: "-o")
    #expect(try folder.contents() == ["text.pth"])
  }
}
