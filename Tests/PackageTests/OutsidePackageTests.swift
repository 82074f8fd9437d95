import Foundation
import TestSupport
import Testing

/// Another package depends on this one by version, and the example of docs/library.md builds and runs there.
@Suite struct OutsidePackageTests {
  @Test(.timeLimit(.minutes(20)))
  func exampleBuildsAgainstAVersion() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let folder = try TemporaryDirectory()
    let guide = try String(contentsOfFile: root + "/docs/library.md", encoding: .utf8)
    let example = try #require(
      guide.components(separatedBy: "```swift\n").dropFirst().first?.components(separatedBy: "```").first)

    // A repository with one tagged version, made of what stands here.
    let library = folder.file("zdce-video")
    try FileManager.default.createDirectory(atPath: library, withIntermediateDirectories: true)
    for part in ["Package.swift", "Sources", "Tests"] {
      try FileManager.default.copyItem(atPath: "\(root)/\(part)", toPath: "\(library)/\(part)")
    }
    let author = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    try await run("git", ["init", "-q", library])
    try await run("git", ["-C", library, "add", "-A"])
    try await run("git", ["-C", library] + author + ["commit", "-qm", "one version"])
    try await run("git", ["-C", library, "tag", "0.1.0"])

    let outside = folder.file("outside")
    try FileManager.default.createDirectory(atPath: outside + "/Sources/Example", withIntermediateDirectories: true)
    try example.write(toFile: outside + "/Sources/Example/main.swift", atomically: true, encoding: .utf8)
    try Self.manifest(library: library).write(toFile: outside + "/Package.swift", atomically: true, encoding: .utf8)
    try await run("swift", ["build", "--package-path", outside, "--scratch-path", folder.file("build")])

    let clip = try await Clips.everyday.path()
    let outputs = [folder.file("pipeline.mp4"), folder.file("by-hand.mp4")]
    let said = try await run(folder.file("build/debug/Example"), [clip] + outputs)
    #expect(said.contains("green was 0.1"))
    #expect(said.contains("a frame of "))
    let expected = try await FFprobe.frames(of: clip).count
    for output in outputs { #expect(try await FFprobe.frames(of: output).count == expected) }
  }

  private static func manifest(library: String) -> String {
    """
    // swift-tools-version: 6.1
    import PackageDescription
    let package = Package(
      name: "outside",
      dependencies: [.package(url: "\(library)", from: "0.1.0")],
      targets: [
        .executableTarget(
          name: "Example",
          dependencies: ["Frames", "StreamIn", "Enhancer", "StreamOut", "Pipeline"].map {
            .product(name: $0, package: "zdce-video")
          })
      ])
    """
  }

  @discardableResult
  private func run(_ program: String, _ arguments: [String]) async throws -> String {
    let result = try await Subprocess.run(program, arguments, timeout: 1000)
    try #require(result.status == 0, "\(program) \(arguments): \(result.standardError) \(result.text)")
    return result.text
  }
}
