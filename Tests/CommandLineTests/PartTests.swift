import Foundation
import TestSupport
import Testing

/// `--start` counts from the beginning of the file, whatever its clock says and however it is indexed.
@Suite struct PartTests {
  private static func moved(_ name: String) -> Clip {
    Clip(name) { path in
      try await FFmpeg.run(
        ["-i", try await Clips.everyday.path(), "-map", "0", "-c", "copy", "-output_ts_offset", "5", path])
    }
  }

  static let clips = [
    Clips.everyday, Clips.everydayMKV, moved("pt-moved.mp4"), moved("pt-moved.mkv"), moved("pt-moved.nut"),
    moved("pt-moved.flv"), TimestampTests.transport, TimestampTests.transportH264, TimestampTests.program,
    TimestampTests.mjpeg, TimestampTests.msmpeg4,
  ]

  @Test(arguments: clips)
  func partHoldsExactlyItsFrames(clip: Clip) async throws {
    let input = try await clip.path()
    let origin = try #require(Double(try await FFprobe.inspect(input).format.startTime ?? ""))
    let times = try await FFprobe.frames(of: input).map(\.time)
    let hashes = try await FFmpeg.frameHashes(of: input)
    let wanted = zip(times, hashes).filter { $0.0 >= origin + 0.7 - 0.0005 }
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let result = try await Program.enhance(
      input, "-o", output, "--start", "0.7", "--strength", "0", "--codec", "ffv1")
    expectSuccess(result)
    expectEqual(try await FFmpeg.frameHashes(of: output), wanted.map(\.1), "frame")
    // AVI counts frames: a part of it starts at one of them.
    let start = clip.name.hasSuffix(".avi") ? wanted[0].0 : origin + 0.7
    expectSameTimes(try await FFprobe.frames(of: output).map(\.time), wanted.map { $0.0 - start }, "frame")
  }

  /// A subtitle that is on show when the part starts begins with it, even if it was read long before.
  @Test(arguments: [StreamsTests.matroska, StreamsTests.mp4])
  func subtitleOnShowIsKept(clip: Clip) async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(
      try await Program.enhance(try await clip.path(), "-o", output, "--start", "0.3", "--strength", "0"))
    let text = try await StreamsTests.subtitles(of: output)
    #expect(text.contains("A dark street") && text.contains("with an"))
    let times = text.split(separator: "\n").filter { $0.contains("-->") }
    #expect(times.first?.hasPrefix("00:00:00,0") == true && times.first?.contains("--> 00:00:00,2") == true, "\(times)")
    #expect(times.count == 2 && times.last?.hasPrefix("00:00:00,3") == true, "\(times)")
  }

  /// What an edit list hides before the first frame is not heard in containers without edit lists.
  @Test(arguments: ["out.mkv", "out.ts", "out.nut"])
  func hiddenSoundStaysHidden(name: String) async throws {
    let input = try await TimestampTests.cut.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    try await expectSameFrameTimes(output, input)
    let length = { (path: String) async throws in
      try await FFmpeg.run(["-i", path, "-map", "0:a", "-f", "s16le", "-"]).standardOutput.count / 4
    }
    let (before, after) = try await (length(input), length(output))
    #expect(abs(after - before) <= 1100, "\(before) samples -> \(after)")
  }
}
