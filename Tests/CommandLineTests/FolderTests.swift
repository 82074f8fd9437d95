import Foundation
import TestSupport
import Testing

/// Folders and several inputs with `--output-dir`.
@Suite struct FolderTests {
  private func copy(_ clip: Clip, to path: String) async throws {
    try FileManager.default.copyItem(atPath: try await clip.path(), toPath: path)
  }

  /// Paths are relative to the folder that was given, as with `cp -r folder/. out`.
  @Test func folderKeepsPathsNamesAndExtensions() async throws {
    let folder = try TemporaryDirectory()
    try folder.makeDirectory("in/summer/night")
    try await copy(Clips.picture("folder.png"), to: folder.file("in/first.png"))
    try await copy(Clips.picture("folder.jpg", format: "yuvj420p"), to: folder.file("in/summer/second one.jpg"))
    try await copy(Clips.everyday, to: folder.file("in/summer/night/third.mp4"))
    try folder.write(Array("not a picture".utf8), to: "in/summer/notes.txt")
    // The folder is created, with its parents.
    let result = try await Program.enhance(folder.file("in"), "--output-dir", folder.file("new/out"))
    expectSuccess(result)
    let made = try FileManager.default.subpathsOfDirectory(atPath: folder.file("new/out")).filter { $0.contains(".") }
    #expect(made.sorted() == ["first.png", "summer/night/third.mp4", "summer/second one.jpg"])
    #expect(try await FFprobe.inspect(folder.file("new/out/first.png")).video?.codecName == "png")
    #expect(try await FFprobe.inspect(folder.file("new/out/summer/second one.jpg")).video?.codecName == "mjpeg")
    try await expectSameFrameTimes(folder.file("new/out/summer/night/third.mp4"), try await Clips.everyday.path())
  }

  @Test func folderThroughALink() async throws {
    let folder = try TemporaryDirectory()
    try folder.makeDirectory("real/deep")
    try await copy(Clips.picture("folder.png"), to: folder.file("real/deep/first.png"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: folder.file("real"))
    for (index, name) in ["link", "link/"].enumerated() {
      expectSuccess(try await Program.enhance(folder.file(name), "--output-dir", folder.file("out\(index)")))
      #expect(Files.exists(folder.file("out\(index)/deep/first.png")))
    }
  }

  @Test func severalInputs() async throws {
    let folder = try TemporaryDirectory()
    let inputs = [try await Clips.everyday.path(), try await Clips.picture("several.png").path()]
    expectSuccess(try await Program.enhance(inputs + ["--output-dir", folder.file("out")]))
    let made = try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).sorted()
    #expect(made == ["everyday.mp4", "several.png"])
  }

  /// All are tried, and 1 beats 3 beats 0.
  @Test func oneBadInputDoesNotStopTheOthers() async throws {
    let folder = try TemporaryDirectory()
    let bad = try folder.write(Array("no video at all".utf8), to: "bad.mp4")
    let good = try await Clips.everyday.path()
    let result = try await Program.enhance(bad, good, "--output-dir", folder.file("out"), "--quiet")
    expectFailure(result, naming: "bad.mp4")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out")) == ["everyday.mp4"])
    try await expectPlayable(folder.file("out/everyday.mp4"))
  }

  @Test func damagedInputAmongGoodOnesIsThree() async throws {
    let folder = try TemporaryDirectory()
    let inputs = [try await Clips.everyday.path(), try await DamageTests.noisy.path()]
    let result = try await Program.enhance(inputs + ["--output-dir", folder.file("out"), "--quiet"])
    #expect(result.status == 3, "\(result)")
    let missing = folder.file("missing.mp4")
    let worse = try await Program.enhance(inputs + [missing, "--output-dir", folder.file("out2"), "--quiet"])
    #expect(worse.status == 1, "\(worse)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out2")).count == 2)
  }

  @Test func existingOutputsAreKept() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.picture("several.png").path()
    try folder.makeDirectory("out")
    try folder.write([1, 2, 3], to: "out/several.png")
    let refused = try await Program.enhance(input, "--output-dir", folder.file("out"), "--quiet")
    expectFailure(refused, naming: "several.png")
    #expect(try Files.read(folder.file("out/several.png")) == [1, 2, 3])
    expectSuccess(try await Program.enhance(input, "--output-dir", folder.file("out"), "-y"))
    #expect(try await FFprobe.inspect(folder.file("out/several.png")).video?.width == 160)
  }

  /// Two inputs that would become the same file: neither may overwrite the other, not even with -y.
  @Test func twoInputsOfTheSameName() async throws {
    let folder = try TemporaryDirectory()
    for name in ["a", "b"] {
      try folder.makeDirectory(name)
      try await copy(Clips.picture("same.png"), to: folder.file("\(name)/same.png"))
    }
    let result = try await Program.enhance(
      folder.file("a/same.png"), folder.file("b/same.png"), "--output-dir", folder.file("out"), "-y", "--quiet")
    #expect(result.status == 1 || result.status == 64, "\(result)")
    #expect(result.standardError.contains("same.png"), "\(result)")
  }
}
