import Foundation
import TestSupport
import Testing

/// Damaged input is skipped and counted, the rest goes on, and the output is whole: exit status 3.
@Suite struct DamageTests {
  /// Bits flipped in the packets of frames 15 to 25 of 60; key frames every 12.
  static let noisy = Clip("dm-noisy.mkv") { path in
    let whole = try await Clip("dm-whole.mkv", frames: 60, encoder: Clips.x264 + ["-threads", "1"]).path()
    let noise = "noise=amount='if(gte(n,15)*lte(n,25),20,0)'"
    try await FFmpeg.run(["-i", whole, "-c", "copy", "-bsf:v", noise.replacing(",", with: "\\,"), path])
  }

  /// A stretch of a transport stream overwritten, as a bad disk sector does.
  static let overwritten = Clip("dm-overwritten.ts") { path in
    let whole = try await TimestampTests.transport.path()
    var bytes = try Files.read(whole)
    for position in bytes.count * 4 / 10..<bytes.count * 5 / 10 where position % 3 == 0 { bytes[position] ^= 0x5a }
    try Files.write(bytes, to: path)
  }

  static func truncated(_ name: String, of clip: Clip) -> Clip {
    Clip(name) { path in
      let bytes = try Files.read(try await clip.path())
      try Files.write(Array(bytes.prefix(bytes.count * 6 / 10 + 7)), to: path)
    }
  }

  static let truncatedMatroska = truncated("dm-truncated.mkv", of: Clips.everydayMKV)
  static let truncatedTransport = truncated("dm-truncated.ts", of: TimestampTests.transport)

  @Test(arguments: [noisy, overwritten])
  func damagedPacketsAreSkippedAndCounted(clip: Clip) async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let result = try await Program.enhance(try await clip.path(), "-o", output, "--json", "--no-progress")
    #expect(result.status == 3, "\(result)")
    #expect(!result.standardError.isEmpty, "damage is reported")
    let frames = try await expectPlayable(output)
    let summary = try #require(try ReportTests.summaries(result).first)
    #expect(ReportTests.number(summary["frames_damaged"]) > 0)
    #expect(ReportTests.number(summary["frames_out"]) == Double(frames))
    let total = clip.name == Self.noisy.name ? 60 : 30
    #expect(frames >= total / 2 && frames <= total, "what is whole is kept: \(frames) of \(total) frames")
  }

  /// Frames before and after the damage are untouched by it, and keep their times.
  @Test func undamagedFramesAreKept() async throws {
    let input = try await Self.noisy.path()
    let whole = try await Clip("dm-whole.mkv", frames: 60, encoder: Clips.x264 + ["-threads", "1"]).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let result = try await Program.enhance(input, "-o", output, "--strength", "0", "--codec", "ffv1")
    #expect(result.status == 3, "\(result)")
    let times = try await [whole, output].asyncMap { try await FFprobe.frames(of: $0).map(\.time) }
    let hashes = try await [whole, output].asyncMap { try await FFmpeg.frameHashes(of: $0) }
    #expect(times[1] == times[1].sorted(), "times rise")
    let after = Dictionary(zip(times[1].map { Int(($0 * 1000).rounded()) }, hashes[1]), uniquingKeysWith: { $1 })
    for (index, hash) in hashes[0].enumerated() where index < 10 || index >= 36 {
      let time = Int((times[0][index] * 1000).rounded())
      #expect(after[time] == hash, "frame \(index) at \(time) ms")
    }
  }

  @Test(arguments: [truncatedMatroska, truncatedTransport], ["out.mkv", "out.mp4"])
  func truncatedFileGivesWhatIsThere(clip: Clip, name: String) async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    let result = try await Program.enhance(try await clip.path(), "-o", output, "--no-progress")
    #expect(result.status == 3, "\(result)")
    #expect(!result.standardError.isEmpty, "damage is reported")
    let frames = try await expectPlayable(output)
    #expect(frames >= 10 && frames < 30, "\(frames) frames")
  }

  /// However little is missing, and whether or not the format ends with a mark of its own.
  @Test(arguments: ["mp4", "mkv", "avi", "wmv", "ts", "flv"], [0.55, 0.97])
  func cutShortIsReported(container: String, share: Double) async throws {
    let whole = Clip("dm-cut-whole.\(container)") { path in
      let streams = ["-i", try await Clips.everyday.path(), "-map", "0", "-c", "copy"]
      try await FFmpeg.run(streams + (container == "mp4" ? ["-movflags", "+faststart"] : []) + [path])
    }
    let folder = try TemporaryDirectory()
    let bytes = try Files.read(try await whole.path())
    let input = try folder.write(Array(bytes.prefix(Int(Double(bytes.count) * share) | 1)), to: "cut.\(container)")
    let output = folder.file("out.mkv")
    let result = try await Program.enhance(input, "-o", output, "--strength", "0", "--no-progress")
    #expect(result.status == 3, "\(result)")
    #expect(try await expectPlayable(output) == (try await FFprobe.frames(of: input).count))
    // And the whole file is not.
    expectSuccess(try await Program.enhance(try await whole.path(), "-o", output, "-y", "--strength", "0"))
  }

  /// A pipe cannot be rewound to the content once the index has been read.
  @Test func indexAtTheEndOfAPipe() async throws {
    let folder = try TemporaryDirectory()
    let large = ["-c:v", "rawvideo", "-pix_fmt", "uyvy422"]
    let input = try await Clip("dm-index-at-end.mov", frames: 12, encoder: large).path()
    let result = try await Program.shell("cat '\(input)' | \"$ZDCE\" enhance - -o '\(folder.file("out.mkv"))' --quiet")
    expectFailure(result, naming: "index at its end")
    #expect(result.standardError.contains("faststart") && !Files.exists(folder.file("out.mkv")))
  }

  @Test func truncatedPicture() async throws {
    let folder = try TemporaryDirectory()
    let bytes = try Files.read(try await Clips.picture("dm.png").path())
    let input = try folder.write(Array(bytes.prefix(bytes.count / 20)), to: "cut.png")
    let result = try await Program.enhance(input, "-o", folder.file("out.png"), "--quiet")
    // A decoder that gives nothing is a failure; one that gives the upper part is damaged input.
    #expect(result.status == 1 || result.status == 3, "\(result)")
    #expect(Files.exists(folder.file("out.png")) == (result.status == 3))
  }

  /// A transport stream whose picture changes its size: the encoder gets the first size throughout.
  @Test(arguments: ["128x96", "320x180"])
  func sizeChangesInTheMiddle(second: String) async throws {
    let clip = Clip("dm-sizes-\(second).ts") { path in
      let encoder = ["-c:v", "mpeg2video", "-q:v", "4"]
      let first = try await Clip("dm-size-first.ts", frames: 25, encoder: encoder).path()
      let next = try await Clip("dm-size-\(second).ts", size: second, frames: 25, encoder: encoder).path()
      let folder = try TemporaryDirectory()
      // Joined as a stream, not as bytes: continuity counters and times go on without a break.
      let list = try folder.write(Array("file '\(first)'\nfile '\(next)'\n".utf8), to: "list.txt")
      try await FFmpeg.run(["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", path])
    }
    let input = try await clip.path()
    let sizes = Set(try await FFprobe.frames(of: input).map(\.width))
    #expect(sizes.count == 2, "the test clip has two sizes")
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let result = try await Program.enhance(input, "-o", output, "--no-progress")
    expectSuccess(result)
    let frames = try await FFprobe.frames(of: output)
    #expect(frames.allSatisfy { $0.width == 176 && $0.height == 144 })
    try await expectPlayable(output)
    try await expectSameFrameTimes(output, input)
    expectWarning(result, "size")
  }
}
