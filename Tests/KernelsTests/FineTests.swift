import CKernels
import Testing

/// The looks' tones that differ in kind.
private let tones = [
  zdk_tone(gain: 1, knee: 1, trust_from: 0, trust_slope: 1, trust_least: 1),
  zdk_tone(gain: 2.6, knee: 0.6, trust_from: 16, trust_slope: 1.0 / 12, trust_least: 0),
  zdk_tone(gain: 1.3, knee: 0.88, trust_from: 64, trust_slope: 1.0 / 48, trust_least: 0.4),
]

@Suite struct FineTests {
  /// The planar fine layout that goes with a native one.
  private func fine(_ layout: YUVLayout) -> YUVLayout {
    layout.chroma.isEmpty
      ? .grey(rows: layout.rows, depth: 15)
      : .planar("fine", rows: layout.rows, shiftX: layout.chromaShiftX, depth: 15)
  }

  /// One for each row of grey, one for all rows that share their chroma.
  private func curves(_ layout: YUVLayout, _ width: Int, _ shape: CurveShape, _ maps: MapContent) -> [CurveFixture] {
    var generator = SeededGenerator(width)
    let columns = layout.chroma.isEmpty ? width : layout.chromaWidth(width)
    return (0..<(layout.chroma.isEmpty ? layout.rows : 1)).map { _ in
      CurveFixture(width: columns, shape: shape, content: maps, t: 0.4, placement: .atEnd, generator: &generator)
    }
  }

  /// The reference rounds what the header says, worked out in double precision.
  @Test(arguments: YUVLayout.all)
  func referenceRoundsTheExactValue(_ layout: YUVLayout) {
    for (number, width) in [1, 2, 3, 17, 64, 127].enumerated() {
      for (index, shape) in CurveShape.all.enumerated() {
        // Over the widths, every shape meets every tone.
        let tone = tones[(number + index) % tones.count]
        var generator = SeededGenerator(width)
        let input = YUVSamples(fine(layout), width: width, placement: .atEnd)
        let most = number % 2 == 0 ? 8000 : 32767
        input.fill { component, _ in
          component < layout.rows
            ? Int.random(in: 0...most, using: &generator) : Int.random(in: 14000...19000, using: &generator)
        }
        let curves = curves(layout, width, shape, .random)
        let output = YUVSamples(layout, width: width, placement: .atStart)
        let matrix = limited709(layout.depth)
        enhance(.plain, input, into: output, curves: curves, matrix: matrix, tone: tone)
        let exact = exactFineYUV(input, layout, curves: curves, matrix: matrix, tone: tone)
        expectRounded(output, exact, "width \(width), \(shape)")
      }
    }
  }

  /// Dark pixels that share their chroma with a tail light, a neon sign or a blue lamp do not fall below black.
  @Test(arguments: Table.all)
  func coloursDarkenNobody(_ table: Table) {
    let layout = YUVLayout.planar("edge", rows: 2, shiftX: 1, depth: 8)
    for (chroma, pair) in [
      ([110, 190], (18, 60)), ([190, 110], (18, 36)), ([100, 200], (17, 120)), ([90, 100], (20, 90)),
    ] {
      let input = YUVSamples(fine(layout), width: 64, placement: .atEnd)
      input.fill { component, x in 128 * (component < 2 ? (x % 2 == 0 ? pair.0 : pair.1) : chroma[component - 2]) }
      let curves = curves(layout, 64, CurveShape.all[0], .zero)
      for plane in curves[0].upper + curves[0].lower { for x in 0..<32 { plane.elements[x] = -0.2 } }
      let output = YUVSamples(layout, width: 64, placement: .atEnd)
      enhance(table, input, into: output, curves: curves, matrix: limited709(8), tone: tones[1])
      for x in 0..<64 {
        #expect(
          output.components[x % 4 < 2 ? 0 : 1][x] >= (x % 2 == 0 ? pair.0 : pair.1), "\(chroma), \(pair), at \(x)")
      }
    }
  }

  /// To a code of up to 12 bits: steep curves lose what single precision has beyond that.
  @Test(
    arguments: Table.variants,
    YUVLayout.all + [.planar("4:2:0", rows: 2, shiftX: 1, depth: 16), .grey(rows: 1, depth: 16)])
  func matchesTheReference(_ table: Table, _ layout: YUVLayout) {
    let code = layout.depth <= 12 ? 1 : 1 << (layout.depth - 12)
    for (number, (width, content)) in oddSizes.flatMap({ width in MapContent.allCases.map { (width, $0) } })
      .enumerated()
    {
      var generator = SeededGenerator(number)
      let placement = Placement.allCases.randomElement(using: &generator)!
      let input = YUVSamples(fine(layout), width: width, placement: placement)
      let dark = Bool.random(using: &generator)
      input.fill { component, _ in
        component < layout.rows || !dark
          ? Int.random(in: 0...(dark ? 6000 : 32767), using: &generator)
          : Int.random(in: 15000...18000, using: &generator)
      }
      let curves = curves(layout, width, CurveShape.all.randomElement(using: &generator)!, content)
      let expected = YUVSamples(layout, width: width, placement: placement)
      let actual = YUVSamples(layout, width: width, placement: placement)
      let tone = tones.randomElement(using: &generator)!
      enhance(.plain, input, into: expected, curves: curves, matrix: limited709(layout.depth), tone: tone)
      enhance(table, input, into: actual, curves: curves, matrix: limited709(layout.depth), tone: tone)
      #expect(actual.isIntact && expected.isIntact && input.isIntact, "width \(width)")
      for (a, b) in zip(expected.components.joined(), actual.components.joined()) {
        #expect(
          abs((a >> layout.shift) - (b >> layout.shift)) <= code, "width \(width), \(content), gain \(tone.gain)")
      }
    }
  }

  /// Night from end to end, of which variants make short work, and with a pixel or a curve that is none.
  @Test(
    arguments: Table.variants,
    YUVLayout.all + [
      .planar("4:2:0", rows: 2, shiftX: 1, depth: 12), .planar("4:2:0", rows: 2, shiftX: 1, depth: 16),
      .grey(rows: 1, depth: 16),
    ])
  func nightsMatchTheReference(_ table: Table, _ layout: YUVLayout) {
    let code = layout.depth <= 12 ? 1 : 1 << (layout.depth - 12)
    let black = 2048, coloured = zdk_tone(gain: 3.5, knee: 0.85, trust_from: 0, trust_slope: 1, trust_least: 1)
    for (number, (width, odd)) in oddSizes.flatMap({ width in (0..<5).map { (width, $0) } }).enumerated() {
      var generator = SeededGenerator(number)
      let input = YUVSamples(fine(layout), width: width, placement: .atEnd)
      let colour = number % 4 < 2 ? 6000 : 500
      // In every other one, all is black or next to it.
      let brightest = number % 2 == 0 ? 8000 : black + 2
      input.fill { component, _ in
        component < layout.rows
          ? Int.random(in: black...brightest, using: &generator)
          : Int.random(in: 16384 - colour...16384 + colour, using: &generator)
      }
      let curves = curves(layout, width, CurveShape.all[0], .lifting)
      if layout.depth > 12 {
        // Weaker ones are worked out in another way.
        for plane in curves.flatMap({ $0.upper + $0.lower }) {
          for x in plane.elements.indices { plane.elements[x] = min(plane.elements[x], -1.0 / 24) }
        }
      }
      let place = Int.random(in: 0..<width, using: &generator)
      // Black itself is nothing odd.
      if odd < 4 {
        let row = Int.random(in: 0..<layout.rows, using: &generator)
        input[input.layout.y[row], place] = [black, black - 1, 0, 32767][odd]
      }
      if odd == 4 { curves[0].lower[1].elements[place / 2] = 0.7 }
      let expected = YUVSamples(layout, width: width, placement: .atEnd)
      let actual = YUVSamples(layout, width: width, placement: .atStart)
      let tone = [tones[1], coloured, tones[2]][number % 3]
      enhance(.plain, input, into: expected, curves: curves, matrix: limited709(layout.depth), tone: tone)
      enhance(table, input, into: actual, curves: curves, matrix: limited709(layout.depth), tone: tone)
      #expect(actual.isIntact && input.isIntact, "width \(width)")
      for (a, b) in zip(expected.components.joined(), actual.components.joined()) {
        #expect(
          abs((a >> layout.shift) - (b >> layout.shift)) <= code, "width \(width), odd \(odd), gain \(tone.gain)")
      }
    }
  }

  /// Groups that are held have the results of before or what was there, all others what they would have alone.
  @Test(arguments: Table.all, YUVLayout.all.filter { $0.y[0].step == 1 && ($0.chroma.first?.step ?? 1) == 1 })
  func holdsGroups(_ table: Table, _ layout: YUVLayout) {
    for width in [31, 32, 63, 65, 160, 513, 1023] {
      var generator = SeededGenerator(width)
      let input = YUVSamples(fine(layout), width: width, placement: .atEnd)
      input.fill { _, _ in Int.random(in: 0...32767, using: &generator) }
      let curves = curves(layout, width, CurveShape.all[0], .random)
      let groups = width / Int(ZDK_DENOISE_GROUP)
      let marks = (0..<groups).map { _ in UInt8.random(in: 0...2, using: &generator) }
      let before = YUVSamples(layout, width: width, placement: .atStart)
      before.fill { _, _ in Int.random(in: 0...layout.maximum, using: &generator) }
      let old = YUVSamples(layout, width: width, placement: .atEnd)
      old.fill { _, _ in Int.random(in: 0...layout.maximum, using: &generator) }
      let output = YUVSamples(layout, width: width, placement: .atEnd)
      output.fill { component, x in old[(layout.y + layout.chroma)[component], x] >> layout.shift }
      let full = YUVSamples(layout, width: width, placement: .atEnd)
      enhance(table, input, into: full, curves: curves, matrix: limited709(layout.depth), tone: tones[1])
      enhance(
        table, input, into: output, curves: curves, matrix: limited709(layout.depth), tone: tones[1],
        held: (marks, before))
      #expect(output.isIntact && before.isIntact && input.isIntact)
      for (number, component) in (layout.y + layout.chroma).enumerated() {
        let isHalf = number >= layout.rows && layout.chromaShiftX == 1
        for x in 0..<(number < layout.rows ? width : layout.chromaWidth(width)) {
          let group = (isHalf ? 2 * x : x) / Int(ZDK_DENOISE_GROUP)
          let mark = group < groups ? Int(marks[group]) : ZDK_MAKE
          let expected = mark == ZDK_COPY ? before : mark == ZDK_LEAVE ? old : full
          #expect(output[component, x] == expected[component, x], "width \(width), \(number) at \(x)")
        }
      }
    }
  }

  /// Groups of rows that are enhanced in one call become what each would alone, by its own curves.
  @Test(arguments: Table.all, YUVLayout.all)
  func groupsTogetherAreAsAlone(_ table: Table, _ layout: YUVLayout) {
    for (width, tone) in [(31, nil), (64, nil), (31, tones[0]), (160, tones[1])] as [(Int, zdk_tone?)] {
      var generator = SeededGenerator(width)
      let matrix = limited709(layout.depth)
      let groups = (0..<3).map { _ in
        let input = YUVSamples(tone == nil ? layout : fine(layout), width: width, placement: .atEnd)
        input.fill { _, _ in Int.random(in: 0...(tone == nil ? layout.maximum : 32767), using: &generator) }
        return (
          input: input,
          curves: tone == nil
            ? (0..<layout.rows).map { _ in
              CurveFixture(
                width: width, shape: CurveShape.all[0], content: .random, t: 0.4, placement: .atEnd,
                generator: &generator)
            } : curves(layout, width, CurveShape.all[0], .random),
          alone: YUVSamples(layout, width: width, placement: .atEnd),
          together: YUVSamples(layout, width: width, placement: .atEnd)
        )
      }
      var calls = groups.map { makeCall($0.input, into: $0.together, curves: $0.curves, matrix: matrix, tone: tone) }
      withExtendedLifetime(groups) { table.kernels.enhance_yuv(&calls, calls.count) }
      for group in groups {
        enhance(table, group.input, into: group.alone, curves: group.curves, matrix: matrix, tone: tone)
        #expect(group.together.components == group.alone.components && group.together.isIntact, "width \(width)")
      }
    }
  }

  /// Without curve, gain and doubt in chroma, widening and narrowing bring back every code.
  @Test(arguments: Table.all, YUVLayout.all)
  func bringsBackCodes(_ table: Table, _ layout: YUVLayout) {
    for width in oddSizes {
      var generator = SeededGenerator(width)
      let native = YUVSamples(layout, width: width, placement: .atStart)
      native.fill { _, _ in Int.random(in: 0...layout.maximum, using: &generator) }
      let wide = YUVSamples(fine(layout), width: width, placement: .atEnd)
      for (from, to) in zip(layout.y + layout.chroma, wide.layout.y + wide.layout.chroma) {
        let count =
          layout.chroma.contains { $0.buffer == from.buffer && $0.offset == from.offset }
          ? layout.chromaWidth(width) : width
        table.kernels.widen(
          wide.address(to).assumingMemoryBound(to: UInt16.self), native.address(from), Int32(from.step), count,
          Int32(layout.depth), Int32(layout.shift))
      }
      #expect(wide.isIntact && native.isIntact)
      let output = YUVSamples(layout, width: width, placement: .atEnd)
      let zeros = curves(layout, width, CurveShape.all[0], .zero)
      enhance(table, wide, into: output, curves: zeros, matrix: limited709(layout.depth), tone: tones[0])
      #expect(output.components == native.components, "width \(width)")
    }
  }

  @Test(arguments: Table.variants, RGBLayout.all)
  func rgbMatchesTheReference(_ table: Table, _ layout: RGBLayout) {
    for (number, width) in oddSizes.enumerated() {
      var generator = SeededGenerator(width)
      let native = RGBSamples(layout, width: width, placement: .atEnd)
      native.fill { _, _ in Int.random(in: 0...layout.maximum / (number % 2 == 0 ? 1 : 8), using: &generator) }
      let curve = CurveFixture(
        width: width, shape: CurveShape.all[number % 2], content: .random, t: 0.6, placement: .atStart,
        generator: &generator)
      let results = [Table.plain, table].map { table in
        let wide = (0..<3).map { _ in Guarded<UInt16>(width, .atEnd) }
        var call = zdk_rgb_row()
        let sources = (0..<3).map { UnsafeRawPointer(native.address($0)) as UnsafeRawPointer? }
        let targets = wide.map { $0.start as UnsafeMutablePointer<UInt16>? }
        table.kernels.widen_rgb(targets, sources, Int32(layout.step), width, Int32(layout.depth), Int32(layout.shift))
        call.rgb = (UnsafeRawPointer(wide[0].start), UnsafeRawPointer(wide[1].start), UnsafeRawPointer(wide[2].start))
        let output = RGBSamples(layout, width: width, placement: .atEnd)
        call.rgb_out = (output.address(0), output.address(1), output.address(2))
        call.width = Int32(width)
        call.step = Int32(layout.step)
        call.depth = Int32(layout.depth)
        call.shift = Int32(layout.shift)
        call.maps = Int32(curve.shape.maps)
        call.iterations = Int32(curve.shape.iterations)
        call.fine = 1
        call.tone = tones[number % tones.count]
        call.curve = curve.row
        withExtendedLifetime(curve) { table.kernels.enhance_rgb(&call) }
        #expect(output.isIntact && wide.allSatisfy(\.isIntact))
        return (wide: wide.map(\.array), samples: output.samples)
      }
      #expect(results[0].wide == results[1].wide)
      for (a, b) in zip(results[0].samples.joined(), results[1].samples.joined()) {
        #expect(abs((a >> layout.shift) - (b >> layout.shift)) <= 1, "width \(width)")
      }
    }
  }

  /// The start of guarded memory is that of a page, where results can be written past the caches.
  @Test(arguments: Table.variants, Placement.allCases)
  func floatMatchesTheReference(_ table: Table, _ placement: Placement) {
    for (number, width) in oddSizes.enumerated() {
      var generator = SeededGenerator(width)
      let input = (0..<3).map { _ in Guarded(generator.floats(width, in: -0.1...1.1), .atEnd) }
      let curve = CurveFixture(
        width: width, shape: CurveShape.all[0], content: .random, t: 0.6, placement: .atStart, generator: &generator)
      let results = [Table.plain, table].map { table in
        let wide = (0..<3).map { _ in Guarded<UInt16>(width, .atEnd) }
        let output = (0..<3).map { _ in Guarded<Float>(width, placement) }
        let sources = input.map { UnsafePointer($0.start) as UnsafePointer<Float>? }
        let targets = wide.map { $0.start as UnsafeMutablePointer<UInt16>? }
        table.kernels.widen_float(targets, sources, width)
        var call = zdk_rgb_row()
        call.rgb = (UnsafeRawPointer(wide[0].start), UnsafeRawPointer(wide[1].start), UnsafeRawPointer(wide[2].start))
        call.rgb_out = (
          UnsafeMutableRawPointer(output[0].start), UnsafeMutableRawPointer(output[1].start),
          UnsafeMutableRawPointer(output[2].start)
        )
        call.width = Int32(width)
        call.depth = 8
        call.maps = 1
        call.iterations = 8
        call.fine = 1
        call.streamed = 1
        call.tone = tones[number % tones.count]
        call.curve = curve.row
        withExtendedLifetime(curve) { table.kernels.enhance_float(&call) }
        #expect(output.allSatisfy(\.isIntact) && wide.allSatisfy(\.isIntact) && input.allSatisfy(\.isIntact))
        return (wide: wide.map(\.array), values: output.map(\.array))
      }
      #expect(results[0].wide == results[1].wide)
      for (a, b) in zip(results[0].values, results[1].values) { #expect(greatestDifference(a, b) <= 1.5e-5) }
    }
  }
}
