internal import CKernels

/// One convolution of a network, forward and backward, on one picture.
///
/// Parameters and their gradients are flat vectors laid out by `ParameterLayout`.
protocol LayerPass: AnyObject {
  /// Writes `outputs` planes of `output` from plane `first` on, without activation, border included.
  ///
  /// `floor` is the least value after the bias: 0 is the ReLU, −infinity no activation.
  func forward(
    _ parameters: UnsafePointer<Float>, _ input: FeaturePlanes, into output: FeaturePlanes, first: Int, floor: Float)

  /// Adds the layer's part to `gradient`, from that by its output: the planes of `output` from `first` on, zero in the
  /// border. `input` is what went in. Overwrites planes 0..<inputs of `inputGradient`, unless that is nil.
  func backward(
    _ parameters: UnsafePointer<Float>, _ input: FeaturePlanes, output: FeaturePlanes, first: Int,
    gradient: UnsafeMutablePointer<Float>, inputGradient: FeaturePlanes?)
}

/// The tables in use, and shorthands for what each layer does with them.
struct TrainingKernels {
  let base: UnsafePointer<zdk_kernels>
  let training: UnsafePointer<zdk_training_kernels>

  /// The widest of this processor, or of those that `mask` allows.
  init(mask: UInt32 = .max) {
    base = zdk_kernels_for(mask)
    training = zdk_training_kernels_for(mask)
  }

  func bias(_ planes: FeaturePlanes, first: Int, count: Int, values: UnsafePointer<Float>, floor: Float) {
    for index in 0..<count {
      training.pointee.bias(
        planes.plane(first + index), planes.stride, Int32(planes.width), Int32(planes.height), values[index], floor)
    }
  }

  /// Adds the gradient by the biases: the sum of each plane.
  func biasGradient(_ planes: FeaturePlanes, first: Int, count: Int, into sums: UnsafeMutablePointer<Float>) {
    for index in 0..<count { sums[index] += training.pointee.sum(planes.plane(first + index), planes.cells) }
  }
}

/// Depthwise 3×3, then pointwise 1×1, each with a bias (Zero-DCE++).
final class SeparablePass: LayerPass {
  private let inputs: Int, outputs: Int
  private let depthWeights: Int, depthBias: Int, pointWeights: Int, pointBias: Int
  private let kernels: TrainingKernels
  /// What the depthwise part gave, kept for the way back.
  private let depth: FeaturePlanes
  /// Scratch: the gradient by it.
  private let depthGradient: FeaturePlanes

  /// `scratch` has at least `inputs` planes, and may serve all layers.
  init(inputs: Int, outputs: Int, offsets: [Int], scratch: FeaturePlanes, kernels: TrainingKernels) {
    self.inputs = inputs
    self.outputs = outputs
    (depthWeights, depthBias, pointWeights, pointBias) = (offsets[0], offsets[1], offsets[2], offsets[3])
    self.kernels = kernels
    depth = FeaturePlanes(planes: inputs, width: scratch.width, height: scratch.height)
    depthGradient = scratch
  }

  func forward(
    _ parameters: UnsafePointer<Float>, _ input: FeaturePlanes, into output: FeaturePlanes, first: Int, floor: Float
  ) {
    for channel in 0..<inputs {
      kernels.base.pointee.depthwise3x3(
        depth.plane(channel), depth.stride, input.plane(channel), input.stride,
        parameters + depthWeights + 9 * channel, parameters[depthBias + channel], Int32(input.width),
        Int32(input.height))
    }
    // The border of `depth` is zero, and so is that of the product.
    multiply(
      pointMatrix(parameters), depth.matrix(), into: output.matrix(from: first), rows: outputs, columns: depth.cells,
      inner: inputs)
    kernels.bias(output, first: first, count: outputs, values: parameters + pointBias, floor: floor)
  }

  func backward(
    _ parameters: UnsafePointer<Float>, _ input: FeaturePlanes, output: FeaturePlanes, first: Int,
    gradient: UnsafeMutablePointer<Float>, inputGradient: FeaturePlanes?
  ) {
    let outer = output.matrix(from: first)
    kernels.biasGradient(output, first: first, count: outputs, into: gradient + pointBias)
    multiply(
      outer, depth.matrix().transposed, into: Matrix(start: gradient + pointWeights, stride: inputs), rows: outputs,
      columns: inputs, inner: depth.cells, adding: true)
    multiply(
      pointMatrix(parameters).transposed, outer, into: depthGradient.matrix(), rows: inputs, columns: depth.cells,
      inner: outputs)
    let (width, height) = (Int32(input.width), Int32(input.height))
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 19) { scratch in
      let sums = scratch.baseAddress!
      let reversed = sums + 10
      for channel in 0..<inputs {
        kernels.training.pointee.depthwise3x3_gradient(
          sums, input.plane(channel), depthGradient.plane(channel), input.stride, width, height)
        for position in 0..<9 { gradient[depthWeights + 9 * channel + position] += sums[position] }
        gradient[depthBias + channel] += sums[9]
        guard let inputGradient else { continue }
        // The adjoint of a correlation is the correlation with the window turned round.
        for position in 0..<9 { reversed[position] = parameters[depthWeights + 9 * channel + 8 - position] }
        kernels.base.pointee.depthwise3x3(
          inputGradient.plane(channel), inputGradient.stride, depthGradient.plane(channel), depthGradient.stride,
          reversed, 0, width, height)
      }
    }
  }

  private func pointMatrix(_ parameters: UnsafePointer<Float>) -> Matrix {
    Matrix(start: UnsafeMutablePointer(mutating: parameters + pointWeights), stride: inputs)
  }
}

/// Plain 3×3 with a bias (Zero-DCE), as nine matrix products on shifted planes.
final class PlainPass: LayerPass {
  private let inputs: Int, outputs: Int
  private let weights: Int, bias: Int
  private let kernels: TrainingKernels

  init(inputs: Int, outputs: Int, offsets: [Int], kernels: TrainingKernels) {
    self.inputs = inputs
    self.outputs = outputs
    (weights, bias) = (offsets[0], offsets[1])
    self.kernels = kernels
  }

  func forward(
    _ parameters: UnsafePointer<Float>, _ input: FeaturePlanes, into output: FeaturePlanes, first: Int, floor: Float
  ) {
    for position in 0..<9 {
      multiply(
        matrix(parameters, position), input.matrix(shift: shift(position, input)), into: output.matrix(from: first),
        rows: outputs, columns: input.cells, inner: inputs, adding: position > 0)
    }
    output.clearBorder(first..<first + outputs)
    kernels.bias(output, first: first, count: outputs, values: parameters + bias, floor: floor)
  }

  func backward(
    _ parameters: UnsafePointer<Float>, _ input: FeaturePlanes, output: FeaturePlanes, first: Int,
    gradient: UnsafeMutablePointer<Float>, inputGradient: FeaturePlanes?
  ) {
    kernels.biasGradient(output, first: first, count: outputs, into: gradient + bias)
    for position in 0..<9 {
      multiply(
        output.matrix(from: first), input.matrix(shift: shift(position, input)).transposed,
        into: matrix(gradient, position), rows: outputs, columns: inputs, inner: input.cells, adding: true)
      guard let inputGradient else { continue }
      multiply(
        matrix(parameters, position).transposed, output.matrix(from: first, shift: -shift(position, input)),
        into: inputGradient.matrix(), rows: inputs, columns: input.cells, inner: outputs, adding: position > 0)
    }
    inputGradient?.clearBorder(0..<inputs)
  }

  private func shift(_ position: Int, _ planes: FeaturePlanes) -> Int {
    (position / 3 - 1) * planes.stride + position % 3 - 1
  }

  private func matrix(_ vector: UnsafePointer<Float>, _ position: Int) -> Matrix {
    Matrix(start: UnsafeMutablePointer(mutating: vector + weights + position * outputs * inputs), stride: inputs)
  }
}
