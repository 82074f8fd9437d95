import TestSupport
import Testing

/// Containers that begin at zero: frames keep the input's times although the encoder reorders them.
@Suite struct ContainerTimeTests {
  @Test(arguments: ["ts", "m2ts", "flv", "nut", "wmv", "asf", "mpg", "avi", "mov", "mkv", "ogv"])
  func firstFrameStaysAtZero(container: String) async throws {
    let input = try await Clips.everyday.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.\(container)")
    expectSuccess(try await Program.enhance(input, "-o", output))
    try await expectSameFrameTimes(output, input)
  }

  @Test(arguments: ["ts", "m2ts", "flv", "nut", "wmv", "mkv"])
  func offsetOfATransportStreamIsKept(container: String) async throws {
    let input = try await TimestampTests.transportH264.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.\(container)")
    expectSuccess(try await Program.enhance(input, "-o", output))
    try await expectSameFrameTimes(output, input)
    // FLV has no MPEG layer 2.
    if container != "flv" { try await expectSamePackets(output, "a:0", input, "a:0") }
  }

  /// A constant rate is stated as such, not as hundreds of ticks with nothing in them.
  @Test func aviStatesTheFrameRate() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.avi")
    expectSuccess(try await Program.enhance(try await Clips.everyday.path(), "-o", output))
    #expect(try await FFprobe.inspect(output).video?.rFrameRate == "25/1")
  }

  /// What an Opus decoder leaves out at the beginning is taken off the times once, not again with every pass.
  @Test(arguments: ["mkv", "mp4"])
  func opusDoesNotDrift(container: String) async throws {
    let input = try await TimestampTests.withSound(
      "ct-opus.\(container)", video: Clips.x264, audio: ["-c:a", "libopus", "-b:a", "64k"]
    ).path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.mkv")))
    try await expectSamePackets(folder.file("out.mkv"), "a:0", input, "a:0")
    try await expectSameFrameTimes(folder.file("out.mkv"), input)
    // What begins earlier does not end later.
    let (before, after) = (try await FFprobe.inspect(input), try await FFprobe.inspect(folder.file("out.mkv")))
    if container == "mkv" { #expect(abs(after.duration - before.duration) <= 0.002) }
  }

  /// A length that counts from zero although the file begins later: the last packet of sound ends where it did.
  @Test(arguments: [("mkv", "10"), ("flv", "0")])
  func lengthStays(container: String, offset: String) async throws {
    let clip = Clip("ct-offset.\(container)") { path in
      try await FFmpeg.run(["-i", try await Clips.everyday.path(), "-c", "copy", "-output_ts_offset", offset, path])
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.\(container)")))
    let (before, after) = (
      try await FFprobe.inspect(input), try await FFprobe.inspect(folder.file("out.\(container)"))
    )
    #expect(abs(after.duration - before.duration) <= 0.002, "\(before.duration) s -> \(after.duration) s")
  }
}
