import Foundation
import TestSupport
import Testing

/// Outputs that are no plain files: a failed job removes what it made and nothing else.
@Suite struct OutputKindTests {
  /// Fails in the middle of its work: the output would be larger than allowed.
  private func fail(_ output: String, options: String = "--format mp4") async throws -> ProcessResult {
    let input = try await Clips.everyday.path()
    return try await Program.shell(
      "ulimit -f 20; exec env --default-signal=XFSZ \"$ZDCE\" enhance '\(input)' -o '\(output)' --crf 0 --quiet -y \(options)"
    )
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  @Test func linkStays() async throws {
    let folder = try TemporaryDirectory()
    let (link, target) = (folder.file("link.mp4"), folder.file("target.mp4"))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target.mp4")
    try folder.write(Array("old".utf8), to: "target.mp4")
    let result = try await fail(link)
    expectFailure(result, naming: "link.mp4")
    expectWarning(result, "limit")
    #expect(mode(link) == S_IFLNK)
    // The old content was to be overwritten; no wreck takes its place.
    #expect(!Files.exists(target))
    expectSuccess(try await Program.enhance(try await Clips.everyday.path(), "-o", link, "-y", "--quiet"))
    #expect(mode(link) == S_IFLNK)
    try await expectPlayable(target)
  }

  /// A link that leads nowhere is there, and is not replaced: -y writes what it leads to.
  @Test func danglingLinkStays() async throws {
    let folder = try TemporaryDirectory()
    let (link, input) = (folder.file("link.mkv"), try await Clips.everyday.path())
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target.mkv")
    expectFailure(try await Program.enhance(input, "-o", link, "--quiet"), naming: "-y")
    #expect(mode(link) == S_IFLNK && !Files.exists(folder.file("target.mkv")))
    expectSuccess(try await Program.enhance(input, "-o", link, "-y", "--quiet"))
    #expect(mode(link) == S_IFLNK)
    try await expectPlayable(folder.file("target.mkv"))
  }

  @Sendable static func canMakeDevices() throws -> Bool {
    let folder = try TemporaryDirectory()
    let path = folder.file("null")
    guard mknod(path, S_IFCHR | 0o666, 1 << 8 | 3) == 0 else { return false }
    return access(path, W_OK) == 0 && FileHandle(forWritingAtPath: path) != nil
  }

  /// A device of our own, so that a fault in the program costs the machine nothing.
  @Test(.enabled("needs the right to make a device", { try canMakeDevices() }), arguments: [UInt32(3), 7])
  func deviceStays(minor: UInt32) async throws {
    let folder = try TemporaryDirectory()
    let (device, link) = (folder.file("device.mkv"), folder.file("link.mkv"))
    try #require(mknod(device, S_IFCHR | 0o666, dev_t(1 << 8 | minor)) == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: device)
    for output in [device, link] {
      for flags in [[], ["-y"]] {
        let result = try await Program.enhance(
          [try await Clips.everyday.path(), "-o", output, "--quiet"] + flags)
        // Number 3 takes everything, number 7 is always full.
        if minor == 3 { expectSuccess(result) } else { expectFailure(result, naming: output) }
        #expect(mode(device) == S_IFCHR && mode(link) == S_IFLNK)
      }
    }
  }

  /// A job that fails before, during and after writing leaves the pipe where it was.
  @Test func namedPipeStays() async throws {
    let folder = try TemporaryDirectory()
    let (pipe, input) = (folder.file("p.mkv"), try await Clips.everyday.path())
    try #require(mkfifo(pipe, 0o600) == 0)
    expectFailure(try await Program.enhance("/nowhere.mp4", "-o", pipe, "--quiet"), naming: "/nowhere.mp4")
    #expect(mode(pipe) == S_IFIFO)
    let broken = try await Program.shell(
      "head -c 1000 '\(pipe)' > /dev/null & \"$ZDCE\" enhance '\(input)' -o '\(pipe)' --codec ffv1 --quiet")
    expectFailure(broken, naming: "p.mkv")
    #expect(mode(pipe) == S_IFIFO)
    let good = try await Program.shell(
      "cat '\(pipe)' > '\(folder.file("got.mkv"))' & \"$ZDCE\" enhance '\(input)' -o '\(pipe)' --quiet && wait")
    expectSuccess(good)
    #expect(mode(pipe) == S_IFIFO)
    try await expectSameFrameTimes(folder.file("got.mkv"), input)
  }

  /// The output fails when the input, a pipe that stays open, has said all that it will: no wait for its next word.
  @Test func failureDoesNotWaitForASilentInput() async throws {
    let folder = try TemporaryDirectory()
    let clip = try await Clip("ok-raw.nut", frames: 60, encoder: ["-c:v", "rawvideo"]).path()
    // The reader leaves four frames before the end: more than a pipe holds, and less than the program has read ahead.
    let taken = 56 * 176 * 144 * 3 / 2
    let result = try await Program.shell(
      """
      cd '\(folder.path)'; mkfifo in out; exec {held}<>in
      (cat '\(clip)' > in {held}>&-) & (head -c \(taken) out > /dev/null {held}>&-) &
      exec "$ZDCE" enhance - -o out --format nut --codec rawvideo --strength 0 --quiet <&$held {held}>&-
      """, timeout: 20)
    expectFailure(result, naming: "reader")
  }

  /// A device that is always full stands for a full disk where no small disk can be made.
  @Test func fullStandardOutput() async throws {
    let input = try await Clips.everyday.path()
    let result = try await Program.shell(
      "\"$ZDCE\" enhance '\(input)' -o - --format matroska --quiet > /dev/full")
    expectFailure(result, naming: "space")
  }
}
