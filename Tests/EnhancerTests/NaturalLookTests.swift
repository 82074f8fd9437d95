import CFFmpeg
import Frames
import Testing

@testable import Enhancer

/// What the natural look promises, on pictures made for it.
struct NaturalLookTests {
  private static func enhancer(
    threads: Int = 1, kernels: Kernels = .best, _ change: (inout EnhancementOptions) -> Void = { _ in }
  ) throws -> Enhancer {
    var options = EnhancementOptions()
    change(&options)
    return try Enhancer(options: options, threads: threads, kernels: kernels)
  }

  /// Limited-range 4:2:0: `luma` by column and row, chroma neutral unless said.
  private static func frame(
    _ format: String = "yuv420p", width: Int = 240, height: Int = 160, interlaced: Bool = false,
    chroma: (Int, Int) -> Int = { _, _ in 128 }, luma: (Int, Int) -> Int
  ) throws -> TestFrame {
    let frame = try TestFrame(format, width: width, height: height, interlaced: interlaced)
    let up = frame.layout.depth - 8
    for component in 0..<frame.componentCount {
      let size = frame.size(component)
      for y in 0..<size.height {
        for x in 0..<size.width {
          frame[component, y, x] = (component == 0 ? luma(x, y) : chroma(x, y)) << up
        }
      }
    }
    return frame
  }

  private static func mean(_ frame: TestFrame, component: Int = 0) -> Double {
    let size = frame.size(component)
    var sum = 0
    for y in 0..<size.height { for x in 0..<size.width { sum += frame[component, y, x] } }
    return Double(sum) / Double(size.width * size.height)
  }

  private static func night(_ x: Int, _ y: Int) -> Int { 20 + (x / 20 + y / 20) % 2 * 16 }

  @Test(arguments: [(1, 1), (3, 2), (17, 1023), (720, 405)])
  func sizes(_ size: (Int, Int)) throws {
    let enhancer = try Self.enhancer(threads: 2)
    for format in ["yuv420p", "yuv422p10le", "nv12", "yuyv422", "gray", "rgb24", "bgr0", "gbrp", "rgb48le"] {
      let layout = try TestFrame(format, width: size.0, height: size.1).layout
      let dark = try Self.frame(
        format, width: size.0, height: size.1, chroma: { _, _ in layout.model == .rgb ? 30 : 128 }
      ) {
        _, _ in 40
      }
      let result = TestFrame(try enhancer.enhance(dark.frame))
      #expect(result.frame.format == dark.frame.format)
      #expect(Self.mean(result) > Self.mean(dark) * 1.3, "\(format)")
    }
  }

  /// Neither bands nor threads nor instruction sets show, over several frames.
  @Test(arguments: ["yuv420p", "nv12", "yuv420p10le", "rgb24"], [false, true])
  func resultsDoNotDependOnThreads(_ format: String, _ interlaced: Bool) throws {
    var numbers = Numbers(seed: 3)
    let frames = try (0..<4).map { index in
      try Self.frame(
        format, width: 131, height: 227, interlaced: interlaced,
        chroma: { _, _ in 126 + Int.random(in: 0...4, using: &numbers) }
      ) { x, y in Self.night(x + 3 * index, y) + Int.random(in: 0...5, using: &numbers) }
    }
    func results(threads: Int, _ kernels: Kernels = .best) throws -> [[Int]] {
      let enhancer = try Self.enhancer(threads: threads, kernels: kernels)
      return try frames.map { frame in
        let result = TestFrame(try enhancer.enhance(frame.frame))
        return (0..<result.componentCount).flatMap { component in
          let size = result.size(component)
          return (0..<size.height).flatMap { y in (0..<size.width).map { result[component, y, $0] } }
        }
      }
    }
    let one = try results(threads: 1)
    #expect(try results(threads: 2) == one)
    #expect(try results(threads: 4) == one)
    let largest = 1 << (frames[0].layout.depth - 8)
    for (a, b) in zip(one.joined(), try results(threads: 1, #require(Kernels(.plain))).joined()) {
      #expect(abs(a - b) <= 2 * largest)
    }
  }

  @Test func daylightPasses() throws {
    let enhancer = try Self.enhancer()
    let day = try Self.frame { x, y in 60 + (x + y) % 120 }
    #expect(try enhancer.enhance(day.frame) === day.frame)
    let always = try Self.enhancer { $0.when = .always }
    #expect(try always.enhance(day.frame) !== day.frame)
  }

  /// Infrared cameras: nothing may get a colour.
  @Test func greyStaysGrey() throws {
    var numbers = Numbers(seed: 9)
    let enhancer = try Self.enhancer()
    for _ in 0..<3 {
      let frame = try Self.frame { x, y in Self.night(x, y) + Int.random(in: 0...6, using: &numbers) }
      let result = TestFrame(try enhancer.enhance(frame.frame))
      let size = result.size(1)
      for component in 1...2 {
        for y in 0..<size.height { for x in 0..<size.width { #expect(result[component, y, x] == 128) } }
      }
    }
  }

  /// Codes next to black have no colour worth showing; bright ones keep theirs.
  @Test func blackHasNoColor() throws {
    let enhancer = try Self.enhancer { $0.denoising = 0 }
    let frame = try Self.frame(chroma: { x, _ in x < 60 ? 134 : 148 }) { x, _ in x < 120 ? 17 : 90 }
    let result = TestFrame(try enhancer.enhance(frame.frame))
    #expect(abs(result[1, 40, 30] - 128) <= 2, "\(result[1, 40, 30])")
    #expect(result[1, 40, 90] >= 145, "\(result[1, 40, 90])")
  }

  /// Where lights leave room, exposure does the work, and contrast stays; a bright lamp takes the room away.
  @Test func exposureStopsAtLights() throws {
    func tone(_ luma: (Int, Int) -> Int) throws -> Tone {
      try #require(try Self.enhancer().curve(for: Self.frame(luma: luma).frame).map.tone)
    }
    #expect(try tone(Self.night).gain > 1.5)
    #expect(try tone { x, y in x > 180 && y < 60 ? 235 : Self.night(x, y) }.gain == 1)
  }

  /// Noise on what stands still is averaged away; what moves leaves no trace.
  @Test func denoisesWithoutGhosts() throws {
    var numbers = Numbers(seed: 4)
    let quiet = try Self.enhancer(), noisy = try Self.enhancer { $0.denoising = 0 }
    var changes = (quiet: 0.0, noisy: 0.0)
    var last: (quiet: TestFrame, noisy: TestFrame)?
    for index in 0..<16 {
      // A bar, eight codes above the ground, walks to the right.
      let frame = try Self.frame { x, y in
        24 + (abs(x - 20 - 8 * index) < 10 ? 8 : 0) + Int.random(in: 0...4, using: &numbers)
      }
      let results = (
        quiet: TestFrame(try quiet.enhance(frame.frame)), noisy: TestFrame(try noisy.enhance(frame.frame))
      )
      defer { last = results }
      guard index >= 8, let last else { continue }
      for y in 40..<120 {
        for x in 200..<240 {
          changes.quiet += Double(abs(results.quiet[0, y, x] - last.quiet[0, y, x]))
          changes.noisy += Double(abs(results.noisy[0, y, x] - last.noisy[0, y, x]))
        }
      }
      // Where the bar was four frames ago, the ground is as bright as elsewhere.
      func mean(_ columns: Range<Int>) -> Double {
        var sum = 0
        for y in 40..<120 { for x in columns { sum += results.quiet[0, y, x] } }
        return Double(sum) / Double(80 * columns.count)
      }
      let trace = 20 + 8 * (index - 4)
      #expect(abs(mean(trace - 5..<trace + 5) - mean(200..<220)) < 4, "frame \(index)")
    }
    #expect(changes.quiet < 0.35 * changes.noisy, "\(changes)")
  }

  /// A new scene is shown with its own map at once; anything less is reached within half a second.
  @Test func mapsFadeAndCutsDoNot() throws {
    // How much of the look a scene gets may depend on the one before; its map does not.
    func always(_ options: inout EnhancementOptions) { options.when = .always }
    let enhancer = try Self.enhancer(always)
    let first = try Self.frame(luma: Self.night)
    let brighter = try Self.frame { x, y in Self.night(x, y) + 6 }
    let other = try Self.frame { x, y in 120 - 90 * (x / 60 % 2) }
    func fresh(_ frame: TestFrame) throws -> CurveMap { try Self.enhancer(always).curve(for: frame.frame).map }
    func distance(_ a: CurveMap, _ b: CurveMap) -> Float {
      difference(a.values, b.values).largest + abs((a.tone?.gain ?? 1) - (b.tone?.gain ?? 1))
    }
    /// The maps of the first frame and of the brighter ones after it.
    func maps(_ enhancer: Enhancer, count: Int) throws -> [CurveMap] {
      first.frame.raw.pointee.pts = 0
      return try [enhancer.curve(for: first.frame).map]
        + (1...count).map { step in
          brighter.frame.raw.pointee.pts = Int64(step)
          return try enhancer.curve(for: brighter.frame).map
        }
    }
    // Where it ends: the exposure may stay within its tolerance of that of a fresh start.
    let target = try maps(Self.enhancer(always), count: 60).last!
    let way = try maps(enhancer, count: 13).dropFirst().map { distance($0, target) }
    let jump = distance(try fresh(first), target)
    #expect(way[0] > 0.3 * jump && way[12] < 0.03 * jump, "\(way), of \(jump)")
    #expect(zip(way, way.dropFirst()).allSatisfy { $0 >= $1 })
    other.frame.raw.pointee.pts = 14
    #expect(distance(try enhancer.curve(for: other.frame).map, try fresh(other)) == 0)
  }

  /// Where frames carry no times, or all the same, maps are reached as well.
  @Test func fadesWithoutTimes() throws {
    let enhancer = try Self.enhancer()
    let frames = try [0, 6].map { more in try Self.frame { x, y in Self.night(x, y) + more } }
    for frame in frames { frame.frame.raw.pointee.pts = 0 }
    _ = try enhancer.curve(for: frames[0].frame)
    var map = try enhancer.curve(for: frames[1].frame).map
    let start = map.values
    for _ in 0..<30 { map = try enhancer.curve(for: frames[1].frame).map }
    let later = map.values
    for _ in 0..<30 { map = try enhancer.curve(for: frames[1].frame).map }
    #expect(difference(later, map.values).largest < 0.002)
    #expect(difference(later, start).largest > 0.01)
  }

  /// What is not a number is somebody's mistake, but no reason to end the program.
  @Test func survivesWhatIsNoNumber() throws {
    let planar = PlanarFrame(width: 64, height: 48)
    for channel in 0..<3 { planar[channel, 5, 7] = .nan }
    let result = try Self.enhancer().enhance(planar)
    #expect(result.values.allSatisfy { $0 >= 0 && $0 <= 1 })
  }

  /// What has no end is neither, and nothing of it stays in the maps of the frames after it.
  @Test func survivesInfinity() throws {
    let planar = PlanarFrame(width: 64, height: 48)
    for channel in 0..<3 { for y in 0..<48 { for x in 0..<64 { planar[channel, y, x] = 0.05 + Float(x) / 500 } } }
    let enhancer = try Self.enhancer()
    for frame in 0..<40 {
      for channel in 0..<3 { planar[channel, 5, 7] = frame == 3 ? .infinity : 0.05 }
      let map = enhancer.curve(for: planar).map
      #expect(map.values.allSatisfy { $0 >= -1 && $0 <= 1 }, "frame \(frame)")
      #expect(enhancer.enhance(planar).values.allSatisfy { $0 >= 0 && $0 <= 1 }, "frame \(frame)")
    }
  }
}
