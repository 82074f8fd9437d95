import TestSupport
import Testing

/// Bands are shared out differently in every run, and nobody can see it.
@Suite struct ThreadTests {
  private static let formats = [
    "yuv420p", "yuv422p", "yuv444p", "gray", "gbrp", "yuv420p10le", "yuv422p10le", "yuv444p10le", "gray10le",
    "gbrp10le", "yuv420p12le", "bgr0",
  ]

  /// Any number of threads gives the same frames, on every format and in both looks; the size leaves a part of a band.
  @Test(arguments: formats, ["natural", "faithful"])
  func sameFramesWithAnyNumberOfThreads(format: String, look: String) async throws {
    let clip = Clip(
      "threads-\(format).mkv", size: "150x166", frames: 5, format: format, encoder: ["-c:v", "ffv1"])
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let outputs = [1, 2, 4].map { folder.file("threads-\($0).mkv") }
    for (threads, output) in zip([1, 2, 4], outputs) {
      expectSuccess(
        try await Program.enhance(
          input, "-o", output, "--codec", "ffv1", "--look", look, "--when", "always", "--threads", "\(threads)"))
    }
    try await expectSameFrames(outputs[1], outputs[0])
    try await expectSameFrames(outputs[2], outputs[0])
  }

  /// A cut between two still, noisy scenes is estimated at the cut; all other frames but the first reuse a map, and show
  /// nearly what they would without reuse.
  @Test func reuseOnAFixedCamera() async throws {
    let clip = Clip("fixed-camera.mkv") { path in
      let scene = "smptebars=size=320x240:rate=25:duration=2"
      let dark = "colorlevels=romax=0.25:gomax=0.25:bomax=0.25,noise=alls=6:allf=t:all_seed=3,format=yuv420p"
      try await FFmpeg.run([
        "-f", "lavfi", "-i",
        "\(scene),\(dark)[a];mandelbrot=size=320x240:rate=25:end_scale=0.3,trim=end_frame=1,loop=49:1,"
          + "setpts=N/25/TB,\(dark)[b];[a][b]concat", "-c:v", "ffv1", path,
      ])
    }
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let (reusing, fresh) = (folder.file("auto.mkv"), folder.file("off.mkv"))
    let report = folder.file("report.jsonl")
    expectSuccess(try await Program.enhance(input, "-o", reusing, "--codec", "ffv1", "--report", report))
    expectSuccess(try await Program.enhance(input, "-o", fresh, "--codec", "ffv1", "--reuse", "off"))
    let rows = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
    #expect(rows.count == 100)
    let estimated = rows.indices.filter { rows[$0].contains("\"reused\":0") }
    #expect(estimated.first == 0 && estimated.contains(50), "the cut is at frame 50: \(estimated)")
    #expect(estimated.count <= 10, "\(estimated)")
    let result = try await Program.run(["evaluate", reusing, fresh, "--json"])
    expectSuccess(result)
    let score = try #require(Self.number("mae", in: result.text))
    #expect(score <= 1)
    // Null is infinite.
    #expect(Self.number("psnr", in: result.text).map { $0 >= 45 } ?? true)
  }

  private static func number(_ key: String, in json: String) -> Double? {
    guard let start = json.range(of: "\"\(key)\":")?.upperBound else { return nil }
    return Double(json[start...].prefix { !",}".contains($0) })
  }
}
