internal import CKernels
internal import Enhancer

/// A network on pictures of one size, forward and backward: picture in, curve maps out, gradient by the maps in,
/// gradient by the parameters out. Holds all memory that it needs; for one thread at a time.
final class NetworkPass {
  let model: Weights.Model
  /// `3 × height × width`, to be filled before `forward`.
  let picture: FeaturePlanes
  /// `3 · maps × height × width`, values in [-1, 1]: map m, channel c is plane 3·m + c. Filled by `forward`.
  let maps: FeaturePlanes
  /// The gradient by `maps`, to be filled before `backward`, which overwrites it.
  let mapGradient: FeaturePlanes

  private let layers: [any LayerPass]
  private let kernels: TrainingKernels
  /// Features in pairs as the skip concatenations want them, so that each is one run of planes: (3,4), (2,5), (1,6).
  private let pairs: [FeaturePlanes]
  private let pairGradients: [FeaturePlanes]
  /// The gradient by the input of a layer whose features already have one.
  private let other: FeaturePlanes

  private static let hidden = 32

  init(layout: ParameterLayout, width: Int, height: Int, kernels: TrainingKernels = TrainingKernels()) {
    func planes(_ count: Int) -> FeaturePlanes { FeaturePlanes(planes: count, width: width, height: height) }
    model = layout.model
    self.kernels = kernels
    picture = planes(3)
    maps = planes(3 * model.maps)
    mapGradient = planes(3 * model.maps)
    pairs = (0..<3).map { _ in planes(2 * Self.hidden) }
    pairGradients = (0..<3).map { _ in planes(2 * Self.hidden) }
    other = planes(Self.hidden)
    let isSeparable = layout.model == .zeroDCEPlusPlus
    let scratch = planes(isSeparable ? 2 * Self.hidden : 0)
    layers = layout.model.channels.enumerated().map { index, channels in
      let offsets = layout.offsets(ofLayer: index)
      return isSeparable
        ? SeparablePass(
          inputs: channels.input, outputs: channels.output, offsets: offsets, scratch: scratch, kernels: kernels)
        : PlainPass(inputs: channels.input, outputs: channels.output, offsets: offsets, kernels: kernels)
    }
  }

  /// Fills `maps` from `picture`.
  func forward(_ parameters: UnsafePointer<Float>) {
    let (p34, p25, p16) = (pairs[0], pairs[1], pairs[2])
    let half = Self.hidden
    layers[0].forward(parameters, picture, into: p16, first: 0, floor: 0)
    layers[1].forward(parameters, p16, into: p25, first: 0, floor: 0)
    layers[2].forward(parameters, p25, into: p34, first: 0, floor: 0)
    layers[3].forward(parameters, p34, into: p34, first: half, floor: 0)
    layers[4].forward(parameters, p34, into: p25, first: half, floor: 0)
    layers[5].forward(parameters, p25, into: p16, first: half, floor: 0)
    layers[6].forward(parameters, p16, into: maps, first: 0, floor: -.infinity)
    for index in 0..<maps.planes { kernels.base.pointee.tanh(maps.plane(index), maps.cells) }
  }

  /// Adds the gradient by the parameters to `gradient`, after `forward` with the same parameters.
  func backward(_ parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>) {
    let (p34, p25, p16) = (pairs[0], pairs[1], pairs[2])
    let (g34, g25, g16) = (pairGradients[0], pairGradients[1], pairGradients[2])
    let half = Self.hidden
    for index in 0..<maps.planes {
      kernels.training.pointee.tanh_gradient(mapGradient.plane(index), maps.plane(index), maps.cells)
    }
    func back(
      _ layer: Int, _ input: FeaturePlanes, _ output: FeaturePlanes, _ first: Int, to inputGradient: FeaturePlanes?
    ) {
      layers[layer].backward(
        parameters, input, output: output, first: first, gradient: gradient, inputGradient: inputGradient)
    }
    back(6, p16, mapGradient, 0, to: g16)
    activate(g16, half, p16)
    back(5, p25, g16, half, to: g25)
    activate(g25, half, p25)
    back(4, p34, g25, half, to: g34)
    activate(g34, half, p34)
    back(3, p34, g34, half, to: other)
    activate(g34, 0, p34, adding: other)
    back(2, p25, g34, 0, to: other)
    activate(g25, 0, p25, adding: other)
    back(1, p16, g25, 0, to: other)
    activate(g16, 0, p16, adding: other)
    back(0, picture, g16, 0, to: nil)
  }

  /// Through the ReLU of 32 features, which got a gradient from one or two layers.
  private func activate(
    _ gradients: FeaturePlanes, _ first: Int, _ features: FeaturePlanes, adding other: FeaturePlanes? = nil
  ) {
    for index in 0..<Self.hidden {
      kernels.training.pointee.relu_gradient(
        gradients.plane(first + index), other.map { UnsafePointer($0.plane(index)) },
        features.plane(first + index), features.cells)
    }
  }
}
