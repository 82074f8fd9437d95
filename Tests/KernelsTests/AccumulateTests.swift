import CKernels
import Testing

@Suite struct AccumulateTests {
  @Test(arguments: Table.all, Placement.allCases)
  func addsSamples(_ table: Table, _ placement: Placement) {
    for count in oddSizes {
      var generator = SeededGenerator(count)
      let start = (0..<count).map { _ in UInt32.random(in: 0...0xFFFF_0000, using: &generator) }
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let words = (0..<count).map { _ in UInt16.random(in: 0...65535, using: &generator) }

      let sums8 = Guarded(start, placement)
      let samples8 = Guarded(bytes, placement)
      table.kernels.accumulate8(sums8.start, samples8.start, count)
      #expect(sums8.array == zip(start, bytes).map { $0 + UInt32($1) }, "8 bits, count \(count)")
      #expect(sums8.isIntact && samples8.isIntact && samples8.array == bytes)

      let sums16 = Guarded(start, placement)
      let samples16 = Guarded(words, placement)
      table.kernels.accumulate16(sums16.start, samples16.start, count)
      #expect(sums16.array == zip(start, words).map { $0 + UInt32($1) }, "16 bits, count \(count)")
      #expect(sums16.isIntact && samples16.isIntact && samples16.array == words)
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
    table.kernels.accumulate8(sums.start, samples.start, 0)
    #expect(sums.array == [5])
  }
}
