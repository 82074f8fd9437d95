import TestSupport
import Testing

/// `--strength 0` with a lossless encoder returns every decoded frame, whatever the codec of the input.
@Suite struct RoundTripTests {
  static let clips: [Clip] = [
    Clip("rt-h264-bframes.mp4", encoder: Clips.x264),
    Clip("rt-h264-open-gop.mkv", frames: 40, encoder: Clips.x264 + ["-x264-params", "open-gop=1:b-pyramid=normal"]),
    Clip("rt-h264-10bit.mp4", format: "yuv420p10le", encoder: Clips.x264),
    Clip(
      "rt-hevc.mp4",
      encoder: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=3"]),
    Clip(
      "rt-hevc-10bit.mkv", format: "yuv420p10le",
      encoder: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"]),
    Clip("rt-mpeg2.ts", encoder: ["-c:v", "mpeg2video", "-bf", "2", "-q:v", "4"]),
    Clip("rt-mpeg2.mpg", encoder: ["-c:v", "mpeg2video", "-bf", "2", "-q:v", "4"]),
    Clip("rt-mpeg4.avi", encoder: ["-c:v", "mpeg4", "-q:v", "4"]),
    Clip("rt-mjpeg.avi", format: "yuvj420p", encoder: ["-c:v", "mjpeg", "-q:v", "4"]),
    Clip("rt-mjpeg-422.avi", format: "yuvj422p", encoder: ["-c:v", "mjpeg", "-q:v", "4"]),
    Clip("rt-msmpeg4v3.avi", encoder: ["-c:v", "msmpeg4", "-q:v", "4"]),
    Clip("rt-vp9.webm", frames: 15, encoder: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]),
    Clip("rt-prores.mov", frames: 10, format: "yuv422p10le", encoder: ["-c:v", "prores_ks", "-profile:v", "2"]),
    Clip("rt-vfr.mkv", filter: Clips.variableRate, encoder: Clips.x264 + ["-fps_mode", "vfr"]),
    Clip("rt-vfr.mp4", filter: Clips.variableRate, encoder: Clips.x264 + ["-fps_mode", "vfr"]),
    Clip("rt-one-frame.mp4", frames: 1, encoder: Clips.x264),
    Clip("rt-odd-size.mkv", size: "35x27", format: "yuv444p", encoder: ["-c:v", "ffv1"]),
  ]

  @Test(arguments: clips)
  func everyFrameComesBack(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(try await Program.enhance(input, "-o", output, "--strength", "0", "--codec", "ffv1"))
    try await expectSameFrames(output, input)
    let (before, after) = (try await FFprobe.inspect(input).video, try await FFprobe.inspect(output).video)
    #expect(after?.codecName == "ffv1")
    #expect(after?.width == before?.width)
    #expect(after?.height == before?.height)
  }

  /// An explicit rate control of the encoder replaces the default `--crf`, as it does for users of ffmpeg.
  @Test(arguments: [["--encoder-option", "qp=0"], ["--crf", "0"]])
  func x264IsLosslessWhenAsked(options: [String]) async throws {
    let input = try await Clips.everyday.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(try await Program.enhance([input, "-o", output, "--strength", "0"] + options))
    try await expectSameFrames(output, input)
    let video = try await FFprobe.inspect(output).video
    #expect(video?.codecName == "h264")
    #expect(video?.pixFmt == "yuv420p")
  }

  @Test func tenBitStaysTenBitWithX264() async throws {
    let input = try await Clip("rt-h264-10bit-b.mp4", format: "yuv420p10le", encoder: Clips.x264).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(
      try await Program.enhance(input, "-o", output, "--strength", "0", "--encoder-option", "qp=0"))
    try await expectSameFrames(output, input)
    #expect(try await FFprobe.inspect(output).video?.pixFmt == "yuv420p10le")
  }

  @Test func rotatedClipKeepsStoredFrames() async throws {
    let input = try await VideoPropertyTests.rotated.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(
      try await Program.enhance(input, "-o", output, "--strength", "0", "--encoder-option", "qp=0"))
    try await expectSameFrames(output, input)
  }

  /// Strength 0 switches everything off, whatever else is asked for.
  @Test func strengthZeroBeatsOtherOptions() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(
      try await Program.enhance(
        input, "-o", output, "--strength", "0", "--codec", "ffv1", "--reuse", "off", "--scale", "6", "--threads", "2"))
    try await expectSameFrames(output, input)
  }

  /// A curve map of zeros returns the frame bit for bit, through the whole enhancement path.
  @Test(arguments: ["yuv420p", "yuv422p", "yuv444p", "gray", "yuv420p10le", "bgr0"])
  func curveOfZerosReturnsTheFrame(format: String) async throws {
    let input = try await Clip("rt-zero-\(format).mkv", frames: 8, format: format, encoder: ["-c:v", "ffv1"]).path()
    let folder = try TemporaryDirectory()
    let weights = try folder.write(Safetensors.constantCurve([0, 0, 0]).serialized(), to: "zero.safetensors")
    let output = folder.file("out.mkv")
    expectSuccess(
      try await Program.enhance(
        input, "-o", output, "--codec", "ffv1", "--look", "faithful", "--weights", weights))
    try await expectSameFrames(output, input, format: format == "bgr0" ? "rgb24" : nil)
  }

  @Test func normalCurveChangesEveryFrame() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(try await Program.enhance(input, "-o", output, "--codec", "ffv1"))
    let before = try await FFmpeg.frameHashes(of: input)
    let after = try await FFmpeg.frameHashes(of: output)
    #expect(after.count == before.count)
    #expect(zip(before, after).allSatisfy { $0 != $1 })
    let dark = mean(try await FFmpeg.pixels(of: input, format: "gray"))
    let bright = mean(try await FFmpeg.pixels(of: output, format: "gray"))
    #expect(bright > dark + 10, "mean brightness \(dark) -> \(bright)")
  }
}
