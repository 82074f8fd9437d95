import TestSupport
import Testing

/// Containers that begin at zero: frames keep the input's times although the encoder reorders them.
@Suite struct ContainerTimeTests {
  @Test(arguments: ["ts", "m2ts", "flv", "nut", "wmv", "asf", "mpg", "avi", "mov", "mkv"])
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
  }
}
