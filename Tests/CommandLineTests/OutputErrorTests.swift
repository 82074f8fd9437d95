import Foundation
import TestSupport
import Testing

/// Outputs that cannot be written: exit status 1, one line that says why, nothing lost and no wreck left behind.
@Suite struct OutputErrorTests {
  @Test func unknownCodec() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await Clips.everyday.path(), "-o", folder.file("out.mp4"), "--codec", "nosuch", "--quiet")
    expectRefusal(result, naming: "nosuch")
    #expect(try folder.contents().isEmpty)
  }

  @Test(arguments: [["--encoder-option", "nosuch=1"], ["--pix-fmt", "nosuch"], ["--preset", "nosuch"]])
  func unknownEncoderSetting(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      [try await Clips.everyday.path(), "-o", folder.file("out.mp4"), "--quiet"] + options)
    expectRefusal(result, naming: "nosuch")
    #expect(try folder.contents().isEmpty)
  }

  /// What the encoders' libraries would say on standard error by themselves.
  @Test(
    arguments: [
      ["--encoder-option", "preset=nosuch"], ["--encoder-option", "tune=nosuch"],
      ["--encoder-option", "profile=nosuch"], ["--codec", "libx265", "--encoder-option", "x265-params=ctu=7"],
    ])
  func encoderLibrariesAreSilent(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      [try await Clips.everyday.path(), "-o", folder.file("out.mp4"), "--quiet"] + options)
    expectFailure(result, naming: options.last!.contains("nosuch") ? "nosuch" : "libx265")
    #expect(try folder.contents().isEmpty)
  }

  @Test func frameTooSmallForTheEncoder() async throws {
    let clip = Clip("oe-small.mkv", size: "64x8", frames: 3, encoder: ["-c:v", "ffv1"])
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await clip.path(), "-o", folder.file("out.mp4"), "--codec", "libx265", "--quiet")
    expectFailure(result, naming: "64x8")
    #expect(try folder.contents().isEmpty)
  }

  @Test func existingOutputIsKept() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let output = try folder.write(Array("precious".utf8), to: "out.mp4")
    expectFailure(try await Program.enhance(input, "-o", output, "--quiet"), naming: output)
    #expect(try Files.read(output) == Array("precious".utf8))
    for flag in ["-y", "--overwrite"] {
      try folder.write(Array("precious".utf8), to: "out.mp4")
      expectSuccess(try await Program.enhance(input, "-o", output, flag, "--quiet"))
      try await expectPlayable(output)
    }
  }

  /// A failed run with -y must not cost the file that was there, if nothing could be made to replace it.
  @Test func existingOutputSurvivesABadInput() async throws {
    let folder = try TemporaryDirectory()
    let output = try folder.write(Array("precious".utf8), to: "out.mp4")
    expectFailure(
      try await Program.enhance("/nowhere/clip.mp4", "-o", output, "-y", "--quiet"), naming: "/nowhere/clip.mp4")
    #expect(try Files.read(output) == Array("precious".utf8))
  }

  /// Input and output are the same file, however it is spelled, with -y as without.
  @Test(arguments: ["clip.mp4", "sub/../clip.mp4", "symlink.mp4", "hardlink.mp4"])
  func outputEqualsInput(spelling: String) async throws {
    let folder = try TemporaryDirectory()
    let input = folder.file("clip.mp4")
    try FileManager.default.copyItem(atPath: try await Clips.everyday.path(), toPath: input)
    try folder.makeDirectory("sub")
    try FileManager.default.createSymbolicLink(atPath: folder.file("symlink.mp4"), withDestinationPath: input)
    try FileManager.default.linkItem(atPath: input, toPath: folder.file("hardlink.mp4"))
    let before = try Files.read(input)
    let result = try await Program.enhance(input, "-o", folder.file(spelling), "-y", "--quiet")
    // The same spelling twice can be seen from the arguments alone: 64 is right too.
    #expect(result.status == 1 || (spelling == "clip.mp4" && result.status == 64), "\(result)")
    let names = ["clip.mp4", spelling].contains { result.standardError.contains($0) }
    #expect(names, "\(result)")
    #expect(try Files.read(input) == before)
  }

  @Test func outputFolderEqualsInputFolder() async throws {
    let folder = try TemporaryDirectory()
    let input = folder.file("clip.mp4")
    try FileManager.default.copyItem(atPath: try await Clips.everyday.path(), toPath: input)
    let before = try Files.read(input)
    let result = try await Program.enhance(folder.path, "--output-dir", folder.path, "-y", "--quiet")
    #expect(result.status == 1, "\(result)")
    #expect(try Files.read(input) == before)
  }

  @Test func missingParentOfOutput() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("no/such/folder/out.mp4")
    expectFailure(
      try await Program.enhance(try await Clips.everyday.path(), "-o", output, "--quiet"), naming: "no/such/folder")
    #expect(try folder.contents().isEmpty)
  }

  @Test func parentIsAFile() async throws {
    let folder = try TemporaryDirectory()
    try folder.write([1], to: "file")
    let output = folder.file("file/out.mp4")
    expectFailure(
      try await Program.enhance(try await Clips.everyday.path(), "-o", output, "--quiet"), naming: output)
    let inside = try await Program.enhance(
      try await Clips.everyday.path(), "--output-dir", folder.file("file/out"), "--quiet")
    expectFailure(inside, naming: folder.file("file"))
  }

  @Test func outputIsAFolder() async throws {
    let folder = try TemporaryDirectory()
    for name in ["folder", "folder.mp4"] {
      let output = try folder.makeDirectory(name)
      let result = try await Program.enhance(try await Clips.everyday.path(), "-o", output, "-y", "--quiet")
      expectFailure(result, naming: output)
      expectWarning(result, "folder", "--output-dir")
    }
  }

  @Test(
    .enabled(
      "needs a binary that an unprivileged user can run", { try await InputErrorTests.canRunUnprivileged() }))
  func folderWithoutWritePermission() async throws {
    let folder = try TemporaryDirectory()
    let input = folder.file("clip.mp4")
    try FileManager.default.copyItem(atPath: try await Clips.everyday.path(), toPath: input)
    chmod(folder.path, 0o555)
    defer { chmod(folder.path, 0o755) }
    let output = folder.file("out.mp4")
    expectFailure(
      try await InputErrorTests.unprivileged(["enhance", input, "-o", output, "--quiet"]), naming: output)
    #expect(!Files.exists(output))
  }

  /// A limit on file size: the signal that comes with it must not kill the program.
  @Test(arguments: ["out.mkv", "out.mp4", "out.avi"])
  func fileSizeLimit(name: String) async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let output = folder.file(name)
    let codec = name == "out.mp4" ? "--codec libx264 --crf 0" : "--codec ffv1"
    let result = try await Program.shell(
      "ulimit -f 100; exec env --default-signal=XFSZ \"$ZDCE\" enhance '\(input)' -o '\(output)' \(codec) --quiet")
    expectFailure(result, naming: output)
    expectWarning(result, "limit")
    try await expectNothingOrPlayable(output)
  }

  /// Of a series of pictures, those that are there are whole.
  @Test func fileSizeLimitOnASeries() async throws {
    let folder = try TemporaryDirectory()
    let clip = Clip(
      "oe-growing.mkv", frames: 3, filter: "geq=lum='if(N,random(1)*255,16)':cb=128:cr=128", encoder: Clips.x264)
    let result = try await Program.shell(
      """
      ulimit -f 8
      "$ZDCE" enhance '\(try await clip.path())' -o '\(folder.path)/%d.png' --strength 0 --quiet
      """)
    expectFailure(result, naming: "%d.png")
    #expect(try folder.contents() == ["1.png"])
    try await expectPlayable(folder.file("1.png"))
  }

  /// Whoever removes the output while it is written is told that there is none; under another name it is whole.
  @Test(arguments: ["rm", "mv"])
  func outputThatGoesAway(tool: String) async throws {
    let folder = try TemporaryDirectory()
    try folder.makeDirectory("out")
    let (output, other) = (folder.file("out/clip.mkv"), folder.file("other.mkv"))
    let process = try Program.start(
      ["enhance", try await Clips.long.path(), "-o", output, "--preset", "ultrafast", "--quiet"], timeout: 90)
    for _ in 0..<600 where process.isRunning && Files.size(output) < 20_000 {
      try await Task.sleep(for: .milliseconds(20))
    }
    if tool == "mv" { try FileManager.default.moveItem(atPath: output, toPath: other) }
    try FileManager.default.removeItem(atPath: folder.file("out"))
    process.send(SIGINT)
    let result = try await process.result()
    if tool == "rm" {
      #expect(result.status == 130, "\(result)")
      expectWarning(result, output, "removed")
    } else {
      #expect(result.status == 130 && result.standardError.isEmpty, "\(result)")
      try await expectPlayable(other)
    }
  }

  @Sendable static func canMount() async throws -> Bool {
    guard Subprocess.isAvailable("unshare") else { return false }
    let script = "mount -t tmpfs -o size=100k none /mnt && touch /mnt/x"
    return try await Subprocess.run("unshare", ["-m", "sh", "-c", script]).status == 0
  }

  @Test(.enabled("needs the right to mount a small tmpfs", { try await canMount() }))
  func fullDisk() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    try folder.makeDirectory("disk")
    let disk = folder.file("disk")
    // The mount lives and dies with this shell; what the program leaves is copied out of it.
    let script = """
      mount -t tmpfs -o size=100k none '\(disk)' || exit 99
      "\(try Program.located())" enhance '\(input)' -o '\(disk)/out.mkv' --codec ffv1 --quiet
      status=$?
      [ -e '\(disk)/out.mkv' ] && cp '\(disk)/out.mkv' '\(folder.file("left.mkv"))'
      exit $status
      """
    let result = try await Subprocess.run("unshare", ["-m", "bash", "-c", script])
    expectFailure(result, naming: "out.mkv")
    expectWarning(result, "space")
    try await expectNothingOrPlayable(folder.file("left.mkv"))
  }

  private func expectNothingOrPlayable(
    _ path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    guard Files.exists(path) else { return }
    // Where the disk ends in the middle of a packet, that packet is lost; every frame before it must be there.
    #expect(try await !FFmpeg.frameHashes(of: path).isEmpty, sourceLocation: sourceLocation)
    #expect(try await !FFprobe.frames(of: path).isEmpty, sourceLocation: sourceLocation)
  }
}
