import CKernels
import Testing

@Suite struct IdentityTests {
  /// A map of zeros returns every code, outside the nominal range too, whatever the chroma.
  @Test(arguments: Table.all, YUVLayout.all)
  func zeroMapReturnsEveryYUVCode(_ table: Table, _ layout: YUVLayout) {
    var generator = SeededGenerator(7)
    let width = layout.maximum + 2
    for shape in CurveShape.all {
      let curves = (0..<layout.rows).map { _ in
        CurveFixture(width: width, shape: shape, content: .zero, t: 0.3, placement: .atEnd, generator: &generator)
      }
      for matrix in [limited709(layout.depth), full601(layout.depth)] {
        let input = YUVSamples(layout, width: width, placement: .atEnd)
        let output = YUVSamples(layout, width: width, placement: .atStart)
        // Each code occurs in each component.
        input.fill { number, index in (index * (number < layout.rows ? 1 : 2) + 37 * number) % (layout.maximum + 1) }
        enhance(table, input, into: output, curves: curves, matrix: matrix)
        #expect(output.components == input.components, "\(shape)")
      }
    }
  }

  @Test(arguments: Table.all, RGBLayout.all)
  func zeroMapReturnsEveryRGBCode(_ table: Table, _ layout: RGBLayout) {
    var generator = SeededGenerator(8)
    let width = min(layout.maximum, 4095) + 1
    let stride = (layout.maximum + 1) / width
    for shape in CurveShape.all {
      let curve = CurveFixture(
        width: width, shape: shape, content: .zero, t: 0.3, placement: .atEnd, generator: &generator)
      for phase in 0..<stride {
        let row = RGBSamples(layout, width: width, placement: .atEnd)
        row.fill { channel, index in (index * stride + phase + 11 * channel) % (layout.maximum + 1) }
        let before = row.samples
        enhance(table, row, into: row, curve: curve)
        #expect(row.samples == before, "\(shape)")
      }
    }
  }

  /// Zero where the two rows cancel is no special case: only the interpolated map counts.
  @Test(arguments: Table.all)
  func interpolatedZeroIsIdentity(_ table: Table) {
    var generator = SeededGenerator(9)
    let layout = YUVLayout.grey(rows: 1)
    let curve = CurveFixture(
      width: 256, shape: CurveShape(maps: 1, iterations: 8), content: .random, t: 0.5, placement: .atEnd,
      generator: &generator)
    for (upper, lower) in zip(curve.upper, curve.lower) {
      for x in 0..<256 { lower.elements[x] = -upper.elements[x] }
    }
    let row = YUVSamples(layout, width: 256, placement: .atEnd)
    row.fill { _, index in index }
    enhance(table, row, into: row, curves: [curve], matrix: limited709(8))
    #expect(row.components == [Array(0...255)])
  }
}
