import CKernels
import Testing

/// The kernels that compare pictures, against the reference.
@Suite struct SimilarityTests {
  static let taps = Int(ZDK_SSIM_TAPS)
  static let weights: [Float] = [0.001, 0.008, 0.036, 0.109, 0.213, 0.266, 0.213, 0.109, 0.036, 0.008, 0.001]

  @Test(arguments: Table.all, Placement.allCases)
  func differencesAreExact(_ table: Table, _ placement: Placement) {
    for count in oddSizes + [2048, 4103] {
      var generator = SeededGenerator(count)
      // The largest differences that 8-bit codes can have, and others.
      let a = (0..<count).map { _ in Float(Int.random(in: 0...255, using: &generator)) - 127.5 }
      let b = (0..<count).map { index in index % 3 == 0 ? a[index] : a[index] > 0 ? -127.5 : 127.5 }
      let (left, right) = (Guarded(a, placement), Guarded(b, placement))
      var sums = [1.0, 2.0]
      table.kernels.difference(&sums, left.start, right.start, count)
      let differences = zip(a, b).map { Double($0) - Double($1) }
      #expect(sums[0] == differences.reduce(1) { $0 + abs($1) }, "count \(count)")
      #expect(sums[1] == differences.reduce(2) { $0 + $1 * $1 }, "count \(count)")
      #expect(left.isIntact && right.isIntact)
    }
  }

  @Test(arguments: Table.variants, Placement.allCases)
  func columnsAndRows(_ table: Table, _ placement: Placement) {
    for count in oddSizes {
      var generator = SeededGenerator(count)
      let a = (0..<Self.taps).map { _ in Guarded(generator.floats(count, in: -127.5...127.5), placement) }
      let b = (0..<Self.taps).map { _ in Guarded(generator.floats(count, in: -127.5...127.5), placement) }
      let rowsA = a.map { UnsafePointer($0.start) as UnsafePointer<Float>? }
      let rowsB = b.map { UnsafePointer($0.start) as UnsafePointer<Float>? }
      let (expected, actual) = (Guarded<Float>(4 * count, placement), Guarded<Float>(4 * count, placement))
      Table.plain.kernels.ssim_columns(expected.start, count, rowsA, rowsB, Self.weights, count)
      table.kernels.ssim_columns(actual.start, count, rowsA, rowsB, Self.weights, count)
      // Squares reach 255².
      #expect(greatestDifference(actual.array, expected.array) < 0.05, "count \(count)")
      #expect(actual.isIntact && a.allSatisfy(\.isIntact) && b.allSatisfy(\.isIntact))

      let places = count - Self.taps + 1
      guard places > 0 else { continue }
      let (c1, c2): (Float, Float) = (6.5025, 58.5225)
      let reference = Table.plain.kernels.ssim_row(expected.start, count, Self.weights, 127.5, c1, c2, places)
      let similarity = table.kernels.ssim_row(expected.start, count, Self.weights, 127.5, c1, c2, places)
      #expect(abs(similarity - reference) < 1e-5 * Double(places), "count \(count)")
      #expect(abs(reference) <= Double(places) * 1.001)
    }
  }
}
