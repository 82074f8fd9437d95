import Foundation
import TestSupport
import Testing

/// Comparison pictures, part of a clip, threads, strength, encoder options.
@Suite struct OptionTests {
  /// Weights that brighten every pixel in the same known way.
  private func weights(in folder: TemporaryDirectory) throws -> String {
    try folder.write(Safetensors.constantCurve([-0.3, -0.3, -0.3]).serialized(), to: "w.safetensors")
  }

  /// Before on the left, after on the right, in a picture twice as wide.
  @Test func sideBySide() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let (output, plain) = (folder.file("out.mkv"), folder.file("plain.mkv"))
    let options = ["--codec", "ffv1", "--weights", try weights(in: folder)]
    expectSuccess(try await Program.enhance([input, "-o", output, "--compare", "side-by-side"] + options))
    expectSuccess(try await Program.enhance([input, "-o", plain] + options))
    let video = try await FFprobe.inspect(output).video
    #expect(video?.width == 352 && video?.height == 144)
    try await expectSameFrameTimes(output, input)
    let left = try await FFmpeg.frameHashes(of: output, filter: "crop=176:144:0:0")
    expectEqual(left, try await FFmpeg.frameHashes(of: input), "left half of frame")
    let right = try await FFmpeg.frameHashes(of: output, filter: "crop=176:144:176:0")
    expectEqual(right, try await FFmpeg.frameHashes(of: plain), "right half of frame")
  }

  /// Before on the left, after on the right of one picture; a dividing line may lie between.
  @Test func split() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let (output, plain) = (folder.file("out.mkv"), folder.file("plain.mkv"))
    let options = ["--codec", "ffv1", "--weights", try weights(in: folder)]
    expectSuccess(try await Program.enhance([input, "-o", output, "--compare", "split"] + options))
    expectSuccess(try await Program.enhance([input, "-o", plain] + options))
    let video = try await FFprobe.inspect(output).video
    #expect(video?.width == 176 && video?.height == 144)
    for (name, crop, original) in [("left", "crop=80:144:0:0", input), ("right", "crop=80:144:96:0", plain)] {
      let part = try await FFmpeg.frameHashes(of: output, filter: crop)
      expectEqual(part, try await FFmpeg.frameHashes(of: original, filter: crop), "\(name) part of frame")
    }
  }

  /// The original is to the left as the viewer sees it, however the pictures are stored.
  @Test(arguments: [90, 180, 270], ["split", "side-by-side"])
  func comparisonOfRotatedClips(rotation: Int, comparison: String) async throws {
    let clip = Clip("op-rotated-\(rotation).mov") { path in
      let source = Clips.darkSource(size: "72x50", format: "yuv444p")
      let folder = try TemporaryDirectory()
      let upright = folder.file("upright.mov")
      try await FFmpeg.run(["-f", "lavfi", "-i", source, "-frames:v", "2", "-c:v", "libx264", "-qp", "0", upright])
      try await FFmpeg.run(["-i", upright, "-c", "copy", "-metadata:s:v", "rotate=\(rotation)", path])
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let (output, plain) = (folder.file("out.mkv"), folder.file("plain.mkv"))
    let options = ["--codec", "ffv1", "--look", "faithful", "--weights", try weights(in: folder)]
    expectSuccess(try await Program.enhance([input, "-o", output, "--compare", comparison] + options))
    expectSuccess(try await Program.enhance([input, "-o", plain] + options))
    let (width, height) = rotation == 180 ? (72, 50) : (50, 72)
    let half = comparison == "split" ? width / 2 : width
    let left = try await FFmpeg.frameHashes(of: output, filter: "crop=\(half):\(height):0:0")
    expectEqual(
      left, try await FFmpeg.frameHashes(of: input, filter: "crop=\(half):\(height):0:0", options: []), "left part")
    let right = try await FFmpeg.frameHashes(of: output, filter: "crop=\(half):\(height):\(half):0")
    let offset = comparison == "split" ? half : 0
    expectEqual(
      right, try await FFmpeg.frameHashes(of: plain, filter: "crop=\(half):\(height):\(offset):0"), "right part")
  }

  /// An odd width in 4:2:0 loses no column: the last one is there twice, so that the two share no chroma.
  @Test func oddWidthSideBySide() async throws {
    let input = try await Clip("op-odd.mkv", size: "51x38", frames: 2, encoder: ["-c:v", "ffv1"]).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    let options = ["--codec", "ffv1", "--compare", "side-by-side", "--strength", "0"]
    expectSuccess(try await Program.enhance([input, "-o", output] + options))
    #expect(try await FFprobe.inspect(output).video?.width == 104)
    let expected = try await FFmpeg.frameHashes(of: input, filter: "extractplanes=y")
    for x in [0, 52] {
      let half = try await FFmpeg.frameHashes(of: output, filter: "extractplanes=y,crop=51:38:\(x):0")
      expectEqual(half, expected, "luma at column \(x)")
    }
  }

  /// `--start` and `--duration`: exactly the frames with start <= time < start + duration.
  @Test(arguments: [(["--start", "0.4", "--duration", "0.6"], 10..<25), (["--start", "0.8"], 20..<30)])
  func partOfAClip(options: [String], range: Range<Int>) async throws {
    let input = try await Clips.everyday.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(
      try await Program.enhance([input, "-o", output, "--strength", "0", "--codec", "ffv1"] + options))
    let expected = try await FFmpeg.frameHashes(of: input)
    expectEqual(try await FFmpeg.frameHashes(of: output), Array(expected[range]), "frame")
    // The sound is cut to the same part: whether times begin anew is left open, that both move together is not.
    let picture = try await FFprobe.frames(of: output).map(\.time)
    let sound = try await FFprobe.packets(of: output, stream: "a:0").map(\.time)
    let (first, last) = (try #require(picture.first), try #require(picture.last))
    #expect(abs((sound.first ?? .infinity) - first) < 0.05, "sound from \(sound.first ?? 0), picture from \(first)")
    #expect(abs((sound.last ?? .infinity) - last) < 0.08, "sound to \(sound.last ?? 0), picture to \(last)")
  }

  @Test func timesCanBeClockTimes() async throws {
    let input = try await Clips.everyday.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mkv")
    expectSuccess(
      try await Program.enhance(input, "-o", output, "--start", "00:00:00.4", "--duration", "00:00:00.6"))
    #expect(try await FFprobe.frames(of: output).count == 15)
  }

  @Test func anyNumberOfThreadsGivesTheSameFrames() async throws {
    let input = try await Clips.everyday.path()
    let folder = try TemporaryDirectory()
    var results: [[String]] = []
    for threads in ["1", "2", "4"] {
      let output = folder.file("out-\(threads).mkv")
      expectSuccess(try await Program.enhance(input, "-o", output, "--codec", "ffv1", "--threads", threads))
      results.append(try await FFmpeg.frameHashes(of: output))
    }
    #expect(results[0].count == 30)
    expectEqual(results[1], results[0], "frame")
    expectEqual(results[2], results[0], "frame")
  }

  /// Strength lies between the input and the full enhancement.
  @Test func strengthIsGradual() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    var means = [mean(try await FFmpeg.pixels(of: input, format: "gray"))]
    for strength in ["0.25", "0.5", "1"] {
      let output = folder.file("\(strength).mkv")
      expectSuccess(try await Program.enhance(input, "-o", output, "--codec", "ffv1", "--strength", strength))
      means.append(mean(try await FFmpeg.pixels(of: output, format: "gray")))
    }
    #expect(zip(means, means.dropFirst()).allSatisfy { $0 + 1 < $1 }, "\(means)")
  }

  @Test func strengthDefaultsToOneAndReuseToAuto() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let (plain, explicit) = (folder.file("plain.mkv"), folder.file("explicit.mkv"))
    expectSuccess(try await Program.enhance(input, "-o", plain, "--codec", "ffv1"))
    expectSuccess(
      try await Program.enhance(
        input, "-o", explicit, "--codec", "ffv1", "--strength", "1", "--reuse", "auto", "--scale", "12", "--sampling",
        "area"))
    try await expectSameFrames(explicit, plain)
  }

  /// The default encoder, and those that were asked for.
  @Test(
    arguments: [
      ([], "h264", "out.mp4"),
      (["--codec", "libx265", "--encoder-option", "x265-params=log-level=error"], "hevc", "out.mp4"),
      (["--codec", "libvpx-vp9", "--encoder-option", "deadline=realtime"], "vp9", "out.webm"),
      (["--codec", "mpeg4", "--bitrate", "500k"], "mpeg4", "out.mp4"),
      (["--preset", "ultrafast", "--crf", "30", "--encoder-option", "g=5"], "h264", "out.mkv"),
    ] as [([String], String, String)])
  func encoders(options: [String], codec: String, name: String) async throws {
    let clip = Clip("op-silent.mp4", encoder: Clips.x264)
    let folder = try TemporaryDirectory()
    let output = folder.file(name)
    expectSuccess(try await Program.enhance([try await clip.path(), "-o", output] + options))
    #expect(try await FFprobe.inspect(output).video?.codecName == codec)
    #expect(try await expectPlayable(output) == 30)
  }

  /// x265 has fewer threads for frames than the rest of the program may have.
  @Test func x265TakesAnyNumberOfThreads() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.mp4")
    expectSuccess(
      try await Program.enhance(
        try await Clips.lossless.path(), "-o", output, "--codec", "libx265", "--threads", "40"))
    #expect(try await expectPlayable(output) == 30)
  }

  @Test(arguments: [["--start", "99"], ["--start", "99", "--duration", "1"]])
  func startBeyondTheEnd(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let result = try await Program.enhance([input, "-o", folder.file("out.mp4"), "--quiet"] + options)
    expectFailure(result, naming: "--start is 99 s")
    expectWarning(result, "ends after 1.2 s")
    #expect(try folder.contents().isEmpty)
  }

  @Test func partBetweenTwoFrames() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let result = try await Program.enhance(
      input, "-o", folder.file("out.mp4"), "--start", "0.41", "--duration", "0.01", "--quiet")
    expectFailure(result, naming: "no frame between 0.41 s and 0.42 s")
    #expect(try folder.contents().isEmpty)
  }

  @Test func bitrateIsHonoured() async throws {
    let folder = try TemporaryDirectory()
    let clip = Clip("op-bitrate.mp4", frames: 100, encoder: Clips.x264)
    var sizes: [Int] = []
    for rate in ["100k", "800k"] {
      let output = folder.file("\(rate).mp4")
      expectSuccess(try await Program.enhance(try await clip.path(), "-o", output, "--bitrate", rate))
      sizes.append(Files.size(output))
    }
    // Four seconds at 100 and 800 kbit/s are 50 and 400 kB.
    #expect(sizes[0] < 100_000 && sizes[1] > 200_000 && sizes[1] < 600_000, "\(sizes)")
  }
}
