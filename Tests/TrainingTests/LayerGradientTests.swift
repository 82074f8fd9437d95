import Enhancer
import Testing

@testable import Training

/// Every layer's gradients against finite differences. A layer is linear in its input and in each of its tensors, so
/// steps may be large and rounding is all that is left.
struct LayerGradientTests {
  private static let (width, height) = (7, 5)

  private func layer(_ model: Weights.Model, inputs: Int, outputs: Int) -> (layer: any LayerPass, count: Int) {
    let kernels = TrainingKernels()
    if model == .zeroDCE {
      return (
        PlainPass(inputs: inputs, outputs: outputs, offsets: [0, 9 * inputs * outputs], kernels: kernels),
        9 * inputs * outputs + outputs
      )
    }
    let scratch = FeaturePlanes(planes: inputs, width: Self.width, height: Self.height)
    let offsets = [0, 9 * inputs, 10 * inputs, 10 * inputs + inputs * outputs]
    return (
      SeparablePass(inputs: inputs, outputs: outputs, offsets: offsets, scratch: scratch, kernels: kernels),
      10 * inputs + inputs * outputs + outputs
    )
  }

  /// The shapes of all seven layers: 3 → 32, 32 → 32, 64 → 32, and 64 → 3 or 24.
  @Test(arguments: Weights.Model.allCases, [(3, 32), (32, 32), (64, 32), (64, 3), (64, 24)])
  func parametersAndInput(model: Weights.Model, channels: (Int, Int)) {
    let (inputs, outputs) = channels
    let (width, height) = (Self.width, Self.height)
    let (layer, count) = layer(model, inputs: inputs, outputs: outputs)
    let parameters = randomValues(count, seed: 1)
    let values = randomValues(inputs * width * height, seed: 2)
    let direction = randomValues(outputs * width * height, seed: 3)
    let input = FeaturePlanes(planes: inputs, width: width, height: height)
    let output = FeaturePlanes(planes: outputs, width: width, height: height)

    func value(_ parameters: [Float], _ values: [Float]) -> Double {
      input.fill(values)
      layer.forward(parameters, input, into: output, first: 0, floor: -.infinity)
      return dot(output.values, direction)
    }
    _ = value(parameters, values)
    let outer = FeaturePlanes(planes: outputs, width: width, height: height, values: direction)
    let inner = FeaturePlanes(planes: inputs, width: width, height: height)
    var gradient = [Float](repeating: 0, count: count)
    layer.backward(parameters, input, output: outer, first: 0, gradient: &gradient, inputGradient: inner)

    expectGradient(gradient, at: parameters, step: 0.25, tolerance: 1e-3, sample: 150) { value($0, values) }
    expectGradient(inner.values, at: values, step: 0.25, tolerance: 1e-3) { value(parameters, $0) }
  }

  @Test func gradientsAddUp() {
    let (layer, count) = layer(.zeroDCEPlusPlus, inputs: 3, outputs: 32)
    let parameters = randomValues(count, seed: 1)
    let input = FeaturePlanes(planes: 3, width: 7, height: 5, values: randomValues(105, seed: 2))
    let output = FeaturePlanes(planes: 32, width: 7, height: 5)
    layer.forward(parameters, input, into: output, first: 0, floor: 0)
    #expect(output.values.allSatisfy { $0 >= 0 } && output.values.contains { $0 > 0 })
    var once = [Float](repeating: 0, count: count)
    layer.backward(parameters, input, output: output, first: 0, gradient: &once, inputGradient: nil)
    var twice = once
    layer.backward(parameters, input, output: output, first: 0, gradient: &twice, inputGradient: nil)
    #expect(zip(once, twice).allSatisfy { abs($1 - 2 * $0) <= 1e-5 * max(1, abs($0)) })
  }

  /// The whole network with its skip connections, ReLUs and tanh, by its parameters.
  @Test(arguments: Weights.Model.allCases)
  func network(model: Weights.Model) {
    let layout = ParameterLayout(model)
    let pass = NetworkPass(layout: layout, width: 12, height: 9)
    pass.picture.fill(randomValues(3 * 108, seed: 4, in: 0...1))
    // Biases so large beside the weights that each ReLU is open or shut: differences across its kink would say nothing.
    var parameters = layout.initial(seed: 5)
    var random = RandomStream(seed: 5, purpose: .crops, index: 0)
    for tensor in layout.tensors where tensor.shape.count == 4 && !tensor.name.contains("depth") {
      if !tensor.name.hasPrefix("e_conv7") { for index in tensor.range { parameters[index] *= 0.12 } }
    }
    for tensor in layout.tensors where tensor.shape == [32] && !tensor.name.contains("depth") {
      for index in tensor.range { parameters[index] = random.chance(0.7) ? 2.5 : -2.5 }
    }
    let direction = randomValues(pass.maps.planes * 108, seed: 6)
    func value(_ parameters: [Float]) -> Double {
      pass.forward(parameters)
      return dot(pass.maps.values, direction)
    }
    _ = value(parameters)
    pass.mapGradient.fill(direction)
    var gradient = [Float](repeating: 0, count: layout.count)
    pass.backward(parameters, gradient: &gradient)
    for tensor in layout.tensors {
      let range = tensor.range
      expectGradient(
        Array(gradient[range]), at: Array(parameters[range]), step: 0.05, tolerance: 0.03, floor: 1e-4, sample: 12
      ) {
        var changed = parameters
        changed.replaceSubrange(range, with: $0)
        return value(changed)
      }
    }
  }
}
