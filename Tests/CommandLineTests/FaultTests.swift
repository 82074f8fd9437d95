import Foundation
import TestSupport
import Testing

/// One fault in the input or at the output costs no more than what it hits.
@Suite struct FaultTests {
  // MARK: Packets that cannot be copied

  /// One AAC header of a transport stream overwritten in the middle: MP4 and Matroska do not take such a packet.
  static let badSound = Clip("fa-sound.ts") { path in
    let whole = try await Clip("fa-sound-whole.ts") { path in
      try await FFmpeg.run(["-i", try await Clips.everyday.path(), "-map", "0", "-c", "copy", path])
    }.path()
    var bytes = try Files.read(whole)
    let headers = bytes.indices.dropLast(2).filter { bytes[$0] == 0xff && bytes[$0 + 1] == 0xf1 }
    // An index of the sampling rate that does not exist.
    bytes[headers[headers.count / 2] + 2] |= 0x3c
    try Files.write(bytes, to: path)
  }

  /// The first of two cues in MP4's text codec has a style box without a size.
  static let badSubtitle = Clip("fa-subtitle.mp4") { path in
    var bytes = try Files.read(try await StreamsTests.mp4.path())
    let text = Array("A dark street".utf8)
    let position = try #require(bytes.indices.first { bytes[$0...].starts(with: text) })
    bytes.replaceSubrange(position - 2..<position + 8, with: [0, 4] + Array("A da".utf8) + [0, 0, 0, 0])
    try Files.write(bytes, to: path)
  }

  @Test(arguments: ["out.mp4", "out.mkv"])
  func oneBadPacketCostsOnePacket(name: String) async throws {
    let input = try await Self.badSound.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    let result = try await Program.enhance(input, "-o", output, "--json", "--no-progress")
    #expect(result.status == 3, "\(result)")
    expectWarning(result, "packet")
    let summary = try #require(try ReportTests.summaries(result).first)
    #expect(ReportTests.number(summary["frames_damaged"]) == 1)
    try await expectSameFrameTimes(output, input)
    try await expectPlayable(output)
    let whole = try await FFprobe.packets(of: Clips.everyday.path(), stream: "a:0").map(\.dataHash)
    let left = try await FFprobe.packets(of: output, stream: "a:0").map(\.dataHash)
    #expect(Set(left).isSubset(of: whole), "what is left is whole")
    #expect(left.count >= whole.count - 2 && left.count < whole.count, "\(left.count) of \(whole.count) packets")
  }

  @Test func oneBadSubtitleCostsOneSubtitle() async throws {
    let input = try await Self.badSubtitle.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let result = try await Program.enhance(input, "-o", output, "--no-progress")
    #expect(result.status == 3, "\(result)")
    expectWarning(result, "subtitle")
    let text = try await StreamsTests.subtitles(of: output)
    #expect(text.contains("with an äöü") && !text.contains("street"), "\(text)")
    try await expectSameFrameTimes(output, input)
    for track in 0..<2 { try await expectSamePackets(output, "a:\(track)", input, "a:\(track)") }
  }

  // MARK: Clocks

  /// The everyday clip, one second later.
  static let offset = Clip("fa-offset.mkv") { path in
    try await FFmpeg.run(["-itsoffset", "1", "-i", try await Clips.everydayMKV.path(), "-map", "0", "-c", "copy", path])
  }

  /// Matroska counts its length from zero, so a clip that begins later seems shorter than its header says.
  @Test(arguments: ["out.mkv", "out.mp4"])
  func offsetIsNoDamage(name: String) async throws {
    let input = try await Self.offset.path()
    #expect(Double(try await FFprobe.inspect(input).format.startTime ?? "") ?? 0 > 0.9)
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    try await expectSameFrameTimes(output, input)
    try await expectSamePackets(output, "a:0", input, "a:0")
  }

  /// AVI begins at zero: everything moves together, with one warning.
  @Test(arguments: [offset, TimestampTests.transport])
  func aviMovesEverythingTogether(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.avi")
    let result = try await Program.enhance(input, "-o", output, "--no-progress")
    expectSuccess(result)
    #expect(result.messages.filter { $0.contains("AVI begins at zero") }.count == 1, "\(result)")
    // AVI has no gap before its first frame, so sound that leads by an imperceptible time loses its lead.
    let times = try await FFprobe.frames(of: input).map(\.time)
    let start = try #require(times.first)
    expectSameTimes(try await FFprobe.frames(of: output).map(\.time), times.map { $0 - start }, "frame")
    let sound = try await FFprobe.packets(of: input, stream: "a:0").map { $0.time - start }
    let copied = try await FFprobe.packets(of: output, stream: "a:0").map(\.time)
    #expect(copied.count == sound.count)
    #expect(zip(copied, sound).allSatisfy { abs($0 - $1) < 0.03 }, "sound stays with the picture")
  }

  /// Chapters of a part are cut to it and count from its start.
  @Test(arguments: ["out.mkv", "out.mp4"])
  func chaptersOfAPart(name: String) async throws {
    let input = try await StreamsTests.matroska.path()
    let folder = try TemporaryDirectory()
    for (options, expected) in [
      (["--start", "0.3", "--duration", "0.5"], [("Before", 0, 0.2), ("After", 0.2, 0.5)]),
      (["--start", "0.6"], [("After", 0, 0.6)]), (["--duration", "0.4"], [("Before", 0, 0.4)]),
    ] {
      let output = folder.file(name)
      expectSuccess(try await Program.enhance([input, "-o", output, "-y"] + options))
      let chapters = try await FFprobe.inspect(output).chapters
      #expect(chapters.map { $0.tags?["title"] } == expected.map(\.0), "\(options)")
      expectSameTimes(chapters.map { Double($0.startTime) ?? .nan }, expected.map(\.1), "chapter start")
      expectSameTimes(chapters.map { Double($0.endTime) ?? .nan }, expected.map(\.2), "chapter end")
    }
  }

  // MARK: Encoders

  /// Encoders that reorder frames and count them instead of timing them.
  @Test(arguments: ["mpeg4", "mpeg2video"], ["out.mp4", "out.mkv"])
  func reorderingEncodersKeepEveryTime(codec: String, name: String) async throws {
    let folder = try TemporaryDirectory()
    for clip in [Clips.everyday, TimestampTests.transport] {
      let input = try await clip.path()
      let output = folder.file(name)
      expectSuccess(
        try await Program.enhance(input, "-o", output, "-y", "--codec", codec, "--encoder-option", "bf=2"))
      try await expectPlayable(output)
      try await expectSameFrameTimes(output, input)
      let order = try await FFprobe.packets(of: output, stream: "v:0").map(\.time)
      #expect(order != order.sorted(), "there are B-frames")
      try await expectSamePackets(output, "a:0", input, "a:0")
    }
  }

  /// x265 cannot mark frames; the container says which field comes first, and a warning says that only it does.
  @Test(arguments: [("tff", "1", "tt"), ("bff", "0", "bb")], ["out.mp4", "out.mkv"])
  func interlacedThroughX265(fields: (name: String, top: String, order: String), name: String) async throws {
    let clip = Clip(
      "fa-\(fields.name).mp4", filter: "setfield=\(fields.name)",
      encoder: ["-top", fields.top, "-c:v", "libx264", "-preset", "veryfast", "-flags", "+ildct+ilme"]
        + ["-x264-params", "\(fields.name)=1"])
    let input = try await clip.path()
    #expect(try await FFprobe.inspect(input).video?.fieldOrder == fields.order)
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    let result = try await Program.enhance(input, "-o", output, "--codec", "libx265", "--no-progress")
    expectSuccess(result)
    expectWarning(result, "interlaced", "container")
    let video = try #require(try await FFprobe.inspect(output).video)
    #expect(video.fieldOrder == fields.order)
    #expect(video.height == 144)
    try await expectSameFrameTimes(output, input)
    // No frame is called a single field, as which a television would show it twice as high.
    #expect(try await FFprobe.frames(of: output).allSatisfy { $0.interlacedFrame == 0 })
  }

  /// A player shows the container's aspect ratio where the codec says another.
  @Test(arguments: ["out.mp4", "out.mkv"])
  func aspectRatioOfTheContainer(name: String) async throws {
    let clip = Clip("fa-aspect.mkv") { path in
      let inner = try await Clip("fa-aspect-inner.mp4", filter: "setsar=16/11", encoder: Clips.x264).path()
      try await FFmpeg.run(["-i", inner, "-c", "copy", "-aspect", "2:1", path])
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await FFprobe.inspect(input).video?.sampleAspectRatio == "18:11")
    #expect(try await FFprobe.inspect(output).video?.sampleAspectRatio == "18:11")
    // And in the stream itself, so that both agree.
    let bare = folder.file("bare.h264")
    try await FFmpeg.run(["-i", output, "-map", "0:v", "-c", "copy", bare])
    #expect(try await FFprobe.inspect(bare).video?.sampleAspectRatio == "18:11")
  }
}
