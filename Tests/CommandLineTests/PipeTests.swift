import Foundation
import TestSupport
import Testing

/// The program between two ffmpegs.
@Suite struct PipeTests {
  @Test func yuv4mpegBetweenTwoFFmpegs() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    // The encoder follows the format where the user names none: yuv4mpegpipe holds raw frames only.
    let result = try await Program.shell(
      """
      ffmpeg -nostdin -v error -i '\(input)' -f yuv4mpegpipe - \
        | "$ZDCE" enhance - -o - --format yuv4mpegpipe --strength 0 --quiet \
        | ffmpeg -v error -i - -c:v ffv1 '\(output)'
      """)
    expectSuccess(result)
    try await expectSameFrames(output, input)
    try await expectSameFrameTimes(output, input)
  }

  @Test func nutCarriesSoundAndTimes() async throws {
    let input = try await TimestampTests.vfr.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let result = try await Program.shell(
      """
      ffmpeg -nostdin -v error -i '\(input)' -map 0 -c:a copy -c:v rawvideo -fps_mode passthrough -f nut - \
        | "$ZDCE" enhance - -o - --format nut --codec rawvideo --strength 0 --quiet \
        | ffmpeg -v error -i - -map 0 -c:a copy -c:v ffv1 -fps_mode passthrough '\(output)'
      """)
    expectSuccess(result)
    try await expectSameFrames(output, input)
    try await expectSamePackets(output, "a:0", input, "a:0", times: false)
    // Only the steps: the two ffmpegs may move the origin.
    let times = try await [input, output].asyncMap { try await FFprobe.frames(of: $0).map(\.time) }
    let steps = times.map { list in list.map { $0 - (list.first ?? 0) } }
    expectSameTimes(steps[1], steps[0], "frame")
  }

  @Test func enhancedFramesGoThroughThePipe() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let (piped, direct) = (folder.file("piped.mkv"), folder.file("direct.mkv"))
    let result = try await Program.shell(
      """
      ffmpeg -nostdin -v error -i '\(input)' -f yuv4mpegpipe - \
        | "$ZDCE" enhance - -o '\(piped)' --codec ffv1 --quiet
      """)
    expectSuccess(result)
    expectSuccess(try await Program.enhance(input, "-o", direct, "--codec", "ffv1"))
    try await expectSameFrames(piped, direct)
  }

  @Test func fileToMatroskaOnStandardOutput() async throws {
    let input = try await Clips.everyday.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let result = try await Program.shell(#""$ZDCE" enhance '\#(input)' -o - --format matroska > '\#(output)'"#)
    expectSuccess(result)
    try await expectPlayable(output)
    try await expectSameFrameTimes(output, input)
    try await expectSamePackets(output, "a:0", input, "a:0")
  }

  @Test func outputPipeNeedsAFormat() async throws {
    let result = try await Program.enhance(try await Clips.everyday.path(), "-o", "-")
    expectUsageError(result, naming: "--format")
  }

  /// A reader that goes away is a failed output, with a message instead of a silent death by SIGPIPE.
  @Test func readerThatGoesAway() async throws {
    let input = try await Clips.long.path()
    let result = try await Program.shell(
      """
      "$ZDCE" enhance '\(input)' -o - --format matroska --codec ffv1 --quiet | head -c 1000 > /dev/null
      exit ${PIPESTATUS[0]}
      """)
    #expect(result.status == 1, "\(result)")
    #expect(!result.standardError.isEmpty)
  }

  @Test func emptyPipe() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.run(["enhance", "-", "-o", folder.file("out.mp4"), "--quiet"])
    expectFailure(result, naming: "input")
    #expect(try folder.contents().isEmpty)
  }
}

extension Array {
  /// `map` with a body that waits, one element after the other.
  func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
    var result: [T] = []
    for element in self { result.append(try await transform(element)) }
    return result
  }
}
