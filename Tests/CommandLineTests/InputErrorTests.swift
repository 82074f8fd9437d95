import Foundation
import TestSupport
import Testing

/// Inputs that cannot be used: exit status 1, one line that says why, no output.
@Suite struct InputErrorTests {
  /// Whatever is printed may end in a log that others read.
  @Test(arguments: [["-o", "out.mp4"], ["--output-dir", "out", "--verbose", "--json"]])
  func secretsOfURLsAreNotShown(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let url = "http://user:SECRET@127.0.0.1:9/clip.mp4?token=SECRET&key=SECRET#SECRET"
    let result = try await Program.run(["enhance", url] + options, directory: folder.path)
    #expect(result.status == 1, "\(result)")
    expectWarning(result, "http://***@127.0.0.1:9/clip.mp4?token=***&key=***#***")
    #expect(!result.standardError.contains("SECRET"), "\(result)")
    #expect(try !folder.contents().contains { $0.contains("SECRET") })
  }

  private func refuses(
    _ input: String, naming subject: String, options: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance([input, "-o", folder.file("out.mp4"), "--quiet"] + options)
    expectFailure(result, naming: subject, sourceLocation: sourceLocation)
    #expect(try folder.contents().isEmpty, "nothing is left behind", sourceLocation: sourceLocation)
  }

  @Test func missingFile() async throws { try await refuses("/nowhere/clip.mp4", naming: "/nowhere/clip.mp4") }

  @Test func emptyFile() async throws {
    let folder = try TemporaryDirectory()
    try await refuses(try folder.write([], to: "empty.mp4"), naming: "empty.mp4")
  }

  @Test(arguments: ["notes.mp4", "notes.mkv", "notes.png", "notes.jpg"])
  func textFile(name: String) async throws {
    let folder = try TemporaryDirectory()
    let text = String(repeating: "This is not a film.\n", count: 200)
    try await refuses(try folder.write(Array(text.utf8), to: name), naming: name)
  }

  /// Without its index, which stands at the end, nothing in an MP4 can be found.
  @Test func truncatedMP4() async throws {
    let folder = try TemporaryDirectory()
    let bytes = try Files.read(try await Clips.everyday.path())
    try await refuses(try folder.write(Array(bytes.prefix(bytes.count * 6 / 10)), to: "cut.mp4"), naming: "cut.mp4")
  }

  @Test func soundOnly() async throws {
    let clip = Clip("sound.m4a") { path in
      try await FFmpeg.run(["-f", "lavfi", "-i", Clips.tone, "-c:a", "aac", path])
    }
    try await refuses(try await clip.path(), naming: "sound.m4a")
  }

  /// A codec that FFmpeg has never heard of, by the name that the file gives it.
  @Test func unknownCodec() async throws {
    let folder = try TemporaryDirectory()
    let bytes = try Files.read(try await Clip("ie-mpeg4.avi", frames: 5, encoder: ["-c:v", "mpeg4"]).path())
    var patched = bytes
    for index in bytes.indices where bytes[index...].starts(with: Array("FMP4".utf8)) {
      patched.replaceSubrange(index..<index + 4, with: Array("ZZQ9".utf8))
    }
    try await refuses(try folder.write(patched, to: "odd.avi"), naming: "ZZQ9")
  }

  @Test func folderWithoutMedia() async throws {
    let folder = try TemporaryDirectory()
    try folder.makeDirectory("in/deeper")
    try folder.write(Array("nothing".utf8), to: "in/deeper/notes.txt")
    let result = try await Program.enhance(folder.file("in"), "--output-dir", folder.file("out"), "--quiet")
    expectFailure(result, naming: folder.file("in"))
    #expect(!Files.exists(folder.file("out/deeper")))
  }

  @Test func folderForOneOutput() async throws {
    let folder = try TemporaryDirectory()
    try folder.makeDirectory("in")
    let result = try await Program.enhance(folder.file("in"), "-o", folder.file("out.mp4"), "--quiet")
    expectRefusal(result, naming: "--output-dir")
    #expect(try folder.contents() == ["in"])
  }

  @Test(arguments: ["smpte2084", "arib-std-b67"])
  func highDynamicRange(transfer: String) async throws {
    let tags = ["-color_trc", transfer, "-colorspace", "bt2020nc", "-color_primaries", "bt2020"]
    let clip = Clip("hdr-\(transfer).mkv", frames: 5, format: "yuv420p10le", encoder: Clips.x264 + tags)
    try await refuses(try await clip.path(), naming: transfer == "smpte2084" ? "PQ" : "HLG")
  }

  /// Runs the program as a user without rights if this is root, who may read everything.
  static func unprivileged(_ arguments: [String]) async throws -> ProcessResult {
    let program = try Program.located()
    guard geteuid() == 0 else { return try await Subprocess.run(program, arguments) }
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    return try await Subprocess.run("setpriv", user + [program] + arguments, environment: ["HOME": "/tmp"])
  }

  /// False where the binary lies in a folder that an unprivileged user cannot enter.
  @Sendable static func canRunUnprivileged() async throws -> Bool {
    if geteuid() != 0 { return true }
    guard Subprocess.isAvailable("setpriv") else { return false }
    return try await unprivileged(["--help"]).status == 0
  }

  @Test(
    .enabled("needs a binary that an unprivileged user can run", { try await canRunUnprivileged() }))
  func unreadableFile() async throws {
    let folder = try TemporaryDirectory()
    let input = folder.file("secret.mp4")
    try FileManager.default.copyItem(atPath: try await Clips.everyday.path(), toPath: input)
    chmod(input, 0)
    chmod(folder.path, 0o777)
    let result = try await Self.unprivileged(["enhance", input, "-o", folder.file("out.mp4"), "--quiet"])
    expectFailure(result, naming: input)
    #expect(try folder.contents() == ["secret.mp4"])
  }

  /// A folder that cannot be listed is not an empty one, and what is in the others is done.
  @Test(
    .enabled("needs a binary that an unprivileged user can run", { try await canRunUnprivileged() }))
  func unreadableFolder() async throws {
    let folder = try TemporaryDirectory()
    for name in ["in", "in/locked"] {
      try folder.makeDirectory(name)
      try FileManager.default.copyItem(atPath: try await Clips.everyday.path(), toPath: folder.file("\(name)/clip.mp4"))
    }
    chmod(folder.path, 0o777)
    chmod(folder.file("in/locked"), 0)
    defer { chmod(folder.file("in/locked"), 0o755) }
    for (input, made) in [("in/locked", []), ("in", ["clip.mp4"])] as [(String, [String])] {
      let output = folder.file("out")
      let result = try await Self.unprivileged(["enhance", folder.file(input), "--output-dir", output, "--quiet"])
      expectFailure(result, naming: folder.file("in/locked"))
      expectWarning(result, "permission")
      #expect(((try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []) == made)
    }
  }

  // MARK: Weights

  /// Weights files that lie about themselves.
  static let hostile: [(name: String, bytes: [UInt8])] = {
    let good = (try? Safetensors.constantCurve([-0.1, -0.1, -0.1]).serialized()) ?? []
    func entry(_ shape: String, _ offsets: String, _ name: String = "e_conv1.depth_conv.weight") -> [UInt8] {
      Array(#"{"\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":\#(offsets)}}"#.utf8)
    }
    var infinite = Safetensors.constantCurve([-0.1, -0.1, -0.1])
    infinite.tensors["e_conv3.point_conv.bias"] = .init(shape: [32], values: [Float](repeating: .infinity, count: 32))
    var nan = infinite
    nan.tensors["e_conv3.point_conv.bias"] = .init(shape: [32], values: [Float](repeating: .nan, count: 32))
    var missing = Safetensors.constantCurve([-0.1, -0.1, -0.1])
    missing.tensors["e_conv5.depth_conv.bias"] = nil
    var wrongShape = Safetensors.constantCurve([-0.1, -0.1, -0.1])
    wrongShape.tensors["e_conv2.point_conv.weight"] = .init(
      shape: [16, 64, 1, 1], values: [Float](repeating: 0, count: 1024))
    let huge = "[\(Int64.max),\(Int64.max)]"
    return [
      ("empty", []), ("seven-bytes", Array(good.prefix(7))), ("text", Array("PK not weights at all".utf8)),
      ("cut-header", Array(good.prefix(200))), ("cut-body", Array(good.dropLast(5))),
      ("huge-length", Safetensors.file(header: Array("{}".utf8), body: [], length: .max)),
      ("zero-length", Safetensors.file(header: [], body: [], length: 0)),
      ("no-tensors", Safetensors.file(header: Array("{}".utf8), body: [])),
      ("not-json", Safetensors.file(header: Array("{{{{".utf8), body: [])),
      ("deep-json", Safetensors.file(header: [UInt8](repeating: 0x5b, count: 200_000), body: [])),
      ("offsets-outside", Safetensors.file(header: entry("[3,1,3,3]", "[0,108000]"), body: [0, 0, 0, 0])),
      ("offsets-reversed", Safetensors.file(header: entry("[3,1,3,3]", "[108,0]"), body: [UInt8](good.prefix(108)))),
      ("negative-offsets", Safetensors.file(header: entry("[3,1,3,3]", "[-108,0]"), body: [])),
      ("overflowing-shape", Safetensors.file(header: entry(huge, "[0,4]"), body: [0, 0, 0, 0])),
      ("infinite", (try? infinite.serialized()) ?? []), ("nan", (try? nan.serialized()) ?? []),
      ("missing-tensor", (try? missing.serialized()) ?? []), ("wrong-shape", (try? wrongShape.serialized()) ?? []),
    ]
  }()

  @Test(arguments: hostile.map(\.name))
  func hostileWeights(name: String) async throws {
    let folder = try TemporaryDirectory()
    let bytes = try #require(Self.hostile.first { $0.name == name }).bytes
    let weights = try folder.write(bytes, to: "\(name).safetensors")
    try await refuses(
      try await Clips.everyday.path(), naming: "\(name).safetensors", options: ["--weights", weights])
  }

  /// Through a pipe, which can be read once, for several inputs.
  @Test func weightsFromAPipe() async throws {
    let folder = try TemporaryDirectory()
    let weights = Package.path + "/Sources/Enhancer/Resources/zero-dce++.safetensors"
    let pictures = try await ["pipe-a.png", "pipe-b.png"].asyncMap { try await Clips.picture($0).path() }
    let result = try await Program.shell(
      "\"$ZDCE\" enhance '\(pictures[0])' '\(pictures[1])' --output-dir '\(folder.path)' --weights <(cat '\(weights)')")
    expectSuccess(result)
    #expect(try folder.contents().count == 2)
  }

  /// Nobody writes to the pipe: a signal ends the wait.
  @Test func weightsThatNeverComeCanBeInterrupted() async throws {
    let folder = try TemporaryDirectory()
    let pipe = folder.file("weights")
    try #require(mkfifo(pipe, 0o600) == 0)
    let process = try Program.start(
      ["enhance", try await Clips.everyday.path(), "-o", folder.file("out.mp4"), "--weights", pipe], timeout: 20)
    try await Task.sleep(for: .milliseconds(1000))
    process.send(SIGTERM)
    let result = try await process.result()
    #expect(result.status == 130, "\(result)")
    #expect(try folder.contents() == ["weights"])
  }

  @Test func missingWeights() async throws {
    let weights = "/nowhere/w.safetensors"
    try await refuses(try await Clips.everyday.path(), naming: weights, options: ["--weights", weights])
  }
}
