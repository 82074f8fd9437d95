import TestSupport
import Testing

/// What describes the picture besides its pixels: rotation, aspect, colour tags, fields, alpha.
@Suite struct VideoPropertyTests {
  /// A phone clip: stored lying, shown upright, through a display matrix.
  static let rotated = Clip("vp-rotated.mp4") { path in
    let everyday = try await Clips.everyday.path()
    try await FFmpeg.run(["-i", everyday, "-map", "0", "-c", "copy", "-metadata:s:v", "rotate=90", path])
  }

  @Test(arguments: ["out.mp4", "out.mov"])
  func rotationIsKept(output name: String) async throws {
    let input = try await Self.rotated.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    let before = try #require(try await FFprobe.inspect(input).video)
    let after = try #require(try await FFprobe.inspect(output).video)
    #expect(before.rotation != nil && before.rotation != 0)
    #expect(after.rotation == before.rotation)
    #expect(after.width == before.width && after.height == before.height)
    try await expectSameFrameTimes(output, input)
  }

  /// Matroska and AVI carry no rotation: it is applied to the pixels, so that the clip is shown the right way up.
  @Test(arguments: ["out.mkv", "out.avi"])
  func rotationIsAppliedWhereItCannotBeCarried(output name: String) async throws {
    let input = try await Self.rotated.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output, "--strength", "0", "--codec", "ffv1"))
    let after = try #require(try await FFprobe.inspect(output).video)
    #expect(after.width == 144 && after.height == 176)
    #expect(after.rotation == nil || after.rotation == 0)
    let upright = try await FFmpeg.frameHashes(of: input, options: [])
    expectEqual(try await FFmpeg.frameHashes(of: output), upright, "frame")
  }

  @Test(arguments: ["out.mp4", "out.mkv"])
  func sampleAspectRatioIsKept(output name: String) async throws {
    let clip = Clip("vp-sar.mkv", filter: "setsar=16/11", encoder: Clips.x264)
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(try await clip.path(), "-o", output))
    #expect(try await FFprobe.inspect(output).video?.sampleAspectRatio == "16:11")
  }

  /// Colour tags as ffmpeg names them.
  struct Tags: Sendable, CustomTestStringConvertible {
    let range, matrix, primaries, transfer, location: String
    var testDescription: String { [range, matrix, primaries, transfer, location].joined(separator: " ") }
    var options: [String] {
      [
        "-color_range", range, "-colorspace", matrix, "-color_primaries", primaries, "-color_trc", transfer,
        "-chroma_sample_location", location,
      ]
    }
  }

  static let tags = [
    Tags(range: "tv", matrix: "bt709", primaries: "bt709", transfer: "bt709", location: "left"),
    Tags(range: "pc", matrix: "bt709", primaries: "bt709", transfer: "iec61966-2-1", location: "center"),
    Tags(range: "tv", matrix: "smpte170m", primaries: "smpte170m", transfer: "smpte170m", location: "topleft"),
    Tags(range: "pc", matrix: "bt470bg", primaries: "bt470bg", transfer: "gamma28", location: "center"),
    Tags(range: "tv", matrix: "bt2020nc", primaries: "bt2020", transfer: "bt2020-10", location: "topleft"),
  ]

  @Test(arguments: tags, ["out.mp4", "out.mkv"])
  func colourTagsAreKept(tags: Tags, output name: String) async throws {
    let clip = Clip("vp-\(tags.range)-\(tags.matrix).mp4", frames: 6, encoder: Clips.x264 + tags.options)
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    let before = try #require(try await FFprobe.inspect(input).video)
    let after = try #require(try await FFprobe.inspect(output).video)
    #expect(before.colorRange == tags.range && before.colorSpace == tags.matrix)
    #expect(after.colorRange == before.colorRange)
    #expect(after.colorSpace == before.colorSpace)
    #expect(after.colorPrimaries == before.colorPrimaries)
    #expect(after.colorTransfer == before.colorTransfer)
    #expect(after.chromaLocation == before.chromaLocation)
  }

  /// No tags stay no tags: a guess that is good enough to convert with is not written into the file.
  @Test func missingTagsStayMissing() async throws {
    let input = try await Clip("vp-untagged.mp4", frames: 6, encoder: Clips.x264).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(try await Program.enhance(input, "-o", output))
    let before = try #require(try await FFprobe.inspect(input).video)
    let after = try #require(try await FFprobe.inspect(output).video)
    #expect(after.colorSpace == before.colorSpace)
    #expect(after.colorPrimaries == before.colorPrimaries)
    #expect(after.colorTransfer == before.colorTransfer)
  }

  /// Limited range is all that x265 says of itself; x264 says it only beside something else.
  @Test(arguments: ["out.mp4", "out.ts", "out.flv"])
  func limitedRangeAloneIsKept(output name: String) async throws {
    let input = try await TimestampTests.hevc.path()
    let folder = try TemporaryDirectory()
    expectSuccess(try await Program.enhance(input, "-o", folder.file(name)))
    let before = try #require(try await FFprobe.inspect(input).video)
    let after = try #require(try await FFprobe.inspect(folder.file(name)).video)
    #expect(before.colorRange == "tv" && before.colorSpace == nil)
    #expect(after.colorRange == "tv")
    #expect(after.colorSpace == nil && after.colorPrimaries == nil && after.colorTransfer == nil)
  }

  static let interlaced: [Clip] = [
    Clip(
      "vp-interlaced-tff.mp4", filter: "setfield=tff",
      encoder: ["-c:v", "libx264", "-preset", "veryfast", "-flags", "+ildct+ilme", "-x264-params", "tff=1"]),
    Clip(
      "vp-interlaced-bff.mkv", filter: "setfield=bff",
      encoder: ["-c:v", "libx264", "-preset", "veryfast", "-flags", "+ildct+ilme", "-x264-params", "bff=1"]),
    Clip(
      "vp-interlaced.ts", filter: "setfield=tff",
      encoder: ["-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-top", "1", "-q:v", "4"]),
  ]

  @Test(arguments: interlaced)
  func interlacedStaysInterlaced(clip: Clip) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(try await Program.enhance(input, "-o", output))
    let before = try await FFprobe.frames(of: input)
    let after = try await FFprobe.frames(of: output)
    #expect(before.allSatisfy { $0.interlacedFrame == 1 })
    #expect(after.count == before.count)
    #expect(after.allSatisfy { $0.interlacedFrame == 1 })
    #expect(after.map(\.topFieldFirst) == before.map(\.topFieldFirst))
  }

  /// Film and interlaced frames by turns: a warning says that not all frames are what the output says.
  @Test func mixedFieldsAreNamed() async throws {
    let mpeg2 = ["-c:v", "mpeg2video", "-bf", "0", "-g", "4", "-flags", "+ildct+ilme", "-q:v", "3"]
    let clip = Clip("vp-mixed.ts") { path in
      let fields = try await Clip("vp-mixed-i.ts", frames: 8, encoder: ["-top", "1"] + mpeg2).path()
      var bytes = try Files.read(fields)
      // The picture coding extension (start code B5, identifier 8) of the first group says "progressive frame".
      let starts = bytes.indices.dropLast(9).filter {
        bytes[$0..<$0 + 4].elementsEqual([0, 0, 1, 0xB5]) && bytes[$0 + 4] >> 4 == 8
      }
      for start in starts.prefix(4) { bytes[start + 8] |= 0x80 }
      #expect(starts.count == 8)
      try Files.write(bytes, to: path)
    }
    let input = try await clip.path()
    let before = try await FFprobe.frames(of: input).map(\.interlacedFrame)
    try #require(before.first == 0 && before.last == 1)
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(input, "-o", folder.file("out.mkv"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "progressive", "marked")
    try await expectSameFrameTimes(folder.file("out.mkv"), input)
  }

  /// The same in H.264, of whose first frames the container knows nothing but that they are progressive.
  @Test func mixedFieldsOfH264() async throws {
    let clip = Clip("vp-mixed.mp4") { path in
      let folder = try TemporaryDirectory()
      let x264 = ["-c:v", "libx264", "-bf", "0"]
      let film = try await Clip("vp-film.h264", frames: 4, encoder: x264 + ["-x264-params", "fake-interlaced=1"]).path()
      let fields = try await Clip(
        "vp-fields.h264", frames: 8, encoder: x264 + ["-flags", "+ildct+ilme", "-x264-params", "bff=1"]
      ).path()
      let joined = try folder.write(try Files.read(film) + (try Files.read(fields)), to: "joined.h264")
      try await FFmpeg.run(["-i", joined, "-c", "copy", path])
    }
    let input = try await clip.path()
    let before = try await FFprobe.frames(of: input)
    try #require(before.map(\.interlacedFrame) == Array(repeating: 0, count: 4) + Array(repeating: 1, count: 8))
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(input, "-o", folder.file("out.mp4"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "4 frames are progressive", "marked")
    let after = try await FFprobe.frames(of: folder.file("out.mp4"))
    #expect(after.count == 12 && after.allSatisfy { $0.interlacedFrame == 1 })
    #expect(after.allSatisfy { $0.topFieldFirst == before.last?.topFieldFirst })
  }

  @Test func fieldsThatAreLostAreNamed() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await Self.interlaced[0].path(), "-o", folder.file("out.webm"), "--no-progress")
    expectSuccess(result)
    expectWarning(result, "libvpx-vp9", "interlaced")
  }

  /// The header says which field comes first, for those who do not look at the frames.
  @Test(arguments: ["tff", "bff"], ["out.mp4", "out.mkv", "out.ts", "out.mpg"])
  func fieldOrderIsInTheHeader(order: String, name: String) async throws {
    // The field order has to be set behind the source: lavfi does not hand it on.
    let clip = Clip("vp-order-\(order).mkv") { path in
      let encoder = ["-vf", "setfield=\(order)", "-c:v", "libx264", "-flags", "+ildct+ilme"]
      try await FFmpeg.run(
        ["-f", "lavfi", "-i", Clips.darkSource(), "-frames:v", "12"] + encoder + ["-x264-params", "\(order)=1", path])
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance(input, "-o", output))
    #expect(try await FFprobe.inspect(output).video?.fieldOrder == (order == "tff" ? "tt" : "bb"))
    let before = try await FFprobe.frames(of: input).map(\.topFieldFirst)
    #expect(before == Array(repeating: order == "tff" ? 1 : 0, count: 12))
    #expect(try await FFprobe.frames(of: output).map(\.topFieldFirst) == before)
  }

  @Test func progressiveStaysProgressive() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(try await Program.enhance(try await Clips.everyday.path(), "-o", output))
    #expect(try await FFprobe.frames(of: output).allSatisfy { $0.interlacedFrame == 0 })
  }

  /// A moving transparency that has nothing to do with the picture.
  static func alphaSource(_ name: String, format: String, encoder: [String]) -> Clip {
    let alpha = "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='mod(X*3+Y+N*9,256)'"
    return Clip(name, size: "96x64", frames: 6, format: format, filter: "format=rgba,\(alpha)", encoder: encoder)
  }

  static let alphaClips: [(Clip, [String], String)] = [
    (alphaSource("vp-alpha.mkv", format: "yuva420p", encoder: ["-c:v", "ffv1"]), ["--codec", "ffv1"], "out.mkv"),
    (
      alphaSource("vp-alpha10.mkv", format: "yuva444p10le", encoder: ["-c:v", "ffv1"]), ["--codec", "ffv1"], "out.mkv"
    ),
    (alphaSource("vp-alpha.mov", format: "argb", encoder: ["-c:v", "qtrle"]), ["--codec", "qtrle"], "out.mov"),
    (alphaSource("vp-alpha-png.mov", format: "rgba", encoder: ["-c:v", "png"]), ["--codec", "png"], "out.mov"),
  ]

  @Test(arguments: alphaClips)
  func alphaIsKept(clip: Clip, options: [String], name: String) async throws {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance([input, "-o", output] + options))
    let (before, after) = (try await FFprobe.inspect(input), try await FFprobe.inspect(output))
    #expect(after.video?.pixFmt == before.video?.pixFmt)
    try await expectSameFrames(output, input, filter: "alphaextract")
    let colours = try await (FFmpeg.frameHashes(of: input), FFmpeg.frameHashes(of: output))
    #expect(zip(colours.0, colours.1).allSatisfy { $0 != $1 }, "the picture itself is enhanced")
  }
}
