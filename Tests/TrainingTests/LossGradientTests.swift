import CKernels
import Enhancer
import Testing

@testable import Training

/// Every loss, and the curve, against finite differences and against cases that are known.
struct LossGradientTests {
  private static let (width, height) = (13, 10)
  private let losses = PictureLosses(width: LossGradientTests.width, height: LossGradientTests.height)

  private func planes(_ values: [Float]) -> FeaturePlanes {
    FeaturePlanes(planes: 3, width: Self.width, height: Self.height, values: values)
  }

  private func check(_ loss: (FeaturePlanes, FeaturePlanes) -> Double) {
    let point = randomValues(3 * Self.width * Self.height, seed: 1, in: 0...1)
    let gradient = FeaturePlanes(planes: 3, width: Self.width, height: Self.height)
    _ = loss(planes(point), gradient)
    expectGradient(gradient.values, at: point, step: 1e-2, tolerance: 2e-3) {
      loss(planes($0), FeaturePlanes(planes: 3, width: Self.width, height: Self.height))
    }
  }

  @Test func spatial() {
    let original = losses.patches(planes(randomValues(390, seed: 2, in: 0...1)), patch: 4)
    check { losses.spatial($0, before: original, patch: 4, weight: 1, gradient: $1) }
  }

  @Test func exposure() {
    check { losses.exposure($0, level: 0.6, patch: 3, weight: 1, gradient: $1) }
  }

  @Test func colour() {
    check { losses.colour($0, weight: 1, gradient: $1) }
  }

  @Test(arguments: [0, UInt32.max])
  func smoothness(mask: UInt32) {
    let kernels = TrainingKernels(mask: mask)
    let point = randomValues(Self.width * Self.height, seed: 3)
    let gradient = FeaturePlanes(planes: 1, width: Self.width, height: Self.height)
    func value(_ values: [Float]) -> Double {
      let map = FeaturePlanes(planes: 1, width: Self.width, height: Self.height, values: values)
      var sums = [0.0, 0.0]
      kernels.training.pointee.smoothness(
        &sums, gradient.plane(0), map.plane(0), map.stride, Int32(Self.width), Int32(Self.height), 0.3, 0.7)
      return 0.3 * sums[0] + 0.7 * sums[1]
    }
    _ = value(point)
    let slopes = gradient.values
    expectGradient(slopes, at: point, step: 1e-2, tolerance: 1e-3, value)
  }

  @Test(arguments: [0, UInt32.max], [1, 8])
  func curve(mask: UInt32, maps: Int) {
    let kernels = TrainingKernels(mask: mask)
    let count = 37
    let picture = randomValues(count, seed: 4, in: 0...1)
    let direction = randomValues(count, seed: 5)
    let point = randomValues(maps * count, seed: 6, in: -0.9...0.9)
    func value(_ maps: [Float]) -> Double {
      var sum = 0.0
      for pixel in 0..<count {
        var x = Double(picture[pixel])
        for step in 0..<8 { x += Double(maps[(maps.count > count ? step * count : 0) + pixel]) * (x * x - x) }
        sum += x * Double(direction[pixel])
      }
      return sum
    }
    var slopes = [Float](repeating: 0, count: point.count)
    slopes.withUnsafeMutableBufferPointer { slopes in
      point.withUnsafeBufferPointer { point in
        let gradients = (0..<maps).map { Optional(slopes.baseAddress! + $0 * count) }
        let inputs = (0..<maps).map { Optional(point.baseAddress! + $0 * count) }
        kernels.training.pointee.curve_gradient(gradients, picture, inputs, direction, Int32(maps), 8, count)
      }
    }
    expectGradient(slopes, at: point, step: 1e-3, tolerance: 2e-3, sample: 300, value)
  }

  /// The sum of all, through the curve and the network, as training uses it.
  @Test(arguments: Weights.Model.allCases)
  func everything(model: Weights.Model) {
    let layout = ParameterLayout(model)
    var weights = LossWeights()
    weights.smoothness = 100
    weights.exposurePatch = 5
    let pass = SamplePass(layout: layout, width: 16, height: 12, weights: weights)
    pass.picture.fill(randomValues(3 * 192, seed: 7, in: 0...1))
    let parameters = layout.initial(seed: 8)
    var gradient = [Float](repeating: 0, count: layout.count)
    _ = pass.losses(parameters, share: 1, gradient: &gradient)
    for tensor in layout.tensors.suffix(4) {
      expectGradient(
        Array(gradient[tensor.range]), at: Array(parameters[tensor.range]), step: 2e-3, tolerance: 0.03, sample: 12
      ) {
        var changed = parameters
        changed.replaceSubrange(tensor.range, with: $0)
        return weights.total(pass.losses(changed, share: 1, gradient: nil))
      }
    }
  }

  @Test func greyIsTheBottomOfTheColourLoss() {
    let gradient = FeaturePlanes(planes: 3, width: Self.width, height: Self.height)
    let value = losses.colour(planes([Float](repeating: 0.4, count: 390)), weight: 1, gradient: gradient)
    #expect(value == 0 && gradient.values.allSatisfy { $0 == 0 })
  }

  @Test func unchangedPicturesCostNoConsistency() {
    let picture = planes(randomValues(390, seed: 9, in: 0...1))
    let gradient = FeaturePlanes(planes: 3, width: Self.width, height: Self.height)
    let original = losses.patches(picture, patch: 4)
    #expect(losses.spatial(picture, before: original, patch: 4, weight: 1, gradient: gradient) == 0)
    #expect(gradient.values.allSatisfy { $0 == 0 })
  }
}
