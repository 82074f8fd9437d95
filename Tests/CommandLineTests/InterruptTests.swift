import Foundation
import TestSupport
import Testing

/// SIGINT and SIGTERM end the work and finish the output: exit status 130.
@Suite(.serialized) struct InterruptTests {
  /// Waits until the program is in the middle of its work.
  private func waitForOutput(_ path: String, of process: Subprocess, bytes: Int = 20_000) async throws {
    for _ in 0..<600 where process.isRunning && Files.size(path) < bytes {
      try await Task.sleep(for: .milliseconds(50))
    }
    try #require(process.isRunning, "the program ended before it could be interrupted: \(process.standardErrorSoFar)")
    try #require(Files.size(path) >= bytes, "the output does not grow: \(process.standardErrorSoFar)")
  }

  @Test(arguments: [SIGINT, SIGTERM], ["out.mp4", "out.mkv"])
  func outputIsFinished(signal: Int32, name: String) async throws {
    let input = try await Clips.long.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    let process = try Program.start(
      ["enhance", input, "-o", output, "--preset", "slower", "--json", "--no-progress"], timeout: 90)
    try await waitForOutput(output, of: process)
    process.send(signal)
    let result = try await process.result()
    #expect(result.status == 130, "\(result)")
    #expect(result.signal == nil, "\(result)")
    let frames = try await expectPlayable(output)
    #expect(frames > 0 && frames < 2400, "\(frames) frames")
    let times = try await [input, output].asyncMap { try await FFprobe.frames(of: $0).map(\.time) }
    expectSameTimes(times[1], Array(times[0].prefix(frames)), "frame")
    let summary = try #require(try ReportTests.summaries(result).first)
    #expect(ReportTests.number(summary["frames_out"]) == Double(frames))
  }

  /// A second input is not begun.
  @Test func remainingInputsAreNotBegun() async throws {
    let folder = try TemporaryDirectory()
    let inputs = [try await Clips.long.path(), try await Clips.everyday.path()]
    let process = try Program.start(
      ["enhance"] + inputs + ["--output-dir", folder.file("out"), "--preset", "slower", "--quiet"], timeout: 90)
    try await waitForOutput(folder.file("out/long.mp4"), of: process)
    process.send(SIGINT)
    let result = try await process.result()
    #expect(result.status == 130, "\(result)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out")) == ["long.mp4"])
  }

  /// A pipe that stays open and silent: the program does not hang in its read.
  @Test(arguments: [SIGINT, SIGTERM])
  func silentPipeCanBeInterrupted(signal: Int32) async throws {
    let folder = try TemporaryDirectory()
    let fifo = folder.file("fifo")
    try #require(mkfifo(fifo, 0o600) == 0)
    // Opened for both directions, so that neither side waits for the other and no end of file ever comes.
    let descriptor = open(fifo, O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    let pipe = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let process = try Program.start(
      ["enhance", "-", "-o", folder.file("out.mkv"), "--quiet"], input: pipe, timeout: 20)
    try await Task.sleep(for: .milliseconds(700))
    try #require(process.isRunning, "\(process.standardErrorSoFar)")
    process.send(signal)
    let result = try await process.result()
    #expect(result.status == 130, "\(result)")
    #expect(result.messages.count == 1 && result.standardError.contains("interrupted"), "\(result)")
    // Nothing came in, so there is nothing to play, and then no file either.
    if Files.exists(folder.file("out.mkv")) { try await expectPlayable(folder.file("out.mkv")) }
  }

  /// Interrupted before anything else happened: still no wreck.
  @Test func earlyInterrupt() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    let process = try Program.start(
      ["enhance", try await Clips.long.path(), "-o", output, "--preset", "slower", "--quiet"], timeout: 60)
    for _ in 0..<200 where process.isRunning && !Files.exists(output) {
      try await Task.sleep(for: .milliseconds(10))
    }
    process.send(SIGTERM)
    let result = try await process.result()
    #expect(result.status == 130, "\(result)")
    if Files.exists(output) { try await expectPlayable(output) }
  }
}
