import TestSupport
import Testing

/// GIF and animated PNG: frames, loops and transparency.
@Suite struct AnimationTests {
  static func gif(_ name: String, loop: Int) -> Clip {
    Clip(name) { path in
      let key = "colorkey=black:0.2"
      let palette = "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1"
      try await FFmpeg.run([
        "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10,format=rgba,\(key)", "-frames:v", "8", "-vf", palette,
        "-loop", String(loop), path,
      ])
    }
  }

  static let png = Clip("an-png.png") { path in
    try await FFmpeg.run([
      "-f", "lavfi", "-i", Clips.darkSource(size: "96x64", rate: "10", format: "rgb24"), "-frames:v", "8", "-plays",
      "3", "-f", "apng", path,
    ])
  }

  /// The two bytes after the name of the application extension; nil without one.
  private func repetitions(of path: String) throws -> Int? {
    let bytes = try Files.read(path)
    guard let name = bytes.firstRange(of: Array("NETSCAPE2.0".utf8)) else { return nil }
    return Int(bytes[name.upperBound + 2]) | Int(bytes[name.upperBound + 3]) << 8
  }

  @Test(arguments: [(0, 0), (3, 3), (-1, nil)] as [(Int, Int?)])
  func gifComesBackAtStrengthZero(loop: Int, expected: Int?) async throws {
    let input = try await Self.gif("an-loop\(loop).gif", loop: loop).path()
    #expect(try repetitions(of: input) == expected)
    let folder = try TemporaryDirectory()
    let output = folder.file("out.gif")
    expectSuccess(try await Program.enhance(input, "-o", output, "--strength", "0"))
    try await expectSameFrames(output, input, format: "bgra")
    try await expectSameFrameTimes(output, input)
    #expect(try repetitions(of: output) == expected)
  }

  @Test func enhancedGifHasManyColours() async throws {
    let input = try await Self.gif("an-loop0.gif", loop: 0).path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.gif")
    expectSuccess(try await Program.enhance(input, "-o", output))
    try await expectSameFrames(output, input, format: "bgra", filter: "alphaextract")
    // Against a file without any loss: a fixed palette is off by tens of levels.
    let lossless = folder.file("out.mkv")
    expectSuccess(try await Program.enhance(input, "-o", lossless, "--codec", "ffv1"))
    let (own, exact) = (
      try await FFmpeg.pixels(of: output, format: "bgra"), try await FFmpeg.pixels(of: lossless, format: "bgra")
    )
    try #require(own.count == exact.count)
    var errors: [UInt8] = []
    for green in stride(from: 1, to: own.count, by: 4) where exact[green + 2] == 255 {
      errors.append(UInt8(abs(Int(own[green]) - Int(exact[green]))))
    }
    #expect(mean(errors) < 3, "mean error of green \(mean(errors))")
  }

  @Test func animatedPNGStaysAnimated() async throws {
    let input = try await Self.png.path()
    let folder = try TemporaryDirectory()
    let output = folder.file("out.png")
    expectSuccess(try await Program.enhance(input, "-o", output, "--strength", "0"))
    #expect(try await FFprobe.inspect(output).format.formatName == "apng")
    try await expectSameFrames(output, input)
    try await expectSameFrameTimes(output, input)
    let bytes = try Files.read(output)
    let control = try #require(bytes.firstRange(of: Array("acTL".utf8)))
    #expect(bytes[control.upperBound..<control.upperBound + 8].elementsEqual([0, 0, 0, 8, 0, 0, 0, 3]))
  }

  /// Loop counts are named differently: three plays are two repetitions.
  @Test func animatedPNGBecomesGif() async throws {
    let folder = try TemporaryDirectory()
    let output = folder.file("out.gif")
    expectSuccess(try await Program.enhance(try await Self.png.path(), "-o", output))
    #expect(try repetitions(of: output) == 2)
    #expect(try await expectPlayable(output) == 8)
  }
}
