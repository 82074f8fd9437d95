import TestSupport
import Testing

/// What cameras record beside the everyday: telephone sound, uncompressed sound under the wrong name, AVI of all kinds.
@Suite struct CameraFootageTests {
  /// A clip of Motion JPEG with that sound.
  static func clip(_ name: String, sound: [String], video: [String] = ["-c:v", "mjpeg"]) -> Clip {
    TimestampTests.withSound("cf-\(name)", video: video, audio: sound)
  }

  static let telephone = ["-ar", "8000", "-ac", "1"]
  static let mulaw = clip("mulaw.avi", sound: ["-c:a", "pcm_mulaw"] + telephone)
  static let alaw = clip("alaw.avi", sound: ["-c:a", "pcm_alaw"] + telephone)
  static let adpcm = clip("adpcm.avi", sound: ["-c:a", "adpcm_ima_wav"])
  static let microsoft = clip("adpcm-ms.avi", sound: ["-c:a", "adpcm_ms"])
  static let windows = clip("wma.wmv", sound: ["-c:a", "wmav2"], video: ["-c:v", "wmv2"])
  static let dolby = clip("ac3.avi", sound: ["-c:a", "ac3"], video: ["-c:v", "msmpeg4"])
  static let layer3 = clip("mp3.avi", sound: ["-c:a", "mp3"], video: ["-c:v", "mpeg4"])
  /// As some cameras do: what only QuickTime defines, in a file that is named MP4.
  static let uncompressed = clip("pcm.mp4", sound: ["-c:a", "pcm_s16be", "-f", "mov"], video: Clips.x264)

  /// Matroska has no names of its own for these, and takes them under those of Windows.
  @Test(arguments: [mulaw, alaw, adpcm, microsoft, windows, dolby])
  func soundGoesIntoMatroska(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(input, "-o", folder.file("out.mkv"), "--no-progress")
    expectSuccess(result)
    #expect(!result.standardError.contains("warning"), "\(result)")
    try await expectSamePackets(folder.file("out.mkv"), "a:0", input, "a:0")
    try await expectSameFrameTimes(folder.file("out.mkv"), input)
  }

  /// AVI counts blocks: sound keeps its pace only if the muxer is told how long they are.
  @Test(arguments: [mulaw, adpcm, microsoft, dolby, layer3])
  func soundKeepsItsPaceInAVI(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(input, "-o", folder.file("out.avi"), "--no-progress")
    expectSuccess(result)
    #expect(!result.standardError.contains("warning"), "\(result)")
    try await expectSamePackets(folder.file("out.avi"), "a:0", input, "a:0")
  }

  /// The name is MP4's, the content QuickTime's: nothing is lost, and a warning says so.
  @Test(arguments: [uncompressed, mulaw])
  func soundThatMP4HasNoPlaceFor(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    let result = try await Program.enhance(input, "-o", output, "--no-progress")
    expectSuccess(result)
    expectWarning(result, "QuickTime", "sound")
    #expect(result.messages.filter { $0.contains("warning") }.count == 1, "\(result)")
    #expect(try await FFmpeg.packetHash(of: output, stream: "a:0") == FFmpeg.packetHash(of: input, stream: "a:0"))
    try await expectSameFrameTimes(output, input)
  }

  /// What is asked for by name is what comes out.
  @Test func formatThatIsAskedForStays() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await Self.uncompressed.path(), "-o", folder.file("out.mp4"), "--format", "mp4", "--no-progress")
    expectSuccess(result)
    expectWarning(result, "stream 1 (audio, pcm_s16be)", "left out", ".mkv")
  }

  /// AVI has no times: Vorbis, whose packets are of any length, would be played at any speed.
  @Test func vorbisIsLeftOutOfAVI() async throws {
    let clip = Self.clip("vorbis.ogv", sound: ["-c:a", "libvorbis"], video: ["-c:v", "libtheora", "-q:v", "6"])
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(try await clip.path(), "-o", folder.file("out.avi"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "stream 1 (audio, vorbis)", "left out", ".mkv")
  }

  /// Frames that come after the sound begins: nothing is shown before.
  @Test func latePictureIsLateInAVI() async throws {
    let input = try await TimestampTests.latePicture.path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.avi")))
    try await expectSameFrameTimes(folder.file("out.avi"), input)
  }

  /// B-frames in AVI: their first frame is shown a frame's duration after zero.
  @Test func reorderedAVIKeepsItsTimes() async throws {
    let clip = Self.clip("xvid.avi", sound: ["-c:a", "mp3"], video: ["-c:v", "mpeg4", "-bf", "2", "-vtag", "XVID"])
    let input = try await clip.path()
    // Of the last frame, FFmpeg's AVI reader has no time.
    let before = try await FFprobe.frames(of: input).map(\.time).filter(\.isFinite)
    #expect(before.first.map { $0 > 0.03 } == true && before.count == 29, "\(before)")
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.avi")))
    let after = try await FFprobe.frames(of: folder.file("out.avi")).map(\.time)
    #expect(after.count == 30)
    expectSameTimes(Array(after.prefix(29)), before, "frame")
  }

  @Test func lateSoundIsNamedInAVI() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await TimestampTests.lateSound.path(), "-o", folder.file("out.avi"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "stream 1 (audio, aac)", "early", "0.27", ".mkv")
  }

  /// Sound that begins a packet before the picture is no reason to call the input's times wrong.
  @Test func earlySoundIsNoFault() async throws {
    let clip = Clip("cf-early.mkv") { path in
      try await FFmpeg.run(["-i", try await Clips.everyday.path(), "-c", "copy", "-output_ts_offset", "2", path])
    }
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(try await clip.path(), "-o", folder.file("out.avi"), "--no-progress")
    expectSuccess(result)
    #expect(!result.standardError.contains("backwards"), "\(result)")
    try await expectSamePackets(folder.file("out.avi"), "a:0", try await clip.path(), "a:0", times: false)
  }

  /// A time code is a tag in Matroska, a track in QuickTime, and nothing in a transport stream.
  @Test func timeCode() async throws {
    let clip = Self.clip("timecode.mov", sound: ["-c:a", "aac", "-timecode", "01:02:03:04"], video: Clips.x264)
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let matroska = try await Program.enhance(input, "-o", folder.file("out.mkv"), "--no-progress")
    #expect(!matroska.standardError.contains("warning"), "\(matroska)")
    let tags = try await FFprobe.inspect(folder.file("out.mkv")).video?.tags ?? [:]
    #expect(tags.first { $0.key.lowercased() == "timecode" }?.value == "01:02:03:04", "\(tags)")
    let transport = try await Program.enhance(input, "-o", folder.file("out.ts"), "--no-progress")
    expectWarning(transport, "stream 2 (data, tmcd)", ".mov")
    #expect(try await FFprobe.inspect(folder.file("out.ts")).streams("data").isEmpty)
  }
}
