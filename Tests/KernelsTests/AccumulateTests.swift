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

  @Test(arguments: Table.all, Placement.allCases)
  func addsFloats(_ table: Table, _ placement: Placement) {
    for count in oddSizes {
      var generator = SeededGenerator(count)
      let start = generator.floats(count, in: 0...12)
      let values = generator.floats(count, in: 0...1)
      let sums = Guarded(start, placement)
      let samples = Guarded(values, placement)
      table.kernels.accumulate_float(sums.start, samples.start, count)
      // One addition per element leaves nothing to contract: the result is the same bit for bit.
      #expect(sums.array == zip(start, values).map(+), "count \(count)")
      #expect(sums.isIntact && samples.isIntact && samples.array == values)
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
}
