internal import CKernels
internal import Enhancer

/// One picture all the way: curve maps, enhanced picture, losses, and back to the gradient by the parameters.
///
/// Holds all memory that it needs; for one thread at a time.
final class SamplePass {
  let network: NetworkPass
  let weights: LossWeights
  /// `3 × height × width`: `picture` after the curve. Filled by `forward`.
  let enhanced: FeaturePlanes
  private let enhancedGradient: FeaturePlanes
  private let losses: PictureLosses
  private let kernels: TrainingKernels

  init(
    layout: ParameterLayout, width: Int, height: Int, weights: LossWeights,
    kernels: TrainingKernels = TrainingKernels()
  ) {
    network = NetworkPass(layout: layout, width: width, height: height, kernels: kernels)
    self.weights = weights
    self.kernels = kernels
    enhanced = FeaturePlanes(planes: 3, width: width, height: height)
    enhancedGradient = FeaturePlanes(planes: 3, width: width, height: height)
    losses = PictureLosses(width: width, height: height)
  }

  /// To be filled before anything else: `3 × height × width`, values in [0, 1].
  var picture: FeaturePlanes { network.picture }

  /// Fills `network.maps` and `enhanced`.
  func forward(_ parameters: UnsafePointer<Float>) {
    network.forward(parameters)
    var row = zdk_float_row()
    row.x = (
      UnsafePointer(picture.plane(0)), UnsafePointer(picture.plane(1)), UnsafePointer(picture.plane(2))
    )
    row.out = (enhanced.plane(0), enhanced.plane(1), enhanced.plane(2))
    row.width = enhanced.cells
    row.maps = Int32(network.model.maps)
    row.iterations = Int32(CurveMap.iterations)
    // A map has the picture's size here: nothing lies between an upper and a lower row.
    withUnsafeMutableBytes(of: &row.curve.upper) { bytes in
      let pointers = bytes.assumingMemoryBound(to: UnsafePointer<Float>?.self)
      for plane in 0..<3 * network.model.maps { pointers[plane] = UnsafePointer(network.maps.plane(plane)) }
    }
    row.curve.lower = row.curve.upper
    kernels.base.pointee.curve(&row)
  }

  /// The losses of `picture`, and the gradient of their weighted sum times `share`: by the maps into
  /// `network.mapGradient`, and from there by the parameters, added to `gradient` unless that is nil.
  func losses(
    _ parameters: UnsafePointer<Float>, share: Double, gradient: UnsafeMutablePointer<Float>?
  ) -> LossValues {
    forward(parameters)
    for channel in 0..<3 { enhancedGradient.plane(channel).update(repeating: 0, count: enhancedGradient.cells) }
    var values = LossValues()
    let patch = weights.spatialPatch
    values.spatial = losses.spatial(
      enhanced, before: losses.patches(picture, patch: patch), patch: patch, weight: share * weights.spatial,
      gradient: enhancedGradient)
    values.exposure = losses.exposure(
      enhanced, level: weights.exposureLevel, patch: weights.exposurePatch, weight: share * weights.exposure,
      gradient: enhancedGradient)
    values.colour = losses.colour(enhanced, weight: share * weights.colour, gradient: enhancedGradient)
    // Smoothness goes to a plane of its own first: the curve's gradient overwrites.
    values.smoothness = smoothness(share: share)
    guard let gradient else { return values }
    network.backward(parameters, gradient: gradient)
    return values
  }

  /// Illumination smoothness, and the whole gradient by the maps.
  ///
  /// Twice the sum of squared differences of neighbours, divided by the number of pairs in one plane (the authors'
  /// formula, which does not divide by the number of planes).
  private func smoothness(share: Double) -> Double {
    let maps = network.maps
    let (width, height) = (maps.width, maps.height)
    let across = width > 1 ? 2 / Double(height * (width - 1)) : 0
    let down = height > 1 ? 2 / Double((height - 1) * width) : 0
    for channel in 0..<3 {
      withMaps(maps, channel: channel) { maps in
        withMutableMaps(network.mapGradient, channel: channel) { gradients in
          kernels.training.pointee.curve_gradient(
            gradients, picture.plane(channel), maps, enhancedGradient.plane(channel), Int32(network.model.maps),
            Int32(CurveMap.iterations), enhanced.cells)
        }
      }
    }
    let weight = share * weights.smoothness
    var value = 0.0
    for index in 0..<maps.planes {
      var sums = [0.0, 0.0]
      kernels.training.pointee.smoothness(
        &sums, smoothnessGradient.plane(0), maps.plane(index), maps.stride, Int32(width), Int32(height),
        Float(weight * across), Float(weight * down))
      value += across * sums[0] + down * sums[1]
      let target = network.mapGradient.plane(index)
      let source = smoothnessGradient.plane(0)
      for cell in 0..<maps.cells { target[cell] += source[cell] }
    }
    return value
  }

  private lazy var smoothnessGradient = FeaturePlanes(planes: 1, width: enhanced.width, height: enhanced.height)

  private func withMaps(_ planes: FeaturePlanes, channel: Int, _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: network.model.maps) { pointers in
      for map in 0..<network.model.maps { pointers[map] = UnsafePointer(planes.plane(3 * map + channel)) }
      body(pointers.baseAddress!)
    }
  }

  private func withMutableMaps(
    _ planes: FeaturePlanes, channel: Int, _ body: (UnsafePointer<UnsafeMutablePointer<Float>?>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>?.self, capacity: network.model.maps) { pointers in
      for map in 0..<network.model.maps { pointers[map] = planes.plane(3 * map + channel) }
      body(pointers.baseAddress!)
    }
  }
}
