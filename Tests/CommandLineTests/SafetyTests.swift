import Foundation
import TestSupport
import Testing

/// Nothing that exists is lost, however it is named, and dead standard streams end no job.
@Suite struct SafetyTests {
  /// Runs a shell line in a folder with a copy of a clip named `clip.mp4`; `$ZDCE` is the program.
  private static func shell(_ line: String, in folder: TemporaryDirectory) async throws -> ProcessResult {
    let clip = folder.file("clip.mp4")
    if !FileManager.default.fileExists(atPath: clip) {
      try FileManager.default.copyItem(atPath: try await Clips.everyday.path(), toPath: clip)
    }
    return try await Program.shell("cd '\(folder.path)' && " + line)
  }

  @Test(arguments: [
    "\"$ZDCE\" enhance \"file://$PWD/clip.mp4\" -o clip.mp4 -y", "\"$ZDCE\" enhance - -o clip.mp4 -y < clip.mp4",
    "\"$ZDCE\" enhance clip.mp4 -o \"file:clip.mp4\" -y",
  ])
  func inputIsNeverOverwritten(line: String) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Self.shell(line, in: folder)
    #expect(result.status == 1 || result.status == 64, "\(result)")
    let before = try Data(contentsOf: URL(fileURLWithPath: try await Clips.everyday.path()))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("clip.mp4"))) == before)
  }

  @Test(arguments: ["file:old.mp4", "old.png", "old-%03d.png"])
  func existingFilesStay(output: String) async throws {
    let folder = try TemporaryDirectory()
    let names = ["old.mp4", "old.png", "old-001.png"]
    for name in names { _ = try folder.write(Array("old".utf8), to: name) }
    let result = try await Self.shell("\"$ZDCE\" enhance clip.mp4 -o '\(output)'", in: folder)
    #expect(result.status == 1, "\(result)")
    for name in names {
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file(name))) == Data("old".utf8), "\(name)")
    }
  }

  @Test(arguments: [("2>&-", Int32(0)), ("2>/dev/full", 0), ("--json >/dev/full", 1)])
  func deadStandardStreams(redirection: String, status: Int32) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Self.shell("\"$ZDCE\" enhance clip.mp4 -o out.mp4 \(redirection)", in: folder)
    #expect(result.status == status, "\(result)")
    #expect(try await FFmpeg.complaints(about: folder.file("out.mp4")).isEmpty)
  }

  /// Results that nobody can have received are a failure.
  @Test(
    arguments: [
      "weights info", "weights info --json", "evaluate clip.mp4 clip.mp4", "bench --width 8 --height 8 --frames 2",
    ],
    [">/dev/full", ">&-"])
  func undeliveredResults(arguments: String, redirection: String) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Self.shell("\"$ZDCE\" \(arguments) \(redirection)", in: folder)
    expectFailure(result, naming: "standard output")
  }

  /// Closed pipes are not empty ones, and not a place to drop a video into.
  @Test(arguments: ["enhance clip.mp4 -o - --format nut --quiet >&-", "enhance - -o out.mp4 --quiet <&-"])
  func closedStandardStreams(arguments: String) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Self.shell("\"$ZDCE\" \(arguments)", in: folder)
    expectFailure(result, naming: "'-'")
    #expect(try folder.contents() == ["clip.mp4"])
  }

  /// A pipe whose reader has gone is an error, and the pipe stays.
  @Test func closedPipeEndsTheJob() async throws {
    let folder = try TemporaryDirectory()
    let line =
      "mkfifo p && (head -c 1000 p >/dev/null &) ; \"$ZDCE\" enhance clip.mp4 -o p --format nut --codec rawvideo"
    let result = try await Self.shell(line, in: folder)
    #expect(result.status == 1, "\(result)")
    #expect(FileManager.default.fileExists(atPath: folder.file("p")))
  }
}
