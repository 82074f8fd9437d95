import Foundation
import TestSupport
import Testing

/// What the default look does over time, on clips made for it: lights that pass, lights that are switched, dusk, noise.
@Suite struct StabilityTests {
  private static let width = 240, height = 160, rate = 20

  /// Codes of one plane, frame by frame.
  private struct Frames {
    let codes: [UInt8]
    let width: Int, height: Int

    var count: Int { codes.count / (width * height) }

    /// The mean of a frame's rows.
    func mean(_ frame: Int, rows: Range<Int>) -> Double {
      let start = frame * width * height
      let part = codes[start + rows.lowerBound * width..<start + rows.upperBound * width]
      return Double(part.reduce(0) { $0 + Int($1) }) / Double(part.count)
    }

    func mean(_ frame: Int) -> Double { mean(frame, rows: 0..<height) }

    /// The mean distance of a frame's codes from those of the frame before.
    func change(_ frame: Int) -> Double {
      let size = width * height
      var sum = 0
      for index in frame * size..<(frame + 1) * size { sum += abs(Int(codes[index]) - Int(codes[index - size])) }
      return Double(sum) / Double(size)
    }
  }

  /// A clip in limited-range 4:2:0 whose luma is ffmpeg's expression of X, Y and T; colours are neutral.
  private static func clip(_ luma: String, seconds: Double, noise: Int = 0, in folder: TemporaryDirectory) async throws
    -> String
  {
    let path = folder.file("in.mkv")
    let source = "color=black:size=\(width)x\(height):rate=\(rate):duration=\(seconds),format=yuv420p"
    let filters = "geq=lum='\(luma)':cb=128:cr=128,noise=c0s=\(noise):c0f=t:all_seed=3"
    try await FFmpeg.run(["-f", "lavfi", "-i", source, "-vf", filters, "-c:v", "ffv1", path])
    return path
  }

  private static func luma(_ path: String) async throws -> Frames {
    Frames(
      codes: try await FFmpeg.pixels(of: path, format: "gray", filter: "extractplanes=y"), width: width, height: height)
  }

  /// The result's luma.
  private static func enhanced(_ input: String, _ options: String..., in folder: TemporaryDirectory) async throws
    -> Frames
  {
    let output = folder.file("out.mkv")
    expectSuccess(try await Program.run(["enhance", input, "-o", output, "-y", "--codec", "ffv1"] + options))
    return try await luma(output)
  }

  /// Dark tiles on a soft slope.
  private static let scene = "22+14*mod(floor(X/20)+floor(Y/20),2)+8*X/240"

  /// While headlights pass, the ground beside them keeps its brightness.
  @Test(arguments: [120, 300]) func headlightsDoNotPump(_ speed: Int) async throws {
    let folder = try TemporaryDirectory()
    let light = "if(lt(hypot(X-\(speed)*(T-0.8),Y-50),22),235,\(Self.scene))"
    let frames = try await Self.enhanced(try await Self.clip(light, seconds: 4, noise: 4, in: folder), in: folder)
    let ground = (0..<frames.count).map { frames.mean($0, rows: 90..<160) - 16 }
    let (least, most) = (ground.dropFirst(4).min()!, ground.dropFirst(4).max()!)
    #expect(most < 1.15 * least, "\(least) to \(most)")
    for (a, b) in zip(ground.dropFirst(4), ground.dropFirst(5)) { #expect(abs(a - b) < 0.03 * most, "\(a), \(b)") }
  }

  /// Half a second after a light was switched, the picture is as it stays; no black or white frame lies between.
  @Test(arguments: [(1.0, 2.5), (2.5, 1.0), (1.0, 1.4), (1.0, 5.0)])
  func lightSwitchesSettle(_ light: (before: Double, after: Double)) async throws {
    let folder = try TemporaryDirectory()
    let luma = "16+(\(Self.scene)-16)*if(lt(T,1),\(light.before),\(light.after))"
    let frames = try await Self.enhanced(try await Self.clip(luma, seconds: 4, noise: 3, in: folder), in: folder)
    let last = frames.mean(frames.count - 1) - 16
    for frame in Self.rate * 3 / 2 + 1..<frames.count {
      #expect(abs(frames.mean(frame) - 16 - last) < 0.05 * last, "frame \(frame): \(frames.mean(frame)), then \(last)")
    }
    for frame in 0..<frames.count { #expect((40...200).contains(frames.mean(frame)), "frame \(frame)") }
  }

  /// From day into night and back: never a jump, untouched by day, enhanced at night, and no wavering in between.
  @Test func duskAndDawnAreGradual() async throws {
    let folder = try TemporaryDirectory()
    let luma = "16+(\(Self.scene)-16)*(5-4.5*min(1,max(0,min(T,24-T))/10))"
    let input = try await Self.clip(luma, seconds: 30, in: folder)
    let before = try await Self.luma(input)
    let after = try await Self.enhanced(input, in: folder)
    for frame in [0, 5, after.count - 5, after.count - 1] {
      #expect(abs(after.mean(frame) - before.mean(frame)) < 0.01, "frame \(frame)")
    }
    #expect(after.mean(12 * Self.rate) > before.mean(12 * Self.rate) + 30)
    for frame in 1..<after.count {
      #expect(abs(after.mean(frame) - after.mean(frame - 1)) < 3, "frame \(frame)")
    }
    // One way into the night, one way out.
    let added = (0..<after.count).map { after.mean($0) - before.mean($0) > 1 }
    #expect(zip(added, added.dropFirst()).count { $0 != $1 } == 2)
  }

  /// Something dark that fills most of a daylight picture for a moment does not make it a night.
  @Test func darkThingsByDayChangeNothing() async throws {
    let folder = try TemporaryDirectory()
    let luma = "if(between(X,200*(T-1)-140,200*(T-1)),30,110+40*mod(floor(X/20)+floor(Y/20),2))"
    let input = try await Self.clip(luma, seconds: 4, in: folder)
    let (before, after) = (try await Self.luma(input), try await Self.enhanced(input, in: folder))
    #expect(after.codes == before.codes)
  }

  /// After a cut, nothing of the scene before is left, and the first frame is as bright as the next ones.
  @Test func cutsTakeEffectAtOnce() async throws {
    let folder = try TemporaryDirectory()
    let luma = "if(lt(T,1),\(Self.scene),16+70*(0.2+0.8*mod(floor(Y/40),2)))"
    let frames = try await Self.enhanced(try await Self.clip(luma, seconds: 2, noise: 3, in: folder), in: folder)
    for frame in Self.rate..<frames.count {
      #expect(abs(frames.mean(frame) - frames.mean(frames.count - 1)) < 2, "frame \(frame)")
      let contrast = frames.mean(frame, rows: 44..<76) - frames.mean(frame, rows: 84..<116)
      #expect(contrast > 40, "frame \(frame)")
    }
  }

  /// Noise is measured: of strong noise as much is averaged away as of weak noise.
  @Test(arguments: [6, 16, 28])
  func noiseIsMeasured(_ noise: Int) async throws {
    let folder = try TemporaryDirectory()
    let input = try await Self.clip(Self.scene, seconds: 2, noise: noise, in: folder)
    let quiet = try await Self.enhanced(input, in: folder)
    let noisy = try await Self.enhanced(input, "--denoise", "off", in: folder)
    let half = try await Self.enhanced(input, "--denoise", "0.5", in: folder)
    func change(_ frames: Frames) -> Double {
      (frames.count / 2..<frames.count).map(frames.change).reduce(0, +) / Double(frames.count / 2)
    }
    #expect(change(quiet) < 0.2 * change(noisy), "\(change(quiet)) of \(change(noisy))")
    #expect(change(half) > change(quiet) && change(half) < change(noisy))
    // The tiles are still there.
    let frame = quiet.count - 1
    func tile(_ x: Int, _ y: Int) -> Double {
      let rows = y * 20 + 4..<y * 20 + 16
      return rows.map { row in
        let start = (frame * Self.height + row) * Self.width + x * 20 + 4
        return Double(quiet.codes[start..<start + 12].reduce(0) { $0 + Int($1) }) / 12
      }.reduce(0, +) / Double(rows.count)
    }
    #expect(abs(tile(5, 3) - tile(6, 3)) > 15)
  }

  /// Infrared footage, noise and all: chroma stays neutral to the last code.
  @Test func infraredStaysGrey() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Self.clip(Self.scene, seconds: 1, noise: 12, in: folder)
    for options in [[], ["--look", "strong"], ["--denoise", "off"]] {
      let output = folder.file("out.mkv")
      expectSuccess(try await Program.run(["enhance", input, "-o", output, "-y", "--codec", "ffv1"] + options))
      let codes = try await FFmpeg.pixels(of: output, format: "yuv420p")
      let luma = Self.width * Self.height, frame = luma * 3 / 2
      for start in stride(from: 0, to: codes.count, by: frame) {
        #expect(codes[start + luma..<start + frame].allSatisfy { $0 == 128 })
      }
    }
  }
}
