import CKernels
import Testing

/// Codes of a picture: dark and smooth, or anything at all.
enum YUVContent: CaseIterable, Sendable {
  case dark, random, extreme

  /// A code of component `number`.
  func code(_ layout: YUVLayout, _ number: Int, _ generator: inout SeededGenerator) -> Int {
    let unit = 1 << (layout.depth - 8)
    switch self {
    case .dark:
      return number < layout.rows
        ? Int.random(in: (16 * unit)...(60 * unit), using: &generator)
        : Int.random(in: (120 * unit)...(136 * unit), using: &generator)
    case .random: return Int.random(in: 0...layout.maximum, using: &generator)
    case .extreme: return Bool.random(using: &generator) ? 0 : layout.maximum
    }
  }
}

/// A filled picture with its curves.
struct YUVScene {
  let input: YUVSamples
  let curves: [CurveFixture]

  init(
    _ layout: YUVLayout, width: Int, shape: CurveShape, content: YUVContent, maps: MapContent, placement: Placement
  ) {
    var generator = SeededGenerator(width &* 31 &+ layout.depth &+ layout.rows)
    input = YUVSamples(layout, width: width, placement: placement)
    input.fill { number, _ in content.code(layout, number, &generator) }
    curves = (0..<layout.rows).map { row in
      CurveFixture(
        width: width, shape: shape, content: maps, t: row == 0 ? 0.3 : 0.8125, placement: placement,
        generator: &generator)
    }
  }

  /// An output filled with the canary.
  func output(_ placement: Placement) -> YUVSamples {
    YUVSamples(input.layout, width: input.width, placement: placement)
  }
}

@Suite struct EnhanceYUVTests {
  /// Largest difference in codes of two pictures of one layout; `Int.max` where bits below the shift are set or
  /// samples that no component names differ.
  private func difference(_ a: YUVSamples, _ b: YUVSamples) -> Int {
    let shift = a.layout.shift
    var worst = 0
    for (x, y) in zip(a.components, b.components) {
      for (p, q) in zip(x, y) {
        if ((p | q) & ((1 << shift) - 1)) != 0 { return .max }
        worst = max(worst, abs((p >> shift) - (q >> shift)))
      }
    }
    return worst
  }

  @Test(arguments: Table.variants, YUVLayout.all)
  func matchesTheReference(_ table: Table, _ layout: YUVLayout) {
    for width in oddSizes {
      for (number, shape) in CurveShape.all.enumerated() {
        // Not the whole product: each shape meets each content at several widths.
        let content = YUVContent.allCases[(width / 2 + number) % 3]
        let placement = Placement.allCases[(width + number) % 2]
        let scene = YUVScene(
          layout, width: width, shape: shape, content: content, maps: (width + number) % 3 == 2 ? .extreme : .random,
          placement: placement)
        let expected = scene.output(placement)
        let actual = scene.output(placement)
        enhance(.plain, scene.input, into: expected, curves: scene.curves, matrix: limited709(layout.depth))
        enhance(table, scene.input, into: actual, curves: scene.curves, matrix: limited709(layout.depth))
        #expect(difference(expected, actual) <= 1, "width \(width), \(shape), \(content)")
        #expect(actual.isIntact && expected.isIntact, "width \(width), \(shape)")
      }
    }
  }

  @Test(arguments: Table.all, YUVLayout.all)
  func touchesNothingElse(_ table: Table, _ layout: YUVLayout) {
    for width in oddSizes {
      for placement in Placement.allCases {
        let scene = YUVScene(
          layout, width: width, shape: CurveShape.all[0], content: .random, maps: .random, placement: placement)
        let output = scene.output(placement)
        let before = scene.input.bytes
        var untouched = output.bytes
        enhance(table, scene.input, into: output, curves: scene.curves, matrix: full601(layout.depth))
        #expect(scene.input.bytes == before)
        #expect(output.isIntact && scene.input.isIntact)
        // What no component names keeps the canary: put the outcome of the named samples in, and all is explained.
        let named = layout.y.map { ($0, width) } + layout.chroma.map { ($0, layout.chromaWidth(width)) }
        for (component, count) in named {
          for index in 0..<count {
            untouched[component.buffer][component.offset + component.step * index] = UInt16(output[component, index])
          }
        }
        #expect(output.bytes == untouched, "width \(width)")
      }
    }
  }

  @Test(arguments: Table.all, YUVLayout.all)
  func worksInPlace(_ table: Table, _ layout: YUVLayout) {
    for width in oddSizes {
      let scene = YUVScene(
        layout, width: width, shape: CurveShape.all[0], content: .random, maps: .random, placement: .atEnd)
      let output = scene.output(.atStart)
      enhance(table, scene.input, into: output, curves: scene.curves, matrix: limited709(layout.depth))
      enhance(table, scene.input, into: scene.input, curves: scene.curves, matrix: limited709(layout.depth))
      #expect(output.components == scene.input.components, "width \(width)")
    }
  }
}
