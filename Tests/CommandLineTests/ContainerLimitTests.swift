import TestSupport
import Testing

/// What the output's container cannot carry is converted without loss, or left out with one warning that names it.
@Suite struct ContainerLimitTests {
  @Test func attachmentIsLeftOutOfMP4() async throws {
    let input = try await StreamsTests.matroska.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    let result = try await Program.enhance(input, "-o", output, "--no-progress")
    expectSuccess(result)
    let probe = try await FFprobe.inspect(output)
    #expect(probe.streams("attachment").isEmpty)
    #expect(probe.streams("audio").count == 2, "all the rest is there")
    #expect(probe.chapters.count == 2)
    // One line names the stream (its number in the input, as ffmpeg counts) and a container that carries it.
    let number = try #require(try await FFprobe.inspect(input).streams("attachment").first?.index)
    let lines = result.messages.filter { $0.localizedCaseInsensitiveContains("attachment") }
    #expect(lines.count == 1, "\(result)")
    #expect(lines.first?.contains("\(number)") == true, "\(result)")
    let container = lines.first.map { $0.contains("mkv") || $0.localizedCaseInsensitiveContains("matroska") }
    #expect(container == true, "\(result)")
    try await expectSameFrameTimes(output, input)
  }

  @Test func textSubtitlesAreConvertedForMP4() async throws {
    let input = try await StreamsTests.matroska.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(try await Program.enhance(input, "-o", output))
    let subtitle = try #require(try await FFprobe.inspect(output).streams("subtitle").first)
    #expect(subtitle.codecName == "mov_text")
    #expect(subtitle.tags?["language"] == "fra")
    #expect(try await StreamsTests.subtitles(of: output) == StreamsTests.subtitles(of: input))
  }

  @Test func movTextIsConvertedForMatroska() async throws {
    let input = try await StreamsTests.mp4.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(try await Program.enhance(input, "-o", output))
    let codec = try await FFprobe.inspect(output).streams("subtitle").first?.codecName
    #expect(["subrip", "ass"].contains(codec))
  }

  /// AVI has no place for subtitles, chapters or a second time base: the rest still goes through.
  @Test func subtitlesAreLeftOutOfAVI() async throws {
    let input = try await StreamsTests.matroska.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.avi")
    let result = try await Program.enhance(input, "-o", output, "--codec", "mjpeg", "--no-progress")
    expectSuccess(result)
    let probe = try await FFprobe.inspect(output)
    #expect(probe.streams("video").count == 1)
    #expect(probe.streams("audio").count == 2)
    expectWarning(result, "subtitle")
    expectWarning(result, "attachment")
  }

  /// A codec that the container refuses is seen from the arguments, before any work is done.
  @Test func codecThatTheContainerRefuses() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.webm")
    let result = try await Program.enhance(
      try await Clips.everyday.path(), "-o", output, "--codec", "libx264", "--quiet")
    expectUsageError(result, naming: "webm")
    #expect(!Files.exists(output))
  }

  /// Names without a known extension need `--format`.
  @Test func unknownExtension() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    expectUsageError(
      try await Program.enhance(input, "-o", folder.file("out.nothing"), "--quiet"), naming: "out.nothing")
    #expect(try folder.contents().isEmpty)
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.nothing"), "--format", "matroska"))
    #expect(try await FFprobe.inspect(folder.file("out.nothing")).format.formatName.contains("matroska"))
  }
}
