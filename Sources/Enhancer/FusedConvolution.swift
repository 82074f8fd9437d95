internal import CKernels

/// Depthwise 3×3, then pointwise 1×1, each with a bias, by the kernel that does both tile by tile (Zero-DCE++).
final class FusedConvolution: Convolution {
  let inputs: Int, outputs: Int
  private let rectified: Bool
  private let kernels: Kernels
  /// Depthwise weights, `inputs × 9`; pointwise weights, `inputs × outputs`; biases of either.
  private let parameters: [Float]

  init(weights: Weights, name: String, inputs: Int, outputs: Int, rectified: Bool, kernels: Kernels) {
    precondition(inputs <= Int(ZDK_MAX_INPUTS), "the kernel's tile holds all channels")
    self.inputs = inputs
    self.outputs = outputs
    self.rectified = rectified
    self.kernels = kernels
    let pointWeights = weights.tensor("\(name).point_conv.weight")
    parameters =
      weights.tensor("\(name).depth_conv.weight")
      + (0..<inputs * outputs).map { pointWeights[$0 % outputs * inputs + $0 / outputs] }
      + weights.tensor("\(name).depth_conv.bias") + weights.tensor("\(name).point_conv.bias")
  }

  /// One or two sources, whose planes are equally far apart.
  func run(_ sources: [FeatureWindow], rows: Range<Int>, output: FeatureWindow) {
    let second = sources.count > 1 ? sources[1] : nil
    assert(sources.count <= 2 && sources[0].planes + (second?.planes ?? 0) == inputs)
    assert(second == nil || second?.planeStride == sources[0].planeStride)
    let read = rows.lowerBound - 1..<rows.upperBound + 1
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 2 * read.count) { sourceRows in
      withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>?.self, capacity: rows.count) { outputRows in
        for (index, y) in read.enumerated() {
          sourceRows.initializeElement(at: index, to: UnsafePointer(sources[0].row(y, plane: 0)))
          sourceRows.initializeElement(at: read.count + index, to: second.map { UnsafePointer($0.row(y, plane: 0)) })
        }
        for (index, y) in rows.enumerated() {
          outputRows.initializeElement(at: index, to: output.row(y, plane: 0))
        }
        run(sources, UnsafeBufferPointer(sourceRows), output: output, UnsafeBufferPointer(outputRows))
      }
    }
  }

  /// - Parameters:
  ///   - sourceRows: the rows of the first source, then those of the second one.
  ///   - outputRows: those to write.
  private func run(
    _ sources: [FeatureWindow], _ sourceRows: UnsafeBufferPointer<UnsafePointer<Float>?>, output: FeatureWindow,
    _ outputRows: UnsafeBufferPointer<UnsafeMutablePointer<Float>?>
  ) {
    parameters.withUnsafeBufferPointer { parameters in
      guard let weights = parameters.baseAddress, let first = sourceRows.baseAddress else { return }
      var layer = zdk_separable()
      layer.in = (first, first + sourceRows.count / 2)
      layer.planes = (Int32(sources[0].planes), Int32(inputs - sources[0].planes))
      layer.in_plane_stride = sources[0].planeStride
      layer.out = outputRows.baseAddress
      layer.out_plane_stride = output.planeStride
      layer.depth_weights = weights
      layer.point_weights = weights + 9 * inputs
      layer.depth_biases = weights + (9 + outputs) * inputs
      layer.point_biases = weights + (10 + outputs) * inputs
      layer.outputs = Int32(outputs)
      layer.width = Int32(output.width)
      layer.rows = Int32(outputRows.count)
      layer.rectify = rectified ? 1 : 0
      kernels.table.pointee.separable(&layer)
    }
  }
}
