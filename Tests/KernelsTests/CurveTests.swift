import CKernels
import Testing

@Suite struct CurveTests {
  /// Runs `curve` of a table on the first channel of a fixture.
  private func bend(_ table: Table, _ x: Guarded<Float>, into out: Guarded<Float>, _ curve: CurveFixture) {
    let channel = stride(from: 0, to: 3 * curve.shape.maps, by: 3)
    let upper = channel.map { UnsafePointer<Float>?(curve.upper[$0].start) }
    let lower = channel.map { UnsafePointer<Float>?(curve.lower[$0].start) }
    withExtendedLifetime(curve) {
      table.kernels.curve(
        out.start, x.start, upper, lower, curve.t, Int32(curve.shape.maps), Int32(curve.shape.iterations),
        x.elements.count)
    }
  }

  @Test(arguments: Table.variants, CurveShape.all)
  func matchesTheReference(_ table: Table, _ shape: CurveShape) {
    for width in oddSizes {
      for content in MapContent.allCases {
        for placement in Placement.allCases {
          var generator = SeededGenerator(width)
          let x = Guarded(generator.floats(width, in: 0...1), placement)
          let curve = CurveFixture(
            width: width, shape: shape, content: content, t: 0.4, placement: placement, generator: &generator)
          let expected = Guarded<Float>(width, placement)
          let actual = Guarded<Float>(width, placement)
          bend(.plain, x, into: expected, curve)
          bend(table, x, into: actual, curve)
          #expect(greatestDifference(expected.array, actual.array) <= 4e-6, "width \(width), \(content)")
          #expect(actual.isIntact, "width \(width)")
          bend(table, x, into: x, curve)
          #expect(x.array == actual.array, "in place, width \(width)")
        }
      }
    }
  }

  @Test(arguments: CurveShape.all)
  func referenceMatchesDoubles(_ shape: CurveShape) {
    var generator = SeededGenerator(3)
    let x = Guarded(generator.floats(1000, in: 0...1), .atEnd)
    let curve = CurveFixture(
      width: 1000, shape: shape, content: .random, t: 0.6, placement: .atEnd, generator: &generator)
    let out = Guarded<Float>(1000, .atEnd)
    bend(.plain, x, into: out, curve)
    for index in 0..<1000 {
      let exact = curve.exact(Double(x.elements[index]), channel: 0, x: index)
      #expect(abs(Double(out.elements[index]) - exact) <= 1e-5)
    }
  }

  /// For any map, brighter stays brighter, and [0, 1] is kept with both its ends.
  @Test(arguments: Table.all)
  func isMonotonic(_ table: Table) {
    var generator = SeededGenerator(4)
    let count = 4096
    let x = Guarded((0..<count).map { Float($0) / Float(count - 1) }, .atEnd)
    for step in -20...20 {
      let curve = CurveFixture(
        width: count, shape: CurveShape(maps: 1, iterations: 8), content: .zero, t: 1, placement: .atEnd,
        generator: &generator)
      curve.lower[0].elements.update(repeating: Float(step) / 20)
      let out = Guarded<Float>(count, .atEnd)
      bend(table, x, into: out, curve)
      let values = out.array
      #expect(values.first == 0)
      #expect(abs(values[count - 1] - 1) <= 1e-6)
      #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 + 1e-6 })
      // Where the curve is flat, rounding may take back its own error, but no more.
      #expect(zip(values, values.dropFirst()).allSatisfy { $1 >= $0 - 1e-6 }, "map \(Float(step) / 20)")
    }
  }

  @Test(arguments: Table.all)
  func codesStayMonotonic(_ table: Table) {
    var generator = SeededGenerator(5)
    let layout = YUVLayout.grey(rows: 1)
    for step in -20...20 {
      let curve = CurveFixture(
        width: 256, shape: CurveShape(maps: 1, iterations: 8), content: .zero, t: 0, placement: .atEnd,
        generator: &generator)
      for plane in curve.upper { plane.elements.update(repeating: Float(step) / 20) }
      let row = YUVSamples(layout, width: 256, placement: .atEnd)
      row.fill { _, index in index }
      enhance(table, row, into: row, curves: [curve], matrix: limited709(8))
      let codes = row.components[0]
      #expect(zip(codes, codes.dropFirst()).allSatisfy { $0 <= $1 }, "map \(Float(step) / 20)")
    }
  }
}
