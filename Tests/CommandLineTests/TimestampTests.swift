import Foundation
import TestSupport
import Testing

/// With a normal curve: size, number of frames, every timestamp, duration and the sound are the input's.
@Suite struct TimestampTests {
  /// A clip and the container it goes to.
  struct Journey: Sendable, CustomTestStringConvertible {
    let clip: Clip
    let output: String
    var options: [String] = []
    var testDescription: String { "\(clip.name) -> \(output)" }
    var staysInContainer: Bool { clip.name.split(separator: ".").last == output.split(separator: ".").last }
  }

  static func withSound(
    _ name: String, video: [String], audio: [String], filter: String? = nil, input: [String] = [], output: [String] = []
  ) -> Clip {
    Clip(name) { path in
      let source = Clips.darkSource(filter: filter)
      try await FFmpeg.run(
        ["-f", "lavfi", "-i", source] + input + ["-f", "lavfi", "-i", Clips.tone, "-t", "1.2"]
          + video + audio + output + [path])
    }
  }

  static let aac = ["-c:a", "aac", "-b:a", "96k"]
  static let mpeg2 = ["-c:v", "mpeg2video", "-bf", "2", "-q:v", "4"]
  static let mp2 = ["-c:a", "mp2", "-b:a", "128k"]

  static let vfr = withSound(
    "ts-vfr.mkv", video: Clips.x264 + ["-fps_mode", "vfr"], audio: aac, filter: Clips.variableRate)
  static let vfrMP4 = Clip("ts-vfr.mp4") { path in
    try await FFmpeg.run(["-i", try await vfr.path(), "-map", "0", "-c", "copy", path])
  }
  /// Starts at 1.4 s, as MPEG-TS does.
  static let transport = withSound("ts-mpeg2.ts", video: mpeg2, audio: mp2)
  static let transportH264 = withSound("ts-h264.ts", video: Clips.x264, audio: mp2)
  static let program = withSound("ts-mpeg2.mpg", video: mpeg2, audio: mp2)
  static let hevc = withSound(
    "ts-hevc.mp4", video: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=3"],
    audio: aac)
  static let mjpeg = withSound("ts-mjpeg.avi", video: ["-c:v", "mjpeg"], audio: ["-c:a", "pcm_s16le"])
  static let msmpeg4 = withSound("ts-msmpeg4.avi", video: ["-c:v", "msmpeg4"], audio: ["-c:a", "mp3"])
  static let tenBit = withSound("ts-10bit.mp4", video: Clips.x264 + ["-pix_fmt", "yuv420p10le"], audio: aac)
  static let ntsc = withSound(
    "ts-ntsc.mp4", video: Clips.x264 + ["-r", "30000/1001"], audio: aac, filter: "fps=30000/1001")
  /// Cut without re-encoding between two key frames: an edit list hides the first frames.
  static let cut = Clip("ts-cut.mp4") { path in
    try await FFmpeg.run(["-ss", "0.6", "-i", try await Clips.everyday.path(), "-map", "0", "-c", "copy", path])
  }
  /// The sound starts 300 ms after the picture.
  static let lateSound = withSound("ts-late-sound.mp4", video: Clips.x264, audio: aac, input: ["-itsoffset", "0.3"])
  /// The picture starts 400 ms after the sound.
  static let latePicture = Clip("ts-late-picture.mp4") { path in
    let everyday = try await Clips.everyday.path()
    try await FFmpeg.run(
      ["-itsoffset", "0.4", "-i", everyday, "-i", everyday, "-map", "0:v", "-map", "1:a", "-c", "copy", path])
  }

  static let journeys: [Journey] = [
    Journey(clip: Clips.everyday, output: "out.mp4"), Journey(clip: Clips.everyday, output: "out.mkv"),
    Journey(clip: Clips.everyday, output: "out.mov"), Journey(clip: Clips.everydayMKV, output: "out.mkv"),
    Journey(clip: Clips.everydayMKV, output: "out.mp4"), Journey(clip: hevc, output: "out.mp4"),
    Journey(clip: vfr, output: "out.mkv"), Journey(clip: vfr, output: "out.mp4"),
    Journey(clip: vfrMP4, output: "out.mp4"), Journey(clip: vfrMP4, output: "out.mkv"),
    Journey(clip: transport, output: "out.ts"), Journey(clip: transport, output: "out.mkv"),
    Journey(clip: transport, output: "out.mp4"), Journey(clip: transportH264, output: "out.ts"),
    Journey(clip: transportH264, output: "out.mp4"), Journey(clip: program, output: "out.mkv"),
    Journey(clip: program, output: "out.mp4"), Journey(clip: mjpeg, output: "out.mkv"),
    Journey(clip: mjpeg, output: "out.avi", options: ["--codec", "mjpeg"]),
    Journey(clip: msmpeg4, output: "out.mp4"), Journey(clip: tenBit, output: "out.mp4"),
    Journey(clip: ntsc, output: "out.mp4"), Journey(clip: ntsc, output: "out.mkv"),
    Journey(clip: cut, output: "out.mp4"), Journey(clip: cut, output: "out.mkv"),
    Journey(clip: lateSound, output: "out.mp4"), Journey(clip: lateSound, output: "out.mkv"),
    Journey(clip: latePicture, output: "out.mp4"), Journey(clip: latePicture, output: "out.mkv"),
  ]

  @Test(arguments: journeys)
  func timesAndSoundAreKept(journey: Journey) async throws {
    let input = try await journey.clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(journey.output)
    expectSuccess(try await Program.enhance([input, "-o", output] + journey.options))
    try await expectSameFrameTimes(output, input)
    // Times and hashes of all packets: offset against the picture, order and bytes.
    try await expectSamePackets(output, "a:0", input, "a:0")
    let (before, after) = (try await FFprobe.inspect(input), try await FFprobe.inspect(output))
    #expect(after.video?.width == before.video?.width)
    #expect(after.video?.height == before.video?.height)
    // Containers count the time before the first frame differently, so durations are compared in the same one.
    if journey.staysInContainer {
      #expect(abs(after.duration - before.duration) <= 0.002, "\(before.duration) s -> \(after.duration) s")
    }
  }

  /// The clips above are what their names say, so that the tests above can fail.
  @Test func clipsAreWhatTheyShouldBe() async throws {
    let times = try await FFprobe.frames(of: vfrPath()).map(\.time)
    let steps = Set(zip(times, times.dropFirst()).map { Int((($1 - $0) * 1000).rounded()) })
    #expect(steps.count >= 3, "variable frame rate: \(steps)")
    let start = try await FFprobe.frames(of: Self.transport.path()).first?.time ?? 0
    #expect(start >= 1.4, "start offset: \(start)")
    let sound = try await FFprobe.packets(of: Self.lateSound.path(), stream: "a:0").first?.time ?? 0
    #expect(sound > 0.25, "late sound: \(sound)")
    let picture = try await FFprobe.frames(of: Self.latePicture.path()).first?.time ?? 0
    #expect(picture > 0.35, "late picture: \(picture)")
    let packets = try await FFprobe.packets(of: Self.cut.path(), stream: "v:0").count
    let frames = try await FFprobe.frames(of: Self.cut.path()).count
    #expect(packets > frames, "an edit list hides frames: \(packets) packets, \(frames) frames")
  }

  private func vfrPath() async throws -> String { try await Self.vfr.path() }
}
