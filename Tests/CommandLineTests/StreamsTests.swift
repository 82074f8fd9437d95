import Foundation
import TestSupport
import Testing

/// Everything in the file that is not its video goes along.
@Suite struct StreamsTests {
  static let srt = """
    1
    00:00:00,100 --> 00:00:00,500
    A dark street

    2
    00:00:00,600 --> 00:00:01,100
    with an äöü

    """

  static let chapters = """
    ;FFMETADATA1
    title=Night walk
    artist=Nobody
    comment=Do not lose me
    [CHAPTER]
    TIMEBASE=1/1000
    START=0
    END=500
    title=Before
    [CHAPTER]
    TIMEBASE=1/1000
    START=500
    END=1200
    title=After

    """

  /// Bytes that stand for a font.
  static let attachment = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ $0 >> 5) }

  static func rich(_ name: String, subtitles: String, attach: Bool) -> Clip {
    Clip(name) { path in
      let folder = try TemporaryDirectory()
      let text = try folder.write(Array(srt.utf8), to: "text.srt")
      let metadata = try folder.write(Array(chapters.utf8), to: "chapters.txt")
      let font = try folder.write(attachment, to: "font.ttf")
      var arguments = ["-f", "lavfi", "-i", Clips.darkSource(), "-f", "lavfi", "-i", Clips.tone]
      arguments += ["-f", "lavfi", "-i", "anoisesrc=amplitude=0.1:sample_rate=48000:seed=3"]
      arguments += ["-i", text, "-i", metadata]
      arguments += ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4", "-map_chapters", "4"]
      arguments += ["-t", "1.2"] + Clips.x264 + ["-c:a:0", "aac", "-c:a:1", "mp3", "-c:s", subtitles]
      arguments += ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=spa"]
      arguments += ["-metadata:s:s:0", "language=fra", "-metadata:s:v:0", "language=jpn"]
      arguments += ["-disposition:a:0", "0", "-disposition:a:1", "default"]
      if attach {
        arguments += ["-metadata:s:a:1", "title=Commentary", "-disposition:s:0", "default+forced"]
        arguments += ["-attach", font, "-metadata:s:t:0", "mimetype=application/x-truetype-font"]
      }
      try await FFmpeg.run(arguments + [path])
    }
  }

  static let matroska = rich("st-rich.mkv", subtitles: "srt", attach: true)
  static let mp4 = rich("st-rich.mp4", subtitles: "mov_text", attach: false)

  /// Text and times of a subtitle track.
  static func subtitles(of path: String) async throws -> String {
    try await FFmpeg.run(["-copyts", "-i", path, "-map", "0:s:0", "-f", "srt", "-"]).text
  }

  @Test(arguments: [(matroska, "out.mkv"), (mp4, "out.mp4"), (mp4, "out.mov"), (mp4, "out.mkv")])
  func everythingGoesAlong(clip: Clip, name: String) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    let (before, after) = (try await FFprobe.inspect(input), try await FFprobe.inspect(output))
    for type in ["video", "audio", "subtitle", "attachment"] {
      #expect(after.streams(type).count == before.streams(type).count, "\(type) streams")
    }
    #expect(before.streams("audio").count == 2)
    for track in 0..<2 { try await expectSamePackets(output, "a:\(track)", input, "a:\(track)") }
    for type in ["video", "audio", "subtitle"] {
      let languages = before.streams(type).map { $0.tags?["language"] }
      #expect(after.streams(type).map { $0.tags?["language"] } == languages, "\(type)")
      #expect(after.streams(type).map(\.dispositions) == before.streams(type).map(\.dispositions), "\(type)")
    }
    #expect(before.streams("audio").map { $0.tags?["title"] } == after.streams("audio").map { $0.tags?["title"] })
    #expect(try await Self.subtitles(of: output) == Self.subtitles(of: input))
    try expectSameChapters(after, before)
    expectSameMetadata(after, before)
    try await expectSameFrameTimes(output, input)
  }

  @Test func streamOrderIsKept() async throws {
    // Sound first, picture second: players and scripts address streams by number.
    let clip = Clip("st-order.mkv") { path in
      let everyday = try await Clips.everydayMKV.path()
      try await FFmpeg.run(["-i", everyday, "-map", "0:a", "-map", "0:v", "-c", "copy", path])
    }
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(try await Program.enhance(try await clip.path(), "-o", output))
    #expect(try await FFprobe.inspect(output).streams.map(\.codecType) == ["audio", "video"])
  }

  @Test func attachmentsKeepTheirBytes() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(try await Program.enhance(try await Self.matroska.path(), "-o", output))
    let stream = try #require(try await FFprobe.inspect(output).streams("attachment").first)
    #expect(stream.tags?["filename"] == "font.ttf")
    #expect(stream.tags?["mimetype"] == "application/x-truetype-font")
    let font = folder.file("again.ttf")
    try await FFmpeg.run(["-dump_attachment:t:0", font, "-i", output, "-map", "0:v", "-f", "null", "-"])
    #expect(try Files.read(font) == Self.attachment)
  }

  /// The evidence trail: the output says which program made it, and what was there before is still there.
  @Test(arguments: [(matroska, "out.mkv"), (mp4, "out.mp4")])
  func outputSaysWhatWasDone(clip: Clip, name: String) async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(try await clip.path(), "-o", output, "--strength", "0.75"))
    let probe = try await FFprobe.inspect(output)
    let values = ([probe.format.tags, probe.video?.tags].compactMap { $0 }).flatMap(\.values)
    #expect(values.contains { $0.contains("zdce-video") && $0.contains("0.75") }, "\(values)")
    #expect(tag("comment", of: probe)?.contains("Do not lose me") == true)
  }

  @Test(arguments: ["mp4", "mkv"])
  func coverPictureIsCopied(container: String) async throws {
    let clip = Clip("st-cover.\(container)") { path in
      let cover = try await Clips.picture("st-cover.png", size: "48x48").path()
      let everyday = try await Clips.everyday.path()
      if container == "mp4" {
        let maps = ["-map", "0", "-map", "1", "-c", "copy", "-disposition:v:1", "attached_pic"]
        try await FFmpeg.run(["-i", everyday, "-i", cover] + maps + [path])
      } else {
        let attach = ["-attach", cover, "-metadata:s:t", "mimetype=image/png", "-metadata:s:t", "filename=cover.png"]
        try await FFmpeg.run(["-i", everyday, "-map", "0", "-c", "copy"] + attach + [path])
      }
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.\(container)")
    expectSuccess(try await Program.enhance(input, "-o", output))
    let cover = try #require(
      try await FFprobe.inspect(output).streams.first { $0.dispositions.contains("attached_pic") })
    #expect(cover.codecName == "png" && cover.width == 48)
    try await expectSamePackets(output, "v:1", input, "v:1", times: false)
    try await expectSameFrameTimes(output, input)
  }

  @Test func timecodeIsKept() async throws {
    let clip = Clip("st-timecode.mov", encoder: Clips.x264 + ["-timecode", "01:02:03:04"])
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mov")
    expectSuccess(try await Program.enhance(input, "-o", output))
    let before = try #require(try await FFprobe.inspect(input).streams("data").first)
    let after = try #require(try await FFprobe.inspect(output).streams("data").first)
    #expect(before.tags?["timecode"] == "01:02:03:04")
    #expect(after.tags?["timecode"] == "01:02:03:04")
  }

  @Test func dataStreamIsCopied() async throws {
    let clip = Clip("st-data.ts") { path in
      let folder = try TemporaryDirectory()
      let blob = try folder.write(Array(Self.attachment.prefix(3000)), to: "telemetry.bin")
      let picture = ["-f", "lavfi", "-i", Clips.darkSource(), "-f", "data", "-i", blob]
      try await FFmpeg.run(
        picture + ["-map", "0", "-map", "1", "-frames:v", "30"] + Clips.x264 + ["-c:d", "copy", path])
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.ts")
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await FFprobe.inspect(output).streams("data").count == 1)
    try await expectSamePackets(output, "d:0", input, "d:0")
  }

  private func expectSameChapters(_ after: FFprobe, _ before: FFprobe) throws {
    try #require(before.chapters.count == 2)
    #expect(after.chapters.map { $0.tags?["title"] } == before.chapters.map { $0.tags?["title"] })
    expectSameTimes(
      after.chapters.compactMap { Double($0.startTime) }, before.chapters.compactMap { Double($0.startTime) },
      "chapter start")
    expectSameTimes(
      after.chapters.compactMap { Double($0.endTime) }, before.chapters.compactMap { Double($0.endTime) }, "chapter end"
    )
  }

  /// A tag of the container; Matroska writes the names in capitals.
  private func tag(_ name: String, of probe: FFprobe) -> String? {
    probe.format.tags?.first { $0.key.lowercased() == name }?.value
  }

  private func expectSameMetadata(_ after: FFprobe, _ before: FFprobe) {
    #expect(tag("title", of: before) == "Night walk")
    for name in ["title", "artist"] { #expect(tag(name, of: after) == tag(name, of: before)) }
    #expect(tag("comment", of: after)?.contains("Do not lose me") == true)
  }
}
