import TestSupport
import Testing

/// Recordings whose clock jumps: files joined as bytes, clocks that run through their range.
@Suite struct JoinedRecordingTests {
  /// The files one after the other, byte for byte.
  private static func joined(_ name: String, _ clips: [Clip]) -> Clip {
    Clip(name) { path in
      var bytes: [UInt8] = []
      for clip in clips { bytes += try Files.read(try await clip.path()) }
      try Files.write(bytes, to: path)
    }
  }

  /// The transport stream with another clock.
  private static func moved(_ name: String, by seconds: String) -> Clip {
    Clip(name) { path in
      let input = try await TimestampTests.transportH264.path()
      let clock = ["-copyts", "-output_ts_offset", seconds, "-mpegts_copyts", "1"]
      try await FFmpeg.run(["-i", input, "-map", "0", "-c", "copy"] + clock + [path])
    }
  }

  private static let h264 = TimestampTests.transportH264
  static let joints = [
    joined("jn-same.ts", [h264, h264]), joined("jn-later.ts", [h264, moved("jn-1000.ts", by: "1000")]),
    joined("jn-earlier.ts", [moved("jn-1000.ts", by: "1000"), h264]),
    joined("jn-mpeg2.ts", [TimestampTests.transport, TimestampTests.transport, TimestampTests.transport]),
    joined("jn-mpeg2.mpg", [TimestampTests.program, TimestampTests.program]),
  ]

  @Test(arguments: joints, ["out.mkv", "out.ts"])
  func joinedRecordingGoesOn(clip: Clip, name: String) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    let result = try await Program.enhance(input, "-o", output, "--strength", "0", "--no-progress")
    expectSuccess(result)
    expectWarning(result, "clock jumps")
    let frames = try await FFprobe.frames(of: output).map(\.time)
    #expect(frames.count == (try await FFprobe.frames(of: input).count))
    // A recording may lack the frames that depend on what was before it.
    let steps = zip(frames, frames.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { (0.038...0.122).contains($0) }, "\(steps.min() ?? 0) to \(steps.max() ?? 0) s")
    #expect(steps.filter { $0 > 0.042 }.count <= 2)
    let sound = try await FFprobe.packets(of: output, stream: "a:0").map(\.time)
    #expect(sound.count == (try await FFprobe.packets(of: input, stream: "a:0").count))
    #expect(sound == sound.sorted())
    #expect(abs(sound.last! - frames.last!) < 0.1, "sound and picture stay together")
  }

  /// Segments of one recording: the clock goes on, only the counters of the packets begin anew.
  @Test func segmentsAreNotDamage() async throws {
    let clip = Clip("jn-segments.ts") { path in
      let folder = try TemporaryDirectory()
      let segment = ["-f", "segment", "-segment_time", "0.4", "-segment_list_type", "flat"]
      let list = ["-segment_list", folder.file("list"), folder.file("%02d.ts")]
      try await FFmpeg.run(["-i", try await Self.h264.path(), "-map", "0", "-c", "copy"] + segment + list)
      let names = try folder.contents().filter { $0.hasSuffix(".ts") }
      #expect(names.count == 3)
      try Files.write(try names.flatMap { try Files.read(folder.file($0)) }, to: path)
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(input, "-o", folder.file("out.mkv"))
    expectSuccess(result)
    try await expectSameFrameTimes(folder.file("out.mkv"), input)
  }

  /// The counter of 33 bits runs through: FFmpeg calls what comes before the end of its range negative.
  @Test func clockRunsThroughItsRange() async throws {
    let input = try await Self.moved("jn-wrap.ts", by: "95441.6").path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.ts")))
    try await expectSameFrameTimes(folder.file("out.ts"), input)
    try await expectSamePackets(folder.file("out.ts"), "a:0", input, "a:0")
    // Nothing can be shown before zero elsewhere.
    let result = try await Program.enhance(input, "-o", folder.file("out.mp4"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "begins at zero")
    let expected = try await FFprobe.frames(of: input).map(\.time)
    let actual = try await FFprobe.frames(of: folder.file("out.mp4")).map(\.time)
    expectSameTimes(actual.map { $0 - actual[0] }, expected.map { $0 - expected[0] }, "frame")
  }
}
