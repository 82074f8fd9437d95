import CKernels
import Frames
import Testing

@testable import Enhancer

/// What is not made anew must look as if it had been.
struct StillTilesTests {
  private static let width = 256, height = 160

  private static func enhancer(denoising: Double = 1) throws -> Enhancer {
    var options = EnhancementOptions()
    options.denoising = denoising
    options.reuse = .always
    return try Enhancer(options: options, threads: 2)
  }

  /// A dark frame of 4:2:0.
  private static func frame(_ format: String = "yuv420p", luma: (Int, Int) -> Int) throws -> TestFrame {
    let frame = try TestFrame(format, width: width, height: height)
    for y in 0..<height { for x in 0..<width { frame[0, y, x] = luma(x, y) } }
    for component in 1...2 {
      for y in 0..<height / 2 { for x in 0..<width / 2 { frame[component, y, x] = 128 } }
    }
    return frame
  }

  private static func night(_ x: Int, _ y: Int) -> Int { 20 + (x / 20 + y / 20) % 2 * 12 }

  @Test func repeatedFramesRest() throws {
    let enhancer = try Self.enhancer()
    let dark = try Self.frame(luma: Self.night)
    var results: [TestFrame] = []
    for _ in 0..<50 { results.append(TestFrame(try enhancer.enhance(dark.frame))) }
    let last = results[49].codes
    #expect(results[40...].allSatisfy { $0.codes == last })
    // And at what a picture without history would show, but for edges that a first frame is smoothed at.
    let fresh = TestFrame(try Self.enhancer().enhance(dark.frame)).codes
    let difference = zip(last, fresh).map { abs($0 - $1) }
    #expect(Double(difference.reduce(0, +)) / Double(difference.count) < 2)
  }

  /// At the smallest scale, where every row has cells of its own, each goes by these: also where it has colour of its own,
  /// so that eight groups of rows are made at a time.
  @Test func rowsGoByTheirOwnCurves() throws {
    var options = EnhancementOptions()
    options.scale = 1
    options.denoising = 0
    func enhanced(_ format: String, columns: Int) throws -> TestFrame {
      let frame = try TestFrame(format, width: 64, height: 48)
      for y in 0..<48 {
        // Lights leave brightness to the curves.
        for x in 0..<64 { frame[0, y, x] = x < 4 ? 235 : y % 16 < 8 ? 22 : 60 }
        for component in 1...2 { for x in 0..<columns { frame[component, y, x] = 128 } }
      }
      return TestFrame(try Enhancer(options: options, threads: 1).enhance(frame.frame))
    }
    let halved = try enhanced("yuv422p", columns: 32), full = try enhanced("yuv444p", columns: 64)
    for y in 0..<48 { #expect(abs(halved[0, y, 31] - full[0, y, 31]) <= 1, "row \(y)") }
  }

  /// Two tiles of colour are worked on together; what one of them is does not keep the other from what it shows.
  @Test(arguments: 1...9)
  func colourSettlesBesideOther(_ delay: Int) throws {
    func shown(isDisturbed: Bool) throws -> Double {
      let enhancer = try Self.enhancer()
      var result: TestFrame?
      for number in 0..<100 {
        let dark = try Self.frame(luma: Self.night)
        for y in 0..<4 {
          for x in 0..<16 { dark[1, y, x] = 128 + (x * 3 + y * 5) % 8 + (number >= 40 ? 1 : 0) }
        }
        if isDisturbed, number >= 40 + delay { dark[1, 1, 20] = 129 }
        result = TestFrame(try enhancer.enhance(dark.frame))
      }
      let last = try #require(result)
      return Double((0..<64).reduce(0) { $0 + last[1, $1 / 16, $1 % 16] }) / 64
    }
    let (disturbed, alone) = (try shown(isDisturbed: true), try shown(isDisturbed: false))
    #expect(abs(disturbed - alone) < 0.25, "\(disturbed) beside the other, \(alone) alone")
  }

  /// Whoever keeps a frame finds it as it was.
  @Test func resultsInUseAreLeftAlone() throws {
    let enhancer = try Self.enhancer()
    var kept: [(frame: TestFrame, codes: [Int])] = []
    for number in 0..<40 {
      let dark = try Self.frame { x, y in Self.night(x, y) + (x / 32 == number % 8 ? 9 : 0) }
      let result = TestFrame(try enhancer.enhance(dark.frame))
      // Some are kept, others go back and are written to again.
      if number % 3 == 0 { kept.append((result, result.codes)) }
    }
    for (frame, codes) in kept { #expect(frame.codes == codes) }
  }

  /// Rows that hardly repeat are not looked at for a while; what was there before that passes for no repeat.
  @Test(arguments: [2, 3, 8, 32, 33, 38])
  func whatComesBackIsNoRepeat(_ period: Int) throws {
    let held = try Self.enhancer(), made = try Self.enhancer()
    for number in 0..<90 {
      func luma(_ x: Int, _ y: Int) -> Int { 20 + (x / 8 + y / 8 + number % period * 5) % 13 * 6 }
      let planar = TestFrame(try held.enhance(try Self.frame(luma: luma).frame))
      let other = TestFrame(try made.enhance(try Self.frame("nv12", luma: luma).frame))
      for y in stride(from: 4, to: Self.height, by: 16) {
        for x in stride(from: 4, to: Self.width, by: 16) {
          #expect(abs(planar[0, y, x] - other[0, y, x]) <= 1, "frame \(number) at \(x), \(y)")
        }
      }
    }
  }

  /// Cameras that show a frame twice, each or one of six, are found out for as long as they do.
  @Test(arguments: [2, 3, 6])
  func framesShownTwiceAreFound(_ period: Int) throws {
    var options = EnhancementOptions()
    options.reuse = .always
    let source = try CurveSource(options: options), application = CurveApplication(threads: 1)
    for number in 0..<100 {
      let shown = number - number / period
      let frame = try Self.frame { x, y in 20 + (x / 8 + y / 8 + shown * 5) % 13 * 6 }
      _ = try application.apply(source.curve(for: frame.frame).map, to: frame.frame)
      let isRepeated = number > 0 && number % period == 0
      for y in stride(from: 0, to: Self.height, by: 8) where number > 0 {
        #expect(
          (application.tiles.states(y, component: 0)[0] >= ZDK_REPEATED) == isRepeated, "frame \(number), row \(y)")
      }
    }
  }

  /// Footage that comes to rest after having moved for long is found out, row by row, while other rows go on.
  @Test func restIsFoundAfterMotion() throws {
    var options = EnhancementOptions()
    options.reuse = .always
    let source = try CurveSource(options: options), application = CurveApplication(threads: 1)
    for number in 0..<150 {
      let frame = try Self.frame { x, y in
        number < 50 || y >= 96 ? 20 + (x / 8 + y / 8 + number * 5) % 13 * 6 : Self.night(x, y)
      }
      _ = try application.apply(source.curve(for: frame.frame).map, to: frame.frame)
    }
    for y in stride(from: 0, to: Self.height, by: 8) {
      #expect(application.tiles.isActive(y, component: 0) == (y >= 96), "row \(y)")
    }
  }

  /// Something appears and goes: at once, and nowhere else.
  @Test func changesShowAtOnce() throws {
    let enhancer = try Self.enhancer()
    let dark = try Self.frame(luma: Self.night)
    let lit = try Self.frame { x, y in (100..<110).contains(x) && (60..<70).contains(y) ? 90 : Self.night(x, y) }
    var before: TestFrame?
    for _ in 0..<40 { before = TestFrame(try enhancer.enhance(dark.frame)) }
    let rested = try #require(before)
    let result = TestFrame(try enhancer.enhance(lit.frame))
    #expect(result[0, 65, 105] > rested[0, 65, 105] + 40)
    for y in stride(from: 0, to: Self.height, by: 7) {
      for x in stride(from: 0, to: Self.width, by: 7) where abs(x - 105) > 48 || abs(y - 65) > 24 {
        #expect(result[0, y, x] == rested[0, y, x], "at \(x), \(y)")
      }
    }
    // A third of a second later, nothing is left of it.
    var gone = result
    for _ in 0..<12 { gone = TestFrame(try enhancer.enhance(dark.frame)) }
    #expect(abs(gone[0, 65, 105] - rested[0, 65, 105]) <= 2)
  }

  /// What is faint and moves leaves no trail, whether or not tiles are held, and whatever passes by in bright light.
  @Test(arguments: ["yuv420p", "nv12"], [false, true])
  func faintThingsLeaveNoTrail(_ format: String, _ hasRoughRoad: Bool) throws {
    let enhancer = try Self.enhancer()
    var generator: UInt32 = 1
    var result: TestFrame?
    func show(_ left: Int) throws {
      let frame = try Self.frame(format) { x, y in
        if hasRoughRoad, y >= 144 {
          generator = generator &* 1_664_525 &+ 1_013_904_223
          return 90 + Int(generator >> 16) % 41
        }
        return (left..<left + 30).contains(x) && (40..<120).contains(y) ? 22 : 18
      }
      result = TestFrame(try enhancer.enhance(frame.frame))
    }
    for _ in 0..<30 { try show(-100) }
    for step in 0..<30 { try show(20 + 5 * step) }
    let last = try #require(result)
    // It stands at 165 now; six frames ago it left what is to the left of 135.
    let ground = last[0, 80, 240]
    #expect(last[0, 80, 180] > ground + 8)
    for x in 25..<130 { #expect(abs(last[0, 80, x] - ground) <= 3, "at \(x)") }
  }

  /// Dusk comes by less than a code at a time.
  @Test func slowChangesComeThrough() throws {
    let held = try Self.enhancer(), made = try Self.enhancer()
    for number in 0..<120 {
      // A slope, so that every frame moves some pixels by one code.
      func luma(_ x: Int, _ y: Int) -> Int { 20 + (x * 4 + number * 3) / 64 }
      let planar = TestFrame(try held.enhance(try Self.frame(luma: luma).frame))
      let other = TestFrame(try made.enhance(try Self.frame("nv12", luma: luma).frame))
      guard number % 20 == 19 else { continue }
      for y in stride(from: 4, to: Self.height, by: 31) {
        for x in stride(from: 4, to: Self.width, by: 31) {
          #expect(abs(planar[0, y, x] - other[0, y, x]) <= 4, "frame \(number) at \(x), \(y)")
        }
      }
    }
  }

  /// Whatever is left of a row behind its last tile: a light that goes on is seen, and what rests looks as if made anew.
  @Test(arguments: [30, 34, 66, 96, 160, 224])
  func allWidthsAreSeenTo(_ width: Int) throws {
    let held = try Self.enhancer(), made = try Self.enhancer()
    let height = 60
    for number in 0..<50 {
      func frame(_ format: String) throws -> TestFrame {
        let frame = try TestFrame(format, width: width, height: height)
        for y in 0..<height {
          for x in 0..<width { frame[0, y, x] = number >= 44 && x > width - 6 && y > 50 ? 90 : Self.night(x, y) }
        }
        for component in 1...2 {
          for y in 0..<height / 2 { for x in 0..<width / 2 { frame[component, y, x] = 128 } }
        }
        return frame
      }
      let planar = TestFrame(try held.enhance(try frame("yuv420p").frame))
      let other = TestFrame(try made.enhance(try frame("nv12").frame))
      guard number % 7 == 0 else { continue }
      for y in 0..<height {
        for x in 0..<width { #expect(abs(planar[0, y, x] - other[0, y, x]) <= 3, "frame \(number) at \(x), \(y)") }
      }
    }
  }

  /// What scrolls within a block changes nothing in its sums.
  @Test func scrollingPatternsAreNotHeld() throws {
    let enhancer = try Self.enhancer(denoising: 0)
    for number in 0..<12 {
      func luma(_ x: Int, _ y: Int) -> Int { (x + number) % 4 < 2 ? 40 : 60 }
      let result = TestFrame(try enhancer.enhance(try Self.frame(luma: luma).frame))
      for x in 100..<104 { #expect((result[0, 80, x] > result[0, 80, x + 2]) == (luma(x, 80) > luma(x + 2, 80))) }
    }
  }

  /// Maps without a tone, planar frames and other sizes in between leave nothing behind.
  @Test func whatComesBetweenIsForgotten() throws {
    var options = EnhancementOptions()
    options.when = .always
    let source = try CurveSource(options: options)
    let dark = try Self.frame(luma: Self.night), other = try Self.frame { x, y in 30 + (x / 64 + y / 64) % 2 * 20 }
    let map = try source.curve(for: dark.frame).map
    let toneless = CurveMap(
      geometry: map.geometry, maps: 1, values: [Float](repeating: 0.2, count: 3 * map.width * map.height))
    let planar = PlanarFrame(width: Self.width, height: Self.height)
    func expected(_ frame: TestFrame) throws -> [Int] {
      TestFrame(try CurveApplication(threads: 1).apply(map, to: frame.frame)).codes
    }
    let application = CurveApplication(threads: 1)
    for _ in 0..<30 { _ = try application.apply(map, to: dark.frame) }
    _ = try application.apply(toneless, to: other.frame)
    #expect(TestFrame(try application.apply(map, to: dark.frame)).codes == (try expected(dark)))
    for _ in 0..<30 { _ = try application.apply(map, to: dark.frame) }
    application.apply(map, to: planar, into: PlanarFrame(width: Self.width, height: Self.height))
    #expect(TestFrame(try application.apply(map, to: other.frame)).codes == (try expected(other)))
  }

  /// Without denoising, only what is the same is held.
  @Test func withoutDenoisingNothingIsAveraged() throws {
    let held = try Self.enhancer(denoising: 0), made = try Self.enhancer(denoising: 0)
    for number in 0..<30 {
      func luma(_ x: Int, _ y: Int) -> Int { Self.night(x, y) + (x + number) % 3 * (y / 80) }
      let planar = TestFrame(try held.enhance(try Self.frame(luma: luma).frame))
      let other = TestFrame(try made.enhance(try Self.frame("nv12", luma: luma).frame))
      #expect(planar.codes == other.codes, "frame \(number)")
    }
  }
}
