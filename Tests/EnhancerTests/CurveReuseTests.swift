import Frames
import Testing

@testable import Enhancer

/// When a map is used again.
struct CurveReuseTests {
  /// A dark scene with structure; `offset` is added everywhere.
  private static func scene(
    _ width: Int = 320, _ height: Int = 200, offset: Float = 0, noise: UInt64? = nil
  ) -> PlanarFrame {
    let frame = PlanarFrame(width: width, height: height)
    var numbers = Numbers(seed: noise ?? 0)
    for channel in 0..<3 {
      for y in 0..<height {
        for x in 0..<width {
          let base = 0.1 + 0.1 * Float((x / 40 + y / 40) % 2) + offset
          frame[channel, y, x] = min(max(base + (noise == nil ? 0 : numbers.uniform(0.03)), 0), 1)
        }
      }
    }
    return frame
  }

  private static func source(_ change: (inout EnhancementOptions) -> Void = { _ in }) throws -> CurveSource {
    var options = EnhancementOptions()
    options.look = .faithful
    change(&options)
    return try CurveSource(weights: madeUpWeights(.zeroDCEPlusPlus, seed: 1), options: options)
  }

  @Test func staticSceneWithNoise() throws {
    let source = try Self.source()
    let reused = (0..<20).map { source.curve(for: Self.scene(noise: UInt64($0 + 1))).reused }
    #expect(reused == [false] + Array(repeating: true, count: 19))
  }

  /// Each frame is close to the one before, but the map's own frame gets far.
  @Test func slowDriftAddsUp() throws {
    let source = try Self.source()
    let reused = (0..<30).map { source.curve(for: Self.scene(offset: Float($0) * 0.001)).reused }
    let estimated = reused.indices.filter { !reused[$0] }
    #expect(estimated.count >= 5 && estimated.count <= 10)
    for (earlier, later) in zip(estimated, estimated.dropFirst()) { #expect((2...6).contains(later - earlier)) }
  }

  @Test func cutIsEstimatedAtOnce() throws {
    let source = try Self.source()
    let scenes = [Self.scene(), Self.scene(), Self.scene(offset: 0.3), Self.scene(offset: 0.3), Self.scene()]
    #expect(scenes.map { source.curve(for: $0).reused } == [false, true, false, true, false])
  }

  @Test func somethingLargeAppears() throws {
    let source = try Self.source()
    let other = Self.scene()
    for channel in 0..<3 {
      for y in 0..<96 { for x in 0..<96 { other[channel, y, x] = 0.9 } }
    }
    #expect([Self.scene(), other].map { source.curve(for: $0).reused } == [false, false])
  }

  @Test func modes() throws {
    let off = try Self.source { $0.reuse = .off }
    #expect((0..<3).map { _ in off.curve(for: Self.scene()).reused } == [false, false, false])
    let always = try Self.source { $0.reuse = .always }
    let scenes = [Self.scene(), Self.scene(offset: 0.5), Self.scene(100, 100), Self.scene(100, 100, offset: 0.5)]
    #expect(scenes.map { always.curve(for: $0).reused } == [false, true, false, true])
    let strict = try Self.source { $0.reuseThreshold = 0 }
    #expect([1, 1, 2].map { strict.curve(for: Self.scene(noise: $0)).reused } == [false, true, false])
  }

  @Test func limits() {
    let dark = PlanarFrame(width: 20, height: 9)
    let other = PlanarFrame(width: 20, height: 9)
    #expect(CurveReuse.difference(dark, other) == CurveReuse.Difference())
    // The last block is 4 x 1 cells.
    for channel in 0..<3 { for x in 16..<20 { other[channel, 8, x] = 0.45 } }
    let difference = CurveReuse.difference(dark, other)
    #expect(abs(difference.mean - 0.45 * 4 / 180) < 1e-6 && abs(difference.block - 0.45) < 1e-6)
    // Four of the 180 cells, in a block of their own.
    #expect(abs(difference.shift - 0.45 * (4.0 / 180).squareRoot()) < 1e-6)
    #expect(!CurveReuse(mode: .auto, threshold: 0.03).isReusable(from: dark, for: other))
    #expect(CurveReuse(mode: .auto, threshold: 0.04).isReusable(from: dark, for: other))
    #expect(!CurveReuse(mode: .always).isReusable(from: dark, for: PlanarFrame(width: 9, height: 20)))
  }

  /// For half a second, a map serves frames whose result is likely to stay close, but no other scene.
  @Test(arguments: [
    (0.01, 0.49, 0.1, true), (0.01, 0.5, 0.1, false), (0.01, -0.1, 0.1, false), (0.0161, 0.1, 0.1, false),
    (0.0159, 0.1, 0.1, true), (0.01, 0.1, 0.035, false),
  ])
  func patience(error: Double, seconds: Double, brightness: Double, expected: Bool) {
    let reuse = CurveReuse(mode: .auto, threshold: 0.004)
    let difference = CurveReuse.Difference(mean: 0.005, block: 0.3, shift: 0.02)
    let age = CurveReuse.Age(seconds: seconds, frames: 15)
    func isReusable(_ reuse: CurveReuse, _ difference: CurveReuse.Difference, _ age: CurveReuse.Age?) -> Bool {
      reuse.isReusable(difference, error: error, age: age, brightness: (brightness, brightness))
    }
    #expect(isReusable(reuse, difference, age) == expected)
    #expect(!isReusable(reuse, difference, nil))
    #expect(!isReusable(CurveReuse(mode: .off), difference, age))
    #expect(!isReusable(CurveReuse(mode: .auto, threshold: 0), difference, age))
    #expect(!isReusable(CurveReuse(mode: .auto, threshold: 0.004, isStrict: true), difference, age))
    // Texture that moves is no other light, but what differs by half of a cut is looked at again.
    let texture = CurveReuse.Difference(mean: 0.24 * brightness, block: 0.3, shift: 0.01)
    #expect(isReusable(reuse, texture, age) == (error < 0.016 && (0..<0.5).contains(seconds)))
    let other = CurveReuse.Difference(mean: 0.26 * brightness, block: 0.3, shift: 0.01)
    #expect(!isReusable(reuse, other, age))
    #expect(reuse.isSudden(error) == (error > 0.016))
    // What is nearly the same needs neither an age nor a prediction.
    #expect(isReusable(reuse, CurveReuse.Difference(mean: 0.004, block: 0.048, shift: 0.004), nil))
  }

  /// Slow cameras: twelve frames or two seconds, whichever is less, while the whole stays as bright.
  @Test(arguments: [
    (1.1, 11, 0.204, true), (1.1, 11, 0.206, false), (1.2, 12, 0.2, false), (1.99, 3, 0.196, true), (2, 2, 0.2, false),
    (0.4, 40, 0.2, true), (0.4, 5, 0.2099, true),
    (0.4, 5, 0.2101, false), (0.4, 5, 0.1899, false),
  ])
  func patienceInFrames(seconds: Double, frames: Int, now: Double, expected: Bool) {
    let difference = CurveReuse.Difference(mean: 0.01, block: 0.1, shift: 0.01)
    let age = CurveReuse.Age(seconds: seconds, frames: frames)
    #expect(
      CurveReuse(mode: .auto).isReusable(difference, error: 0.01, age: age, brightness: (0.2, now)) == expected)
  }

  /// Another scene is one even if its regions are as bright as those before: patience is not for cuts.
  @Test func cutsAreNotWaitedFor() throws {
    let source = try Self.source { $0.look = .natural }
    func frame(_ number: Int) throws -> VideoFrame {
      let frame = try TestFrame("gray", width: 384, height: 240)
      for y in 0..<240 {
        for x in 0..<384 { frame[0, y, x] = (x / 12 + y / 12 + (number >= 6 ? 1 : 0)) % 2 == 0 ? 20 : 90 }
      }
      frame.frame.raw.pointee.pts = Int64(number)
      return frame.frame
    }
    #expect(try (0..<12).map { try source.curve(for: frame($0)).reused } == (0..<12).map { $0 != 0 && $0 != 6 })
  }

  /// A difference within blocks is no shift of them; the last ones are smaller.
  @Test func shifts() {
    let a = PlanarFrame(width: 150, height: 26), b = PlanarFrame(width: 150, height: 26)
    for channel in 0..<3 {
      for y in 0..<26 { for x in 0..<150 { b[channel, y, x] = (x + y) % 2 == 0 ? 0.5 : 0 } }
    }
    let texture = CurveReuse.difference(a, b)
    #expect(abs(texture.mean - 0.25) < 1e-6 && abs(texture.shift - 0.25) < 1e-6)
    for channel in 0..<3 {
      for y in 0..<26 { for x in 0..<150 { a[channel, y, x] = (x + y) % 2 == 1 ? 0.5 : 0 } }
    }
    let moved = CurveReuse.difference(a, b)
    #expect(abs(moved.mean - 0.5) < 1e-6 && moved.shift < 1e-6)
  }

  /// Maps are filled again only when nobody holds them.
  @Test func mapsInUseStay() throws {
    let source = try Self.source { $0.reuse = .off }
    var held: [(map: CurveMap, values: [Float])] = []
    for index in 0..<6 {
      let map = source.curve(for: Self.scene(offset: Float(index) * 0.1)).map
      held.append((map, map.values))
    }
    for (map, values) in held { #expect(map.values == values) }
    #expect(Set(held.map { ObjectIdentifier($0.map) }).count == 6)
    held = []
    let objects = (0..<10).map { ObjectIdentifier(source.curve(for: Self.scene(offset: Float($0) * 0.05)).map) }
    #expect(Set(objects).count <= 2)
  }
}
