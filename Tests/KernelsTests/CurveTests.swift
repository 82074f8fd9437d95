import CKernels
import Testing

@Suite struct CurveTests {
  /// Runs `curve` of a table with `x` as one channel of a fixture; the others get copies of it.
  private func bend(
    _ table: Table, _ x: Guarded<Float>, into out: Guarded<Float>, _ curve: CurveFixture, channel: Int = 0,
    streamed: Bool = false
  ) {
    let count = x.elements.count
    let copies = (0..<2).map { _ in Guarded(x.array, .atEnd) }
    let others = (0..<2).map { _ in Guarded<Float>(count, .atEnd) }
    var row = zdk_float_row()
    row.width = count
    row.maps = Int32(curve.shape.maps)
    row.iterations = Int32(curve.shape.iterations)
    row.streamed = streamed ? 1 : 0
    row.curve = curve.row
    let inputs = [copies[0], copies[1]].map { UnsafePointer($0.start) }
    let results = [others[0], others[1]].map(\.start)
    let (x, to) = (UnsafePointer(x.start), out.start)
    switch channel {
    case 0: (row.x, row.out) = ((x, inputs[0], inputs[1]), (to, results[0], results[1]))
    case 1: (row.x, row.out) = ((inputs[0], x, inputs[1]), (results[0], to, results[1]))
    default: (row.x, row.out) = ((inputs[0], inputs[1], x), (results[0], results[1], to))
    }
    withExtendedLifetime((curve, copies)) { table.kernels.curve(&row) }
    #expect(others.allSatisfy { $0.isIntact })
  }

  /// Results that are written past the caches, which asks for aligned rows, are the same.
  @Test(arguments: Table.variants)
  func streamedResultsAreTheSame(_ table: Table) throws {
    var generator = SeededGenerator(8)
    for width in [16, 31, 64, 200] {
      let curve = CurveFixture(
        width: width, shape: CurveShape(maps: 1, iterations: 8), content: .random, t: 0.3, placement: .atStart,
        generator: &generator)
      let stride = (width + 15) & ~15
      let x = generator.floats(3 * stride, in: 0...1)
      let results = [0, 1].map { streamed in
        let out = UnsafeMutableRawPointer.allocate(byteCount: 3 * stride * 4, alignment: 64).bindMemory(
          to: Float.self, capacity: 3 * stride)
        defer { out.deallocate() }
        out.update(repeating: -1, count: 3 * stride)
        return x.withUnsafeBufferPointer { x in
          let start = x.baseAddress!
          var row = zdk_float_row()
          row.x = (start, start + stride, start + 2 * stride)
          row.out = (out, out + stride, out + 2 * stride)
          (row.width, row.maps, row.iterations, row.streamed) = (width, 1, 8, Int32(streamed))
          row.curve = curve.row
          withExtendedLifetime(curve) { table.kernels.curve(&row) }
          return Array(UnsafeBufferPointer(start: out, count: 3 * stride))
        }
      }
      #expect(results[0] == results[1], "width \(width)")
      #expect((0..<3).allSatisfy { c in results[1][(c * stride + width)..<((c + 1) * stride)].allSatisfy { $0 == -1 } })
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
          let channel = width % 3
          bend(.plain, x, into: expected, curve, channel: channel)
          bend(table, x, into: actual, curve, channel: channel)
          #expect(greatestDifference(expected.array, actual.array) <= 4e-6, "width \(width), \(content)")
          #expect(actual.isIntact, "width \(width)")
          bend(table, x, into: x, curve, channel: channel)
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
