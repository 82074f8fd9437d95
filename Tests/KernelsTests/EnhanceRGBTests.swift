import CKernels
import Testing

@Suite struct EnhanceRGBTests {
  private func scene(
    _ layout: RGBLayout, _ width: Int, _ shape: CurveShape, _ maps: MapContent, _ placement: Placement
  ) -> (input: RGBSamples, curve: CurveFixture) {
    var generator = SeededGenerator(width &* 17 &+ layout.depth)
    let input = RGBSamples(layout, width: width, placement: placement)
    input.fill { _, _ in Int.random(in: 0...layout.maximum, using: &generator) }
    let curve = CurveFixture(
      width: width, shape: shape, content: maps, t: 0.7, placement: placement, generator: &generator)
    return (input, curve)
  }

  @Test(arguments: Table.variants, RGBLayout.all)
  func matchesTheReference(_ table: Table, _ layout: RGBLayout) {
    for width in oddSizes {
      for (number, shape) in CurveShape.all.enumerated() {
        for maps in [MapContent.random, .extreme] {
          let placement = Placement.allCases[(width + number) % 2]
          let (input, curve) = scene(layout, width, shape, maps, placement)
          let expected = RGBSamples(layout, width: width, placement: placement)
          let actual = RGBSamples(layout, width: width, placement: placement)
          enhance(.plain, input, into: expected, curve: curve)
          enhance(table, input, into: actual, curve: curve)
          #expect(actual.isIntact && expected.isIntact, "width \(width), \(shape)")
          for (a, b) in zip(expected.samples.joined(), actual.samples.joined()) {
            let difference = abs((a >> layout.shift) - (b >> layout.shift))
            #expect(difference <= 1, "\(a) and \(b), width \(width), \(shape), \(maps)")
            #expect(b & ((1 << layout.shift) - 1) == 0)
          }
        }
      }
    }
  }

  @Test(arguments: RGBLayout.all)
  func referenceRoundsTheExactValue(_ layout: RGBLayout) {
    let slack = 0.005 * Double(layout.maximum) / 255
    for width in [1, 2, 17, 255] {
      for shape in CurveShape.all {
        let (input, curve) = scene(layout, width, shape, .random, .atEnd)
        let output = RGBSamples(layout, width: width, placement: .atEnd)
        enhance(.plain, input, into: output, curve: curve)
        for channel in 0..<3 {
          for x in 0..<width {
            let exact = curve.exact(
              Double(input[channel, x] >> layout.shift) / Double(layout.maximum), channel: channel, x: x)
            let distance = abs(Double(output[channel, x] >> layout.shift) - exact * Double(layout.maximum))
            #expect(distance <= 0.5 + slack, "width \(width), \(shape)")
          }
        }
      }
    }
  }

  @Test(arguments: Table.all, RGBLayout.all)
  func worksInPlace(_ table: Table, _ layout: RGBLayout) {
    for width in oddSizes {
      for placement in Placement.allCases {
        let (input, curve) = scene(layout, width, CurveShape.all[0], .random, placement)
        let output = RGBSamples(layout, width: width, placement: placement)
        enhance(table, input, into: output, curve: curve)
        enhance(table, input, into: input, curve: curve)
        #expect(output.samples == input.samples, "width \(width)")
        #expect(output.isIntact && input.isIntact, "width \(width)")
      }
    }
  }
}
