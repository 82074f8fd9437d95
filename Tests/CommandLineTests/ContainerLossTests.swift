import Foundation
import TestSupport
import Testing

/// What describes a file as a whole, and streams that begin late: carried where it can be, else named in one warning.
@Suite struct ContainerLossTests {
  @Test(arguments: ["out.ts", "out.avi", "out.mpg"])
  func chaptersAreNamed(name: String) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await StreamsTests.mp4.path(), "-o", folder.file(name), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "2 chapters", ".mkv")
    #expect(result.messages.filter { $0.contains("chapters") }.count == 1, "\(result)")
    // AVI has a list of tags.
    if name != "out.avi" { expectWarning(result, "tags", "artist", "comment", ".mkv") }
  }

  @Test(arguments: ["out.mkv", "out.mp4", "out.nut"])
  func chaptersThatAreCarriedAreNotNamed(name: String) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await StreamsTests.mp4.path(), "-o", folder.file(name), "--no-progress")
    #expect(!result.standardError.contains("chapters"), "\(result)")
    #expect(try await FFprobe.inspect(folder.file(name)).chapters.count == 2)
  }

  /// AVI and the list that holds covers know few tags; the others are named.
  @Test(arguments: [("cl-tags.mp4", "out.avi"), ("cl-tags-cover.mkv", "out.mp4")])
  func tagsThatAreLostAreNamed(name: String, output: String) async throws {
    let clip = Clip(name) { path in
      let cover = try await Clips.picture("cl-cover.jpg", size: "48x48", format: "yuvj420p").path()
      let attached = ["-attach", cover, "-metadata:s:t", "mimetype=image/jpeg", "-metadata:s:t", "filename=cover.jpg"]
      let own = path.hasSuffix("mkv") ? attached : ["-movflags", "use_metadata_tags"]
      let tags = ["-metadata", "title=Night", "-metadata", "camera=Gate 7"]
      try await FFmpeg.run(["-i", try await Clips.everyday.path(), "-c", "copy"] + own + tags + [path])
    }
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await clip.path(), "-o", folder.file(output), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "tags are left out (camera)", ".mkv")
    #expect(try await FFprobe.inspect(folder.file(output)).format.tags?["title"] == "Night")
  }

  /// A transport stream with a named service and packet identifiers of its own.
  static let service = Clip("cl-service.ts") { path in
    let names = ["-metadata", "service_name=Gate 7", "-metadata", "service_provider=Nobody"]
    try await FFmpeg.run(
      ["-i", try await Clips.everyday.path(), "-map", "0", "-c", "copy", "-streamid", "0:300", "-streamid", "1:333"]
        + names + ["-mpegts_service_id", "77", "-mpegts_pmt_start_pid", "1000", path])
  }

  private func programs(of path: String) async throws -> String {
    let entries = "program=program_id,pmt_pid:program_tags=service_name,service_provider:program_stream=id"
    return try await Subprocess.run("ffprobe", ["-v", "error", "-show_entries", entries, "-of", "flat", path]).text
  }

  @Test func serviceStaysInTransportStreams() async throws {
    let input = try await Self.service.path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.ts")))
    let before = try await programs(of: input)
    for word in ["Gate 7", "Nobody", "77", "1000", "0x12c", "0x14d"] { #expect(before.contains(word), "\(before)") }
    #expect(try await programs(of: folder.file("out.ts")) == before)
  }

  /// Through a container that takes any tag, the service comes back.
  @Test func serviceSurvivesMatroska() async throws {
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(try await Self.service.path(), "-o", folder.file("out.mkv")))
    expectSuccess(try await Program.enhance(folder.file("out.mkv"), "-o", folder.file("out.ts")))
    let after = try await programs(of: folder.file("out.ts"))
    #expect(after.contains("Gate 7") && after.contains("Nobody"), "\(after)")
  }

  @Test func serviceIsNamedWhereItIsLost() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await Self.service.path(), "-o", folder.file("out.avi"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "Gate 7", "Nobody", ".ts")
  }

  @Test(arguments: ["out.ts", "out.avi", "out.mov", "out.mpg"])
  func coverIsNamed(name: String) async throws {
    let clip = Clip("cl-cover.mp4") { path in
      let cover = try await Clips.picture("cl-cover.png", size: "48x48").path()
      let maps = ["-map", "0:v", "-map", "1", "-c", "copy", "-disposition:v:1", "attached_pic"]
      try await FFmpeg.run(["-i", try await Clips.everyday.path(), "-i", cover] + maps + [path])
    }
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(try await clip.path(), "-o", folder.file(name), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "stream 1 (video, png)", ".mkv")
    #expect(try await FFprobe.inspect(folder.file(name)).streams.count == 1, "no stream that is not what it says")
  }

  @Test func subtitleStylingIsNamed() async throws {
    let clip = Clip("cl-ass.mkv") { path in
      let folder = try TemporaryDirectory()
      let text = try folder.write(Array(StreamsTests.srt.utf8), to: "text.srt")
      let inputs = ["-i", try await Clips.everyday.path(), "-i", text]
      try await FFmpeg.run(inputs + ["-map", "0", "-map", "1", "-c", "copy", "-c:s", "ass", path])
    }
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(try await clip.path(), "-o", folder.file("out.mp4"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "stream 2 (subtitle, ass)", "styling", ".mkv")
    #expect(try await FFprobe.inspect(folder.file("out.mp4")).streams("subtitle").count == 1)
  }

  /// Twelve seconds of picture whose sound begins after ten: later than FFmpeg looks by itself.
  static let lateSound = Clip("cl-late.ts") { path in
    let picture = ["-f", "lavfi", "-i", Clips.darkSource(size: "64x48", rate: "10")]
    let sound = ["-itsoffset", "10", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2"]
    try await FFmpeg.run(picture + sound + ["-t", "12"] + Clips.x264 + ["-c:a", "mp2", path])
  }

  @Test func lateSoundOfAFileIsKept() async throws {
    let input = try await Self.lateSound.path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file("out.mkv")))
    try await expectSamePackets(folder.file("out.mkv"), "a:0", input, "a:0", times: false)
  }

  /// A pipe cannot be read ahead for ever: what is lost is named, and no container is blamed for it.
  @Test func lateSoundOfAPipeIsNamed() async throws {
    let input = try await Self.lateSound.path()
    let folder = try TemporaryDirectory()
    let result = try await Program.shell(
      "cat '\(input)' | \"$ZDCE\" enhance - -o '\(folder.file("out.mkv"))' --no-progress")
    expectSuccess(result)
    expectWarning(result, "stream 1 (audio", "left out", "beginning")
    #expect(!result.standardError.contains("cannot carry"), "\(result)")
  }

  /// A stream that is not even announced at the beginning.
  @Test func streamThatAppearsLaterIsNamed() async throws {
    let silent = Clip("cl-silent.ts", size: "64x48", rate: "10", frames: 120, encoder: Clips.x264)
    let second = Clip("cl-second.ts") { path in
      let everyday = try await Clips.everyday.path()
      try await FFmpeg.run(["-i", everyday, "-c:v", "copy", "-c:a", "mp2", "-output_ts_offset", "12", path])
    }
    let (first, last) = (try await silent.path(), try await second.path())
    let folder = try TemporaryDirectory()
    let result = try await Program.shell(
      "cat '\(first)' '\(last)' | \"$ZDCE\" enhance - -o '\(folder.file("out.mkv"))' --no-progress")
    expectWarning(result, "stream 1 (audio", "left out", "first appears at 1")
  }

  @Test(
    .enabled(if: Subprocess.isAvailable("exiftool"), "needs exiftool"), arguments: ["bmp", "jp2", "ppm"])
  func descriptionOfAPictureIsNamed(format: String) async throws {
    let folder = try TemporaryDirectory()
    let input = folder.file("in.jpg")
    try FileManager.default.copyItem(
      atPath: try await Clips.picture("cl-exif.jpg", format: "yuvj420p").path(), toPath: input)
    _ = try await PictureTests.exif(["-q", "-overwrite_original", "-GPSLatitude=47.5", "-XMP:Creator=Nobody", input])
    let result = try await Program.enhance(input, "-o", folder.file("out.\(format)"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "EXIF", "XMP", "JPEG")
    let silent = try await Program.enhance(input, "-o", folder.file("out.jpg"), "--no-progress")
    #expect(!silent.standardError.contains("left out"), "\(silent)")
  }
}
