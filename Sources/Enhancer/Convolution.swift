internal import CKernels

/// One 3×3 convolution of a network: the seam between the wave of layers and the products of this file, which are
/// OpenBLAS's, or the fused kernel of `FusedConvolution`.
protocol Convolution: AnyObject {
  var outputs: Int { get }

  /// Writes rows `rows` of `output` from `sources`, whose channels follow each other; rectified where the layer is.
  ///
  /// Sources hold the rows from one above to one below. The padding columns of `output` are zero before and after.
  func run(_ sources: [FeatureWindow], rows: Range<Int>, output: FeatureWindow)
}

/// `output += weights · input`: `weights` is `m × k`, `input` `k × n`, rows `inputStride` apart, `output` `m × n`.
private func multiplyAdd(
  _ weights: UnsafePointer<Float>, weightStride: Int, _ input: UnsafePointer<Float>, inputStride: Int,
  _ output: UnsafeMutablePointer<Float>, outputStride: Int, m: Int, n: Int, k: Int
) {
  zdk_sgemm(
    Int32(m), Int32(n), Int32(k), weights, Int32(weightStride), 0, input, Int32(inputStride), 0, output,
    Int32(outputStride), 1)
}

/// Depthwise 3×3, then pointwise 1×1, each with a bias (Zero-DCE++).
final class SeparableConvolution: Convolution {
  let inputs: Int, outputs: Int
  private let depthWeights: [Float], depthBiases: [Float]
  private let pointWeights: [Float], pointBiases: [Float]
  private let rectified: Bool
  private let kernels: Kernels
  private let scratch: FeatureWindow

  /// All windows are planar; `scratch` holds the depthwise result: at least `inputs` planes and as many rows as are asked for at once.
  init(
    weights: Weights, name: String, inputs: Int, outputs: Int, rectified: Bool, kernels: Kernels,
    scratch: FeatureWindow
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.rectified = rectified
    self.kernels = kernels
    self.scratch = scratch
    depthWeights = weights.tensor("\(name).depth_conv.weight")
    depthBiases = weights.tensor("\(name).depth_conv.bias")
    pointWeights = weights.tensor("\(name).point_conv.weight")
    pointBiases = weights.tensor("\(name).point_conv.bias")
  }

  func run(_ sources: [FeatureWindow], rows: Range<Int>, output: FeatureWindow) {
    let stride = output.rowStride
    var channel = 0
    depthWeights.withUnsafeBufferPointer { weights in
      for source in sources {
        for plane in 0..<source.planes {
          kernels.table.pointee.depthwise3x3(
            scratch.row(-1, plane: channel), stride, source.row(rows.lowerBound, plane: plane), stride,
            weights.baseAddress! + 9 * channel, depthBiases[channel], Int32(output.width), Int32(rows.count))
          channel += 1
        }
      }
    }
    assert(channel == inputs)
    output.fill(rows, with: pointBiases)
    multiplyAdd(
      pointWeights, weightStride: inputs, scratch.row(-1, plane: 0), inputStride: scratch.planeStride,
      output.row(rows.lowerBound, plane: 0), outputStride: output.planeStride, m: outputs, n: rows.count * stride,
      k: inputs)
    output.finishProduct(rows, rectified: rectified, kernels: kernels)
  }
}

/// Plain 3×3 with a bias (Zero-DCE), as nine matrix products on shifted planes: no im2col copy is made.
final class PlainConvolution: Convolution {
  let inputs: Int, outputs: Int
  /// `9 × outputs × inputs`: one matrix for each position of the window.
  private let weights: [Float]
  private let biases: [Float]
  private let rectified: Bool
  private let kernels: Kernels

  /// All windows are planar.
  init(weights: Weights, name: String, inputs: Int, outputs: Int, rectified: Bool, kernels: Kernels) {
    self.inputs = inputs
    self.outputs = outputs
    self.rectified = rectified
    self.kernels = kernels
    biases = weights.tensor("\(name).bias")
    let stored = weights.tensor("\(name).weight")
    self.weights = (0..<9).flatMap { position in
      (0..<outputs * inputs).map { stored[$0 * 9 + position] }
    }
  }

  func run(_ sources: [FeatureWindow], rows: Range<Int>, output: FeatureWindow) {
    output.fill(rows, with: biases)
    weights.withUnsafeBufferPointer { weights in
      for position in 0..<9 {
        var channel = 0
        for source in sources {
          multiplyAdd(
            weights.baseAddress! + position * outputs * inputs + channel, weightStride: inputs,
            source.row(rows.lowerBound + position / 3 - 1, plane: 0) + position % 3 - 1,
            inputStride: source.planeStride, output.row(rows.lowerBound, plane: 0), outputStride: output.planeStride,
            m: outputs, n: rows.count * output.rowStride, k: source.planes)
          channel += source.planes
        }
      }
    }
    output.finishProduct(rows, rectified: rectified, kernels: kernels)
  }
}

extension FeatureWindow {
  /// Sets each plane of some rows to one value.
  fileprivate func fill(_ rows: Range<Int>, with values: [Float]) {
    for plane in 0..<planes {
      row(rows.lowerBound, plane: plane).update(repeating: values[plane], count: rows.count * rowStride)
    }
  }

  /// What a matrix product leaves undone: the activation, and the padding columns, which it has overwritten.
  fileprivate func finishProduct(_ rows: Range<Int>, rectified: Bool, kernels: Kernels) {
    if rectified {
      for plane in 0..<planes { kernels.table.pointee.relu(row(rows.lowerBound, plane: plane), rows.count * rowStride) }
    }
    clearPadding(rows)
  }
}
