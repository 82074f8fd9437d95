import CKernels
import Foundation
import Testing

/// The kernels of the estimator: convolution, rectifier, hyperbolic tangent.
@Suite struct EstimatorKernelTests {
  /// Padded input, output with a gap behind each row, and what the convolution gives.
  private struct Convolution {
    let width: Int
    let rows: Int
    let inStride: Int
    let outStride: Int
    let input: Guarded<Float>
    let weights: Guarded<Float>
    let bias: Float

    init(width: Int, rows: Int, gap: Int, placement: Placement) {
      var generator = SeededGenerator(width &* 100 &+ rows)
      self.width = width
      self.rows = rows
      inStride = width + 2 + gap
      outStride = width + gap
      // Ends with the last column that is needed.
      input = Guarded(generator.floats((rows + 1) * inStride + width + 2, in: -1...1), placement)
      weights = Guarded(generator.floats(9, in: -0.5...0.5), placement)
      bias = 0.25
    }

    func run(_ table: Table, _ placement: Placement) -> Guarded<Float> {
      let out = Guarded<Float>((rows - 1) * outStride + width, placement)
      out.elements.update(repeating: 7)
      table.kernels.depthwise3x3(
        out.start, outStride, input.start + inStride + 1, inStride, weights.start, bias, Int32(width), Int32(rows))
      return out
    }

    /// nil for what lies between rows.
    func exact(_ index: Int) -> Double? {
      let (y, x) = (index / outStride, index % outStride)
      guard x < width else { return nil }
      return (0..<9).reduce(Double(bias)) { sum, tap in
        sum + Double(weights.elements[tap]) * Double(input.elements[(y + tap / 3) * inStride + x + tap % 3])
      }
    }
  }

  @Test(arguments: Table.all)
  func convolves(_ table: Table) {
    for width in oddSizes {
      for rows in [1, 2, 3, 5] {
        for (gap, placement) in [(0, Placement.atEnd), (0, .atStart), (3, .atEnd), (5, .atStart)] {
          let convolution = Convolution(width: width, rows: rows, gap: gap, placement: placement)
          let out = convolution.run(table, placement)
          let isRight = out.elements.indices.allSatisfy { index in
            guard let exact = convolution.exact(index) else { return out.elements[index] == 7 }
            return abs(Double(out.elements[index]) - exact) <= 2e-6
          }
          #expect(isRight, "width \(width), rows \(rows), gap \(gap)")
          #expect(out.isIntact && convolution.input.isIntact)
        }
      }
    }
  }

  @Test(arguments: Table.all)
  func rectifies(_ table: Table) {
    for count in oddSizes {
      for placement in Placement.allCases {
        var generator = SeededGenerator(count)
        var values = generator.floats(count, in: -2...2)
        values[0] = -0.0
        let x = Guarded(values, placement)
        table.kernels.relu(x.start, count)
        #expect(x.array == values.map { max($0, 0) }, "count \(count)")
        #expect(x.isIntact)
      }
    }
  }

  @Test(arguments: Table.all)
  func takesTheTangent(_ table: Table) {
    for count in oddSizes {
      for placement in Placement.allCases {
        var generator = SeededGenerator(count)
        let values = generator.floats(count, in: -6...6)
        let x = Guarded(values, placement)
        table.kernels.tanh(x.start, count)
        #expect(greatestDifference(x.array, values.map { Float(Foundation.tanh(Double($0))) }) <= 1e-6)
        #expect(x.isIntact, "count \(count)")
      }
    }
  }

  /// Every exponent, both signs, and the ends: exact zero, the limits, NaN.
  @Test(arguments: Table.all)
  func takesTheTangentOfAnything(_ table: Table) {
    let magnitudes = (-149...127).flatMap { exponent in
      [Float(1), 1.25, 1.5, 1.999].map { $0 * Float(Foundation.pow(2, Double(exponent))) }
    }
    let values = magnitudes + magnitudes.map { -$0 } + (0..<20_000).map { Float($0 - 10_000) / 1000 }
    let x = Guarded(values, .atEnd)
    table.kernels.tanh(x.start, values.count)
    #expect(greatestDifference(x.array, values.map { Float(Foundation.tanh(Double($0))) }) <= 1e-6)
    #expect(x.array.allSatisfy { abs($0) <= 1 })

    let ends = Guarded<Float>([0, -0.0, .infinity, -.infinity, .nan], .atEnd)
    table.kernels.tanh(ends.start, 5)
    #expect(Array(ends.array[..<4]) == [0, 0, 1, -1])
    #expect(ends.elements[1].sign == .minus)
    #expect(ends.elements[4].isNaN)
  }
}
