import TestSupport
import Testing

/// MPEG program streams and MXF: codecs, rates and sound that players of these expect.
@Suite struct BroadcastFormatTests {
  @Test(arguments: ["25", "24000/1001", "17", "7.5"], ["out.mpg", "out.vob"])
  func anyRateFitsProgramStreams(rate: String, name: String) async throws {
    let clip = Clip("bf-\(rate.replacing("/", with: "-")).mkv", rate: rate, frames: 24, encoder: ["-c:v", "ffv1"])
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await FFprobe.inspect(output).video?.codecName == "mpeg2video")
    try await expectSameFrameTimes(output, input)
  }

  @Test func variableRateFitsProgramStreams() async throws {
    let input = try await TimestampTests.vfr.path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.mpg")))
    try await expectSameFrameTimes(folder.file("out.mpg"), input)
  }

  @Test func mxfKeepsItsSound() async throws {
    let clip = Clip("bf-sound.mxf") { path in
      try await FFmpeg.run(
        ["-i", try await Clips.everyday.path(), "-c:v", "mpeg2video", "-q:v", "2", "-c:a", "pcm_s16le", path])
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mxf")
    let result = try await Program.enhance(input, "-o", output, "--no-progress")
    expectSuccess(result)
    #expect(!result.standardError.contains("warning"), "\(result)")
    let probe = try await FFprobe.inspect(output)
    #expect(probe.streams.map(\.codecName) == ["mpeg2video", "pcm_s16le"])
    #expect(probe.video?.rFrameRate == "25/1")
    try await expectSameFrameTimes(output, input)
    let sound = try await [input, output].asyncMap {
      try await FFmpeg.run(["-i", $0, "-map", "0:a", "-f", "md5", "-"]).text
    }
    #expect(sound[0] == sound[1])
  }

  @Test func rateThatMXFDoesNotKnow() async throws {
    let clip = Clip("bf-17.mkv", rate: "17", frames: 24, encoder: ["-c:v", "ffv1"])
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(try await clip.path(), "-o", folder.file("out.mxf"), "--quiet")
    expectFailure(result, naming: "17")
    expectWarning(result, "MXF", ".mkv")
    #expect(try folder.contents().isEmpty)
  }

  /// One rate for all frames cannot hold times that keep jumping; better no file than one that runs too fast.
  @Test func variableRateDoesNotFitMXF() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await TimestampTests.vfr.path(), "-o", folder.file("out.mxf"), "--quiet")
    expectFailure(result, naming: "out.mxf")
    expectWarning(result, "MXF", ".mkv")
  }
}
