import CKernels
import Testing

@Suite struct AccumulateTests {
  @Test(arguments: Table.all, Placement.allCases)
  func addsSamples(_ table: Table, _ placement: Placement) {
    for count in oddSizes {
      // 600 rows are more than 16 bits hold the sum of.
      for rows in count < 40 ? [1, 2, 13, 600] : [1, 12] {
        var generator = SeededGenerator(count)
        let stride = count + 3
        let start = (0..<count).map { _ in UInt32.random(in: 0...0xFF00_0000, using: &generator) }
        let bytes = (0..<stride * (rows - 1) + count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let words = bytes.map { UInt16($0) &* 257 }
        func sums<T: BinaryInteger>(_ samples: [T]) -> [UInt32] {
          (0..<count).map { i in (0..<rows).reduce(start[i]) { $0 + UInt32(samples[$1 * stride + i]) } }
        }

        let sums8 = Guarded(start, placement)
        let samples8 = Guarded(bytes, placement)
        table.kernels.accumulate8(sums8.start, samples8.start, stride, rows, count)
        #expect(sums8.array == sums(bytes), "8 bits, \(count) x \(rows)")
        #expect(sums8.isIntact && samples8.isIntact && samples8.array == bytes)

        let sums16 = Guarded(start, placement)
        let samples16 = Guarded(words, placement)
        table.kernels.accumulate16(sums16.start, samples16.start, stride, rows, count)
        #expect(sums16.array == sums(words), "16 bits, \(count) x \(rows)")
        #expect(sums16.isIntact && samples16.isIntact && samples16.array == words)
      }
    }
  }

  /// Additions come in the order of the rows in every variant: the result is the same bit for bit.
  @Test(arguments: Table.all, Placement.allCases)
  func addsFloats(_ table: Table, _ placement: Placement) {
    for count in oddSizes {
      for (rows, padding) in [(1, 0), (3, 5), (12, 1)] {
        var generator = SeededGenerator(count + rows)
        let start = generator.floats(count, in: 0...12), stride = count + padding
        // The last row ends where its samples do.
        let values = generator.floats(stride * (rows - 1) + count, in: 0...1)
        let sums = Guarded(start, placement), samples = Guarded(values, placement)
        table.kernels.accumulate_float(sums.start, samples.start, stride, rows, count)
        let expected = (0..<count).map { x in (0..<rows).reduce(start[x]) { $0 + values[$1 * stride + x] } }
        #expect(sums.array == expected, "\(count) x \(rows)")
        #expect(sums.isIntact && samples.isIntact && samples.array == values)
      }
    }
  }

  /// Nothing is done for no samples.
  @Test(arguments: Table.all)
  func takesNothing(_ table: Table) {
    let sums = Guarded<UInt32>([5], .atEnd)
    let samples = Guarded<UInt8>([9], .atEnd)
    table.kernels.accumulate8(sums.start, samples.start, 1, 1, 0)
    #expect(sums.array == [5])
  }

  @Test(arguments: Table.all)
  func addsDistances(_ table: Table) {
    for count in oddSizes {
      for rows in [1, 3, 8] {
        var generator = SeededGenerator(count + rows)
        let stride = (count + 15) & ~15, size = stride * (rows - 1) + count
        let a = Guarded((0..<size).map { _ in Float.random(in: 0...1, using: &generator) }, .atEnd)
        let b = Guarded((0..<size).map { _ in Float.random(in: 0...1, using: &generator) }, .atStart)
        let sums = Guarded([Float](repeating: 0.5, count: count), .atEnd)
        let shifts = Guarded([Float](repeating: 0.25, count: count), .atStart)
        table.kernels.distances(sums.start, shifts.start, a.start, b.start, stride, rows, count)
        for column in 0..<count {
          let differences = (0..<rows).map { a.array[$0 * stride + column] - b.array[$0 * stride + column] }
          let expected = (differences.reduce(0.5) { $0 + abs($1) }, differences.reduce(0.25, +))
          #expect((sums.array[column], shifts.array[column]) == expected, "column \(column) of \(count), \(rows) rows")
        }
        #expect(sums.isIntact && shifts.isIntact && a.isIntact && b.isIntact)
      }
    }
  }

  @Test(arguments: Table.all)
  func catchesUp(_ table: Table) {
    for count in oddSizes + [700] {
      for planes in [1, 3] {
        var generator = SeededGenerator(count + planes)
        let old = (0..<planes * count).map { _ in Float.random(in: -1...1, using: &generator) }
        // Some by as much as may stay, some by more.
        let new = old.map { $0 + [0, 0.125, -0.125, 0.25, -0.25].randomElement(using: &generator)! }
        let values = Guarded(old, .atEnd), from = Guarded(new, .atStart), marks = Guarded<UInt8>(count, .atEnd)
        let greatest = table.kernels.catch_up(marks.start, values.start, from.start, count, planes, 0.2)
        for cell in 0..<count {
          let places = (0..<planes).map { $0 * count + cell }
          let isFar = places.contains { abs(new[$0] - old[$0]) > 0.2 }
          #expect(marks.array[cell] == (isFar ? 1 : 0), "cell \(cell) of \(count)")
          for place in places { #expect(values.array[place] == (isFar ? new : old)[place]) }
        }
        #expect(greatest == max(values.array.max() ?? 0, 0))
        #expect(values.isIntact && from.isIntact && marks.isIntact)
      }
    }
  }

  @Test(arguments: Table.all)
  func findsStepsOfTone(_ table: Table) {
    for count in oddSizes {
      var generator = SeededGenerator(count)
      let rgb = (0..<3).map { _ in
        Guarded((0..<count).map { _ in Float.random(in: -0.2...1.2, using: &generator) }, .atEnd)
      }
      if count > 4 { (rgb[1].start[2], rgb[1].start[3]) = (.nan, .infinity) }
      let greatest = Guarded<UInt16>(count, .atEnd), green = Guarded<UInt16>(count, .atStart)
      table.kernels.tone_steps(greatest.start, green.start, rgb[0].start, rgb[1].start, rgb[2].start, count, 1024)
      func step(_ value: Float) -> UInt16 { value > 0 ? UInt16(min(value, 1) * 1024) : 0 }
      for place in 0..<count {
        let (r, g, b) = (rgb[0].array[place], rgb[1].array[place], rgb[2].array[place])
        #expect(green.array[place] == step(g))
        if !g.isNaN { #expect(greatest.array[place] == step(max(r, g, b))) }
      }
      #expect(greatest.isIntact && green.isIntact && rgb.allSatisfy(\.isIntact))
    }
  }

  @Test(arguments: Table.all)
  func cellSums(_ table: Table) {
    for columns in [1, 2, 6, 7, 12, 64] {
      for cells in [0, 1, 2, 5, 16, 33] {
        var generator = SeededGenerator(cells)
        let values = Guarded(
          (0..<cells * columns).map { _ in UInt32.random(in: 0...(.max), using: &generator) }, .atEnd)
        let sums = Guarded<UInt32>(cells, .atEnd)
        table.kernels.cell_sums(sums.start, UnsafePointer(values.start), cells, columns)
        let expected = (0..<cells).map { cell in
          values.array[cell * columns..<(cell + 1) * columns].reduce(0, &+)
        }
        #expect(sums.array == expected && sums.isIntact && values.isIntact, "\(cells) cells of \(columns)")
      }
    }
  }

  @Test(arguments: Table.all)
  func expandsCells(_ table: Table) {
    for (cells, scale) in [(1, 5), (2, 12), (7, 3), (5, 17), (3, 64), (40, 6), (33, 12), (50, 1)] {
      var generator = SeededGenerator(scale)
      let values = Guarded((0..<cells).map { _ in Float.random(in: -1...1, using: &generator) }, .atEnd)
      let width = cells * scale + 1
      let weights = Guarded((0..<width).map { _ in Float.random(in: 0...1, using: &generator) }, .atEnd)
      let lower = Guarded((0..<width).map { Int32(min($0 / scale, cells - 1)) }, .atEnd)
      let upper = Guarded((0..<width).map { Int32(min($0 / scale + 1, cells - 1)) }, .atEnd)
      let row = Guarded<Float>(width, .atEnd)
      table.kernels.expand(
        row.start, UnsafePointer(values.start), UnsafePointer(lower.start), UnsafePointer(upper.start),
        UnsafePointer(weights.start), width)
      #expect(row.isIntact)
      for x in 0..<width {
        let (low, high) = (min(x / scale, cells - 1), min(x / scale + 1, cells - 1))
        let (a, b) = (values.elements[low], values.elements[high])
        #expect(abs(row.elements[x] - (a + weights.elements[x] * (b - a))) < 1e-6, "\(cells) cells, at \(x)")
      }
    }
  }
}
