import CKernels
import Testing

/// The fused depthwise-separable layer against double precision.
@Suite struct SeparableTests {
  /// Channels of the two sets, and outputs: the layers of Zero-DCE++, and shapes that no block has a case for.
  struct Shape: Sendable, CustomStringConvertible {
    let planes: [Int]
    let outputs: Int

    var inputs: Int { planes[0] + planes[1] }
    var description: String { "\(planes[0]) + \(planes[1]) -> \(outputs)" }

    static let all = [
      Shape(planes: [3, 0], outputs: 32), Shape(planes: [32, 0], outputs: 32), Shape(planes: [32, 32], outputs: 32),
      Shape(planes: [32, 32], outputs: 3), Shape(planes: [1, 2], outputs: 1), Shape(planes: [0, 5], outputs: 14),
    ]
  }

  /// How the planes lie.
  enum Layout: CaseIterable {
    /// Row after row of a plane.
    case planar
    /// Plane after plane of a row.
    case interleaved

    func strides(planes: Int, rows: Int, row: Int) -> (row: Int, plane: Int) {
      self == .planar ? (row, rows * row) : (planes * row, row)
    }
  }

  /// A layer, each of its sets flush with the end or the start of its memory.
  private struct Layer {
    let shape: Shape
    let width: Int, rows: Int
    let inStride: (row: Int, plane: Int), outStride: (row: Int, plane: Int)
    let inputs: [Guarded<Float>?]
    let depthWeights: Guarded<Float>, depthBiases: Guarded<Float>
    let pointWeights: Guarded<Float>, pointBiases: Guarded<Float>

    init(_ shape: Shape, width: Int, rows: Int, layout: Layout, placement: Placement) {
      self.shape = shape
      self.width = width
      self.rows = rows
      var generator = SeededGenerator(width &* 1000 &+ rows &* 100 &+ shape.inputs)
      let (inStride, outStride) = (
        layout.strides(planes: shape.planes.max() ?? 0, rows: rows + 2, row: width + 2),
        layout.strides(planes: shape.outputs, rows: rows, row: width + 1)
      )
      self.inStride = inStride
      self.outStride = outStride
      inputs = shape.planes.map { planes in
        guard planes > 0 else { return nil }
        // Ends with the last column that is needed.
        let count = (planes - 1) * inStride.plane + (rows + 1) * inStride.row + width + 2
        return Guarded(generator.floats(count, in: -1...1), placement)
      }
      depthWeights = Guarded(generator.floats(9 * shape.inputs, in: -0.11...0.11), placement)
      depthBiases = Guarded(generator.floats(shape.inputs, in: -0.1...0.1), placement)
      let bound = 1 / Float(shape.inputs)
      pointWeights = Guarded(generator.floats(shape.inputs * shape.outputs, in: -bound...bound), placement)
      pointBiases = Guarded(generator.floats(shape.outputs, in: -0.1...0.1), placement)
    }

    func run(_ table: Table, rectified: Bool, _ placement: Placement) -> Guarded<Float> {
      let count = (shape.outputs - 1) * outStride.plane + (rows - 1) * outStride.row + width
      let out = Guarded<Float>(count, placement)
      out.elements.update(repeating: 7)
      run(
        table, rectified: rectified, 0..<rows, into: (0..<rows).map { out.start + $0 * outStride.row }, outStride.plane)
      return out
    }

    /// Makes `picked` rows.
    func run(
      _ table: Table, rectified: Bool, _ picked: Range<Int>, into outputs: [UnsafeMutablePointer<Float>?],
      _ outPlaneStride: Int
    ) {
      let read = inputs.map { input -> [UnsafePointer<Float>?] in
        (picked.lowerBound..<picked.upperBound + 2).map { y in
          input.map { UnsafePointer($0.start + y * inStride.row + 1) }
        }
      }
      read[0].withUnsafeBufferPointer { first in
        read[1].withUnsafeBufferPointer { second in
          outputs.withUnsafeBufferPointer { outputs in
            var layer = zdk_separable()
            layer.in = (first.baseAddress, second.baseAddress)
            layer.out = outputs.baseAddress
            layer.out_plane_stride = outPlaneStride
            layer.rows = Int32(picked.count)
            layer.rectify = rectified ? 1 : 0
            run(table, &layer)
          }
        }
      }
    }

    private func run(_ table: Table, _ layer: inout zdk_separable) {
      layer.planes = (Int32(shape.planes[0]), Int32(shape.planes[1]))
      layer.in_plane_stride = inStride.plane
      layer.depth_weights = UnsafePointer(depthWeights.start)
      layer.depth_biases = UnsafePointer(depthBiases.start)
      layer.point_weights = UnsafePointer(pointWeights.start)
      layer.point_biases = UnsafePointer(pointBiases.start)
      (layer.outputs, layer.width) = (Int32(shape.outputs), Int32(width))
      table.kernels.separable(&layer)
    }

    var isIntact: Bool {
      inputs.allSatisfy { $0?.isIntact ?? true } && depthWeights.isIntact && depthBiases.isIntact
        && pointWeights.isIntact && pointBiases.isIntact
    }

    /// What `out` should hold without the rectifier; 7 between the rows.
    func exact() -> [Double] {
      let count = (shape.outputs - 1) * outStride.plane + (rows - 1) * outStride.row + width
      var result = [Double](repeating: 7, count: count)
      for y in 0..<rows {
        for x in 0..<width {
          let depth = (0..<shape.inputs).map { depthwise($0, y, x) }
          for output in 0..<shape.outputs {
            var sum = Double(pointBiases.elements[output])
            for input in 0..<shape.inputs {
              sum += Double(pointWeights.elements[input * shape.outputs + output]) * depth[input]
            }
            result[output * outStride.plane + y * outStride.row + x] = sum
          }
        }
      }
      return result
    }

    private func depthwise(_ channel: Int, _ y: Int, _ x: Int) -> Double {
      let set = channel < shape.planes[0] ? 0 : 1
      guard let input = inputs[set] else { return .nan }
      let first = (channel - set * shape.planes[0]) * inStride.plane + y * inStride.row + x
      var sum = Double(depthBiases.elements[channel])
      for tap in 0..<9 {
        sum +=
          Double(depthWeights.elements[9 * channel + tap])
          * Double(input.elements[first + tap / 3 * inStride.row + tap % 3])
      }
      return sum
    }
  }

  @Test(arguments: Table.all, Shape.all)
  func convolves(_ table: Table, _ shape: Shape) {
    for width in [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 79, 80, 81, 97, 160] {
      for (rows, layout) in [(1, Layout.planar), (2, .interleaved), (3, .interleaved), (3, .planar)] {
        let placement = Placement.allCases[(width + rows) % 2]
        let layer = Layer(shape, width: width, rows: rows, layout: layout, placement: placement)
        let exact = layer.exact()
        for rectified in [false, true] {
          let out = layer.run(table, rectified: rectified, placement)
          let isRight = zip(out.elements, exact).allSatisfy { abs(Double($0) - (rectified ? max($1, 0) : $1)) <= 2e-6 }
          #expect(isRight, "width \(width), rows \(rows), \(layout), rectified \(rectified)")
          #expect(out.isIntact && layer.isIntact)
        }
      }
    }
  }

  /// Three rows in one call and one by one give the same bits.
  @Test(arguments: Table.all)
  func cutsDoNotShow(_ table: Table) {
    let shape = Shape(planes: [32, 0], outputs: 32)
    let whole = Layer(shape, width: 53, rows: 3, layout: .planar, placement: .atEnd)
    let out = whole.run(table, rectified: false, .atEnd)
    for y in 0..<3 {
      let row = Guarded<Float>(32 * 53, .atEnd)
      whole.run(table, rectified: false, y..<y + 1, into: [row.start], 53)
      for plane in 0..<32 {
        let first = plane * whole.outStride.plane + y * whole.outStride.row
        #expect(Array(out.elements[first..<first + 53]) == Array(row.elements[(plane * 53)..<(plane * 53 + 53)]))
      }
    }
  }
}
