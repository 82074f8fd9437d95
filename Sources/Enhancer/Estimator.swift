internal import CKernels
public import Frames

/// A network at work: small picture in, curve map out.
///
/// The seven layers follow each other down the picture like a wave, each some rows behind the one before, so that what
/// one layer writes is still in the cache when the next one reads it. Nothing is computed twice, and memory is bounded
/// by the width. Allocates only when the size of the picture changes. For one thread at a time.
public final class Estimator {
  /// The network that the weights are for.
  public let model: Weights.Model
  private let kernels: Kernels
  private let weights: Weights
  private let engine: ConvolutionEngine
  private let rowsAtOnce: Int?
  private var network: Network?

  /// An estimator without memory yet; the first picture decides how much it needs. Zero-DCE, and processors without AVX2,
  /// need OpenBLAS to be installed: see `isAvailable`.
  public convenience init(weights: Weights, kernels: Kernels = .best) {
    self.init(weights: weights, kernels: kernels, engine: nil, rowsAtOnce: nil)
  }

  /// For tests and benchmarks. `engine`: nil takes the faster one; `fused` is for Zero-DCE++ only. `rowsAtOnce`: how
  /// many rows a layer advances per step, on which the result does not depend.
  init(weights: Weights, kernels: Kernels, engine: ConvolutionEngine?, rowsAtOnce: Int? = nil) {
    precondition(engine != .fused || weights.model == .zeroDCEPlusPlus, "the fused kernel is for separable layers")
    self.weights = weights
    self.kernels = kernels
    self.engine = engine ?? .preferred(for: weights.model, kernels: kernels)
    self.rowsAtOnce = rowsAtOnce
    model = weights.model
  }

  /// Whether what multiplies is installed. Without it, `estimate` ends the program.
  public var isAvailable: Bool { engine == .fused || zdk_load_blas(nil) != 0 }

  /// Estimates the curves of `picture`, values in [0, 1], into `map` of the same size, times `strength`.
  public func estimate(_ picture: PlanarFrame, strength: Double = 1, into map: CurveMap) {
    precondition(picture.width == map.width && picture.height == map.height, "the map has the size of the picture")
    precondition(map.maps == model.maps, "the map has as many planes as the network gives")
    if network?.width != picture.width || network?.height != picture.height {
      precondition(isAvailable, "\(EnhancerError.openBLASMissing)")
      network = Network(
        weights: weights, kernels: kernels, engine: engine, width: picture.width, height: picture.height,
        rowsAtOnce: rowsAtOnce)
    }
    network?.run(picture, into: map)
    map.scale(by: strength)
  }
}

/// Who multiplies.
package enum ConvolutionEngine: String, CaseIterable, Sendable {
  /// OpenBLAS, on whole planes: the reference, for either network.
  case openBLAS = "openblas"
  /// The fused kernel of `CKernels`, for Zero-DCE++: a quarter faster and more with vectors, far slower without.
  case fused

  /// The faster one; `make bench` measures both.
  package static func preferred(for model: Weights.Model, kernels: Kernels) -> ConvolutionEngine {
    model == .zeroDCEPlusPlus && kernels.name != Kernels.Variant.plain.rawValue ? .fused : .openBLAS
  }

  /// The layout of windows that it wants.
  fileprivate var layout: FeatureWindow.Layout { self == .fused ? .interleaved : .planar }

  /// How many rows of `width` a layer should advance per step. The kernel works on pairs. OpenBLAS wants 300 to
  /// 15,000 floats of a plane; these differ by less than 10 %.
  fileprivate func rowsAtOnce(width: Int) -> Int { self == .fused ? 2 : max(1, 1300 / (width + 1)) }

  /// Bytes that features may take where the layers need less. To slide is work in planar windows, which are better large; a
  /// ring is best as small as can be, to stay in the cache.
  fileprivate var memoryLimit: Int { self == .fused ? 0 : 16 << 20 }
}

/// Seven convolutions and their feature planes, for pictures of one size.
private final class Network {
  let width: Int
  let height: Int
  private let kernels: Kernels
  private let step: Int
  private let layers: [any Convolution]
  /// 0 is the picture; 1 to 6 the features of the layers.
  private let features: [FeatureWindow]
  /// For each layer, the features that it reads.
  private let inputs: [[FeatureWindow]]
  private let result: FeatureWindow
  /// Rows of the result that have been given.
  private var given = 0

  /// What each layer reads: the skip concatenations (3,4) -> 5, (2,5) -> 6, (1,6) -> 7.
  private static let sources = [[0], [1], [2], [3], [3, 4], [2, 5], [1, 6]]
  /// For the picture and each of the features, the layer that reads them last.
  private static let lastReaders = sources.indices.map { source in
    (sources.lastIndex { $0.contains(source) } ?? source) + 1
  }

  init(
    weights: Weights, kernels: Kernels, engine: ConvolutionEngine, width: Int, height: Int, rowsAtOnce: Int?
  ) {
    self.width = width
    self.height = height
    self.kernels = kernels
    let step = min(rowsAtOnce ?? engine.rowsAtOnce(width: width), height)
    self.step = step
    let planes = 3 + 6 * 32
    let affordable = engine.memoryLimit / (planes * (width + 1) * MemoryLayout<Float>.stride)
    func window(_ planes: Int, _ capacity: Int) -> FeatureWindow {
      FeatureWindow(planes: planes, width: width, capacity: capacity, layout: engine.layout)
    }
    let features = Self.lastReaders.enumerated().map { source, reader in
      // Each layer runs a row behind the one before, and reads one more above and below.
      let least = reader - source + step + 2
      return window(source == 0 ? 3 : 32, min(height + 2, max(least, affordable)))
    }
    self.features = features
    inputs = Self.sources.map { $0.map { features[$0] } }
    result = window(3 * weights.model.maps, step)
    let scratch: FeatureWindow? =
      weights.model == .zeroDCEPlusPlus && engine == .openBLAS ? window(64, step) : nil
    layers = weights.model.channels.enumerated().map { index, channels in
      let name = "e_conv\(index + 1)"
      let (inputs, outputs, rectified) = (channels.input, channels.output, index < 6)
      return switch (engine, scratch) {
      case (.fused, _):
        FusedConvolution(
          weights: weights, name: name, inputs: inputs, outputs: outputs, rectified: rectified, kernels: kernels)
      case (.openBLAS, let scratch?):
        SeparableConvolution(
          weights: weights, name: name, inputs: inputs, outputs: outputs, rectified: rectified, kernels: kernels,
          scratch: scratch)
      case (.openBLAS, nil):
        PlainConvolution(
          weights: weights, name: name, inputs: inputs, outputs: outputs, rectified: rectified, kernels: kernels)
      }
    }
  }

  func run(_ picture: PlanarFrame, into map: CurveMap) {
    for window in features { window.restart() }
    given = 0
    while given < height {
      load(picture)
      for layer in 1...6 { advance(layer) }
      give(next(7), to: map)
    }
  }

  /// Takes in a step's rows of the picture.
  private func load(_ picture: PlanarFrame) {
    let input = features[0]
    let rows = input.filled..<min(input.filled + step, height)
    guard !rows.isEmpty else { return }
    makeRoom(in: 0, to: rows.upperBound)
    for channel in 0..<3 {
      for y in rows { input.row(y, plane: channel).update(from: picture.row(y, channel: channel), count: width) }
    }
    input.finish(to: rows.upperBound, height: height)
  }

  /// Brings the features of a hidden layer a step further down, as far as those of the layer before allow.
  private func advance(_ layer: Int) {
    let rows = next(layer)
    guard !rows.isEmpty else { return }
    makeRoom(in: layer, to: rows.upperBound)
    convolve(layer, rows: rows, output: features[layer])
    features[layer].finish(to: rows.upperBound, height: height)
  }

  /// Rows of a layer that have been made.
  private func made(_ layer: Int) -> Int { layer == 7 ? given : features[layer].filled }

  /// Those that it can make in this step. It waits for the row below, except at the bottom.
  private func next(_ layer: Int) -> Range<Int> {
    let before = features[layer - 1].filled, first = made(layer)
    return first..<max(first, min(before == height ? height : before - 1, first + step))
  }

  /// Drops what no layer reads any more where rows up to `end`, and the one below, do not fit.
  private func makeRoom(in source: Int, to end: Int) {
    guard end + 1 > features[source].endRow else { return }
    features[source].slide(to: made(Self.lastReaders[source]) - 1)
  }

  private func convolve(_ layer: Int, rows: Range<Int>, output: FeatureWindow) {
    layers[layer - 1].run(inputs[layer - 1], rows: rows, output: output)
  }

  private func give(_ rows: Range<Int>, to map: CurveMap) {
    guard !rows.isEmpty else { return }
    result.move(to: rows.lowerBound)
    convolve(7, rows: rows, output: result)
    for plane in 0..<result.planes {
      for y in rows {
        let row = result.row(y, plane: plane)
        kernels.table.pointee.tanh(row, width)
        map.row(y, plane: plane).update(from: row, count: width)
      }
    }
    given = rows.upperBound
  }
}
