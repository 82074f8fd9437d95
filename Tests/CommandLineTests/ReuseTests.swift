import Foundation
import TestSupport
import Testing

/// Which frames share a curve map, and that nobody sees it. Judged by what the report says and by `--reuse off`.
@Suite struct ReuseTests {
  /// What a run with and one without reuse make of a clip.
  private struct Comparison {
    /// How many frames there are, and the numbers of those that were estimated.
    var frames: Int
    var estimated: [Int]
    /// Mean absolute difference, levels of 255.
    var difference: Double
    /// Decibels.
    var psnr: Double
    /// Of each frame, with reuse and without: the mean luma of a region.
    var luma: [(reusing: Double, fresh: Double)]

    var reusedShare: Double { 1 - Double(estimated.count) / Double(frames) }
  }

  private struct Region {
    var width = 320, height = 240, left = 0, top = 0
  }

  private static func compare(
    _ clip: Clip, look: String = "natural", region: Region = Region()
  ) async throws -> Comparison {
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let (reusing, fresh) = (folder.file("auto.mkv"), folder.file("off.mkv"))
    let report = folder.file("report.jsonl")
    let options = ["--codec", "ffv1", "--look", look]
    expectSuccess(try await Program.enhance([input, "-o", reusing, "--report", report] + options))
    expectSuccess(try await Program.enhance([input, "-o", fresh, "--reuse", "off"] + options))
    let rows = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
    let result = try await Program.run(["evaluate", reusing, fresh, "--json"])
    expectSuccess(result)
    let score = try #require(try JSONSerialization.jsonObject(with: Data(result.text.utf8)) as? [String: Any])
    let means = (try await luma(reusing, region), try await luma(fresh, region))
    #expect(means.0.count == rows.count && means.1.count == rows.count)
    return Comparison(
      frames: rows.count, estimated: rows.indices.filter { rows[$0].contains("\"reused\":0") },
      difference: try #require(score["mae"] as? Double),
      // Null is infinite.
      psnr: score["psnr"] as? Double ?? .infinity, luma: Array(zip(means.0, means.1)).map { (reusing: $0, fresh: $1) })
  }

  private static func luma(_ path: String, _ region: Region) async throws -> [Double] {
    let crop = "crop=\(region.width):\(region.height):\(region.left):\(region.top)"
    let codes = try await FFmpeg.pixels(of: path, format: "gray", filter: "extractplanes=y,\(crop)")
    let frame = region.width * region.height
    return stride(from: 0, to: codes.count, by: frame).map { start in
      Double(codes[start..<start + frame].reduce(0) { $0 + Int($1) }) / Double(frame)
    }
  }

  private static let dark = "colorlevels=romax=0.25:gomax=0.25:bomax=0.25,noise=alls=6:allf=t:all_seed=3,format=yuv420p"

  private struct Walker {
    var color: String, size: String
    /// Left edge in terms of `t`, and upper edge.
    var x: String, y: Int
  }

  private static let walkers = [
    Walker(color: "white", size: "16x42", x: "mod(42*t,360)-24", y: 90),
    Walker(color: "black", size: "17x45", x: "340-mod(36*t+80,380)", y: 120),
    Walker(color: "gray", size: "14x38", x: "mod(45*t+150,340)-20", y: 40),
    Walker(color: "orange", size: "16x44", x: "330-mod(40*t+200,370)", y: 160),
    Walker(color: "navy", size: "15x40", x: "mod(38*t+250,350)-20", y: 140),
    Walker(color: "beige", size: "15x41", x: "330-mod(44*t+40,360)", y: 70),
  ]

  /// People as large and as fast as before a surveillance camera walk all the time before a fixed, noisy one.
  private static func peopleWalking(rate: Int) -> Clip {
    Clip("walkers-\(rate).mkv") { path in
      let time = "rate=\(rate):duration=8"
      var graph = "smptehdbars=size=320x240:\(time)[p0]"
      for (index, walker) in walkers.enumerated() {
        graph += ";color=\(walker.color):size=\(walker.size):\(time)[w\(index)];"
        graph += "[p\(index)][w\(index)]overlay=x='\(walker.x)':y=\(walker.y)[p\(index + 1)]"
      }
      graph += ";[p\(walkers.count)]format=gbrp,\(dark)"
      try await FFmpeg.run(["-f", "lavfi", "-i", graph, "-c:v", "ffv1", path])
    }
  }

  /// Frames come fast or slowly: nine in ten share a map, and show nearly what they would with their own.
  @Test(arguments: [10, 30], ["natural", "faithful"])
  func peopleWalking(rate: Int, look: String) async throws {
    let result = try await Self.compare(Self.peopleWalking(rate: rate), look: look)
    #expect(result.frames == 8 * rate)
    #expect(result.reusedShare >= 0.9, "\(result.estimated)")
    #expect(result.psnr >= 45 && result.difference <= 1, "\(result.psnr) dB, \(result.difference)")
    for (frame, luma) in result.luma.enumerated() {
      #expect(abs(luma.reusing - luma.fresh) <= 1.5, "frame \(frame): \(luma)")
    }
  }

  /// While a light comes on, the picture follows as it does without reuse.
  @Test(arguments: ["natural", "faithful"]) func lightComesOn(look: String) async throws {
    let clip = Clip("light-comes-on.mkv") { path in
      let light = "eq=eval=frame:gamma='1+0.9*min(1,max(0,t-2))'"
      let graph = "smptehdbars=size=320x240:rate=30:duration=5,format=gbrp,\(Self.dark),\(light)"
      try await FFmpeg.run(["-f", "lavfi", "-i", graph, "-c:v", "ffv1", path])
    }
    let result = try await Self.compare(clip, look: look)
    #expect(result.psnr >= 45 && result.difference <= 1, "\(result.psnr) dB, \(result.difference)")
    for (frame, luma) in result.luma.enumerated() {
      #expect(abs(luma.reusing - luma.fresh) <= 3, "frame \(frame): \(luma)")
    }
    // Maps that come late must not make it waver: it gets no darker than without reuse. The natural look wavers by half a
    // level, since it is slow to follow.
    let slack = look == "faithful" ? 0.3 : 0.7
    for (before, after) in zip(result.luma, result.luma.dropFirst()).dropFirst(60).prefix(30) {
      #expect(after.reusing - before.reusing > min(after.fresh - before.fresh, 0) - slack, "\(before), \(after)")
    }
  }

  /// A light that goes on before a still camera, too little for a cut, is there at once.
  @Test(arguments: ["natural", "faithful"]) func suddenLight(look: String) async throws {
    let clip = Clip("sudden-light.mkv") { path in
      let scene = "28+10*sin(X/9)*cos(Y/7)"
      let graph =
        "color=black:size=320x240:rate=30:duration=2,format=yuv420p,geq=lum='\(scene)+15*gte(T,1)*lt(X,160)':cb=128:cr=128,"
        + "noise=alls=3:allf=t:all_seed=3"
      try await FFmpeg.run(["-f", "lavfi", "-i", graph, "-c:v", "ffv1", path])
    }
    let result = try await Self.compare(clip, look: look)
    #expect(result.estimated.contains(30) && result.reusedShare >= 0.9, "\(result.estimated)")
    for (frame, luma) in result.luma.enumerated() {
      #expect(abs(luma.reusing - luma.fresh) <= 1, "frame \(frame): \(luma)")
    }
  }

  /// A picture that slowly becomes black has no cut in it, after which it would look otherwise.
  @Test func fadesToBlack() async throws {
    let clip = Clip("fades-to-black.mkv") { path in
      let graph =
        "color=black:size=320x240:rate=10:duration=5,format=yuv420p,"
        + "geq=lum='28+10*sin(X/9)*cos(Y/7)+14*sin(T*1.2)':cb=128:cr=128,noise=alls=3:allf=t:all_seed=3"
      try await FFmpeg.run(["-f", "lavfi", "-i", graph, "-c:v", "ffv1", path])
    }
    for (frame, luma) in try await Self.compare(clip).luma.enumerated() {
      #expect(abs(luma.reusing - luma.fresh) <= 5, "frame \(frame): \(luma)")
    }
  }

  /// Where a lorry leaves the picture, the road that it has hidden does not keep the lorry's curves, though most of the
  /// picture has not changed.
  @Test(arguments: [("natural", 10.0), ("faithful", 3.0)]) func somethingLargeLeaves(look: String, most: Double)
    async throws
  {
    let clip = Clip("lorry-leaves.mkv") { path in
      let time = "rate=30:duration=4"
      let graph =
        "color=0x303030:size=640x360:\(time)[road];color=white:size=140x100:\(time)[lorry];"
        + "[road][lorry]overlay=x='500+max(0,t-2)*600':y=260,format=gbrp,colorlevels=romax=0.6:gomax=0.6:bomax=0.6,"
        + "noise=alls=6:allf=t:all_seed=3,format=yuv420p"
      try await FFmpeg.run(["-f", "lavfi", "-i", graph, "-c:v", "ffv1", path])
    }
    let corner = Region(width: 130, height: 90, left: 510, top: 270)
    let result = try await Self.compare(clip, look: look, region: corner)
    #expect(result.reusedShare >= 0.9, "\(result.estimated)")
    for (frame, luma) in result.luma.enumerated() {
      #expect(abs(luma.reusing - luma.fresh) <= most, "frame \(frame): \(luma)")
    }
  }

  /// A cut between two still, noisy scenes is estimated at the cut; all other frames but the first reuse a map, and show
  /// nearly what they would without reuse.
  @Test func cutBetweenStillScenes() async throws {
    let clip = Clip("fixed-camera.mkv") { path in
      let scene = "smptebars=size=320x240:rate=25:duration=2"
      try await FFmpeg.run([
        "-f", "lavfi", "-i",
        "\(scene),\(Self.dark)[a];mandelbrot=size=320x240:rate=25:end_scale=0.3,trim=end_frame=1,loop=49:1,"
          + "setpts=N/25/TB,\(Self.dark)[b];[a][b]concat", "-c:v", "ffv1", path,
      ])
    }
    let result = try await Self.compare(clip)
    #expect(result.frames == 100)
    let estimated = result.estimated
    #expect(estimated.first == 0 && estimated.contains(50), "the cut is at frame 50: \(estimated)")
    #expect(estimated.count <= 10, "\(estimated)")
    #expect(result.psnr >= 45 && result.difference <= 1, "\(result.psnr) dB, \(result.difference)")
  }
}
