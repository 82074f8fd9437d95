import TestSupport
import Testing

/// One table for the promise as a whole: with a normal curve, everything but the picture's brightness is the input's, for
/// every kind of footage; and at strength 0 the picture is, too.
@Suite struct FidelityTests {
  static let tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]

  static func clip(
    _ name: String, _ video: [String], _ audio: [String] = TimestampTests.aac, filter: String? = nil
  ) -> Clip {
    TimestampTests.withSound("fi-" + name, video: video + tags, audio: audio, filter: filter)
  }

  static let hevc = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=3"]
  static let mjpeg = ["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"]

  static let rotated = Clip("fi-rotated.mp4") { path in
    let upright = try await clip("upright.mp4", Clips.x264).path()
    try await FFmpeg.run(["-i", upright, "-map", "0", "-c", "copy", "-metadata:s:v", "rotate=270", path])
  }

  /// The last two have two audio tracks, subtitles and chapters.
  static let footage: [Clip] = [
    clip("h264-bframes.mp4", Clips.x264), clip("h264-bframes.mkv", Clips.x264), clip("hevc.mp4", hevc),
    clip("hevc.mkv", hevc), clip("mpeg2.ts", TimestampTests.mpeg2, TimestampTests.mp2),
    clip("mjpeg.avi", mjpeg, ["-c:a", "pcm_s16le"]),
    clip("msmpeg4.avi", ["-c:v", "msmpeg4", "-q:v", "4"], ["-c:a", "mp3"]),
    clip("vfr.mkv", Clips.x264 + ["-fps_mode", "vfr"], filter: Clips.variableRate),
    clip("vfr.mp4", Clips.x264 + ["-fps_mode", "vfr"], filter: Clips.variableRate), rotated,
    clip("10bit.mp4", Clips.x264 + ["-pix_fmt", "yuv420p10le"]), StreamsTests.matroska, StreamsTests.mp4,
  ]

  @Test(arguments: footage)
  func everythingElseIsKept(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out." + clip.name.split(separator: ".").last!)
    expectSuccess(try await Program.enhance(input, "-o", output))
    let (before, after) = (try await FFprobe.inspect(input), try await FFprobe.inspect(output))
    let (old, new) = (try #require(before.video), try #require(after.video))
    #expect(new.width == old.width && new.height == old.height)
    #expect(new.rotation == old.rotation)
    #expect(new.colorRange == old.colorRange)
    #expect(new.colorSpace == old.colorSpace)
    #expect(new.colorPrimaries == old.colorPrimaries)
    #expect(new.colorTransfer == old.colorTransfer)
    #expect(depth(of: new) == depth(of: old))
    try await expectSameFrameTimes(output, input)
    #expect(abs(after.duration - before.duration) <= 0.002, "\(before.duration) s -> \(after.duration) s")
    #expect(after.streams.map(\.codecType) == before.streams.map(\.codecType))
    #expect(after.chapters.map { $0.tags?["title"] } == before.chapters.map { $0.tags?["title"] })
    for track in before.streams("audio").indices {
      try await expectSamePackets(output, "a:\(track)", input, "a:\(track)")
    }
    let hashes = try await [input, output].asyncMap { try await FFmpeg.frameHashes(of: $0) }
    #expect(zip(hashes[0], hashes[1]).allSatisfy { $0 != $1 }, "the picture is enhanced")
  }

  @Test(arguments: footage)
  func strengthZeroChangesNoSample(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    // Where rotation can be carried, since it is applied to the pixels elsewhere.
    let (name, options) =
      clip.name == Self.rotated.name ? ("out.mp4", ["--crf", "0"]) : ("out.mkv", ["--codec", "ffv1"])
    let output = folder.file(name)
    expectSuccess(try await Program.enhance([input, "-o", output, "--strength", "0"] + options))
    try await expectSameFrames(output, input)
    try await expectSameFrameTimes(output, input)
  }

  /// Bits per sample; the name of the format may change between full range and other encoders.
  private func depth(of stream: FFprobe.Stream) -> Int { stream.pixFmt?.contains("10") == true ? 10 : 8 }
}
