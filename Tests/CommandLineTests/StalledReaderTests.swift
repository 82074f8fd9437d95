import Foundation
import TestSupport
import Testing

/// A reader that holds the output pipe open and reads nothing: an interrupt ends the program all the same.
@Suite(.serialized) struct StalledReaderTests {
  static let formats = [
    ["matroska"], ["nut", "--codec", "rawvideo"], ["yuv4mpegpipe"], ["mpegts"],
  ]

  /// A pipe that stays open for reading as long as the handle lives.
  private func makePipe(in folder: TemporaryDirectory) throws -> FileHandle {
    let path = folder.file("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  @Test(arguments: zip(formats, [SIGTERM, SIGINT, SIGINT, SIGTERM]))
  func interruptGivesUp(format: [String], signal: Int32) async throws {
    let folder = try TemporaryDirectory()
    let pipe = try makePipe(in: folder)
    let input = try await Clips.long.path()
    let process = try Program.start(
      ["enhance", input, "-o", "-", "--preset", "ultrafast", "--crf", "10", "--quiet", "--format"] + format,
      output: pipe, timeout: 60)
    // A pipe has 16 pages, and writes that do not fit into the rest of one begin the next: it is full when it holds
    // much, and no more a second later.
    var waiting: Int32 = 0
    var since = ContinuousClock.now
    for _ in 0..<400 where process.isRunning {
      let before = waiting
      _ = ioctl(pipe.fileDescriptor, UInt(FIONREAD), &waiting)
      if waiting != before { since = .now }
      if waiting > 40_000, ContinuousClock.now - since > .seconds(1) { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    try #require(waiting > 40_000 && ContinuousClock.now - since > .seconds(1), "\(process.standardErrorSoFar)")
    try #require(process.isRunning, "the reader stalls the program: \(process.standardErrorSoFar)")
    let start = ContinuousClock.now
    process.send(signal)
    let result = try await process.result()
    expectFailure(result, status: 130, naming: "reader")
    #expect(ContinuousClock.now - start < .seconds(10), "ends soon")
  }

  /// The same over the network: connected, and nobody takes the bytes.
  @Test func interruptGivesUpOnAURL() async throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(listener >= 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    try #require(isListening)
    let url = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    let process = try Program.start(
      ["enhance", try await Clips.long.path(), "-o", url, "--format", "nut", "--codec", "rawvideo", "--quiet"],
      timeout: 60)
    // The sockets' buffers hold some megabytes of the 276.
    try await Task.sleep(for: .seconds(4))
    try #require(process.isRunning, "the reader stalls the program: \(process.standardErrorSoFar)")
    process.send(SIGTERM)
    expectFailure(try await process.result(), status: 130, naming: "reader")
  }

  /// Nobody has opened the pipe yet.
  @Test(arguments: [(Clips.everyday, "pipe.nut"), (Clips.picture("stalled.png"), "pipe.png")])
  func pipeWithoutReader(clip: Clip, name: String) async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file(name)
    try #require(mkfifo(path, 0o600) == 0)
    let process = try Program.start(["enhance", try await clip.path(), "-o", path, "--quiet"], timeout: 30)
    try await Task.sleep(for: .milliseconds(1500))
    try #require(process.isRunning, "\(process.standardErrorSoFar)")
    process.send(SIGTERM)
    expectFailure(try await process.result(), status: 130, naming: name)
    #expect(Files.exists(path))
  }

  /// A reader that goes on in time gets a whole file; until then the program waits without work.
  @Test func slowReaderGetsEverything() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.long.path()
    let result = try await Program.shell(
      """
      cd '\(folder.path)'
      { "$ZDCE" enhance '\(input)' -o - --format nut --codec rawvideo --quiet & echo $! > pid; wait $!; } | {
        sleep 5; pid=$(cat pid)
        before=$(awk '{ print $14 + $15 }' /proc/$pid/stat); sleep 1
        echo $(($(awk '{ print $14 + $15 }' /proc/$pid/stat) - before)) > ticks
        kill -TERM $pid; sleep 1; cat > out.nut
      }
      exit ${PIPESTATUS[0]}
      """)
    #expect(result.status == 130, "\(result)")
    #expect(result.standardError.isEmpty, "\(result)")
    let frames = try await expectPlayable(folder.file("out.nut"))
    #expect(frames < 2400, "\(frames) frames")
    // Hundredths of a second of processor time in one second of waiting.
    let ticks = String(decoding: try Files.read(folder.file("ticks")), as: UTF8.self)
    #expect(Int(ticks.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .max < 10, "\(ticks)")
  }

  /// What needs to go back in the file cannot go into a pipe, and says so before any work is done.
  @Test(arguments: ["mp4", "mov"])
  func containerThatNeedsAFile(format: String) async throws {
    let input = try await Clips.everyday.path()
    let result = try await Program.enhance(input, "-o", "-", "--format", format, "--quiet")
    expectUsageError(result, naming: "--format")
  }
}
