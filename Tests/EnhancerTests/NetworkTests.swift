import Foundation
import Frames
import Testing

@testable import Enhancer

/// The networks against results of other implementations.
struct NetworkTests {
  static let variants = Kernels.Variant.allCases.filter { Kernels($0) != nil }

  private static func identity(_ width: Int, _ height: Int) -> MapGeometry {
    MapGeometry(pictureWidth: width, pictureHeight: height, scale: 1, sampling: .area)
  }

  /// Results of Vectors/make.py: float64, made-up weights.
  @Test(arguments: Weights.Model.allCases, variants)
  func committedVectors(_ model: Weights.Model, _ variant: Kernels.Variant) throws {
    let expected = try Folder.tensors(Folder.vectors.appending(path: "networks.safetensors"))
    let shape = try #require(expected.entries["\(model.rawValue).curve"]).shape
    var numbers = Numbers(seed: model == .zeroDCEPlusPlus ? 1 : 2)
    let weights = try Weights(parsing: safetensors(madeUpTensors(model, &numbers)))
    #expect(weights.model == model)
    #expect(shape[0] == 3 * model.maps)
    let (width, height) = (shape[2], shape[1])
    let picture = PlanarFrame(
      width: width, height: height,
      values: (0..<3 * width * height).map { _ in Float(numbers.next() >> 56) / 255 })
    let kernels = try #require(Kernels(variant))

    let map = CurveMap(geometry: Self.identity(width, height), maps: model.maps)
    Estimator(weights: weights, kernels: kernels).estimate(picture, into: map)
    #expect(difference(map.values, try #require(expected.floats("\(model.rawValue).curve"))).largest < 2e-5)

    let result = PlanarFrame(width: width, height: height)
    CurveApplication(threads: 1, kernels: kernels).apply(map, to: picture, into: result)
    #expect(difference(result.values, try #require(expected.floats("\(model.rawValue).enhanced"))).largest < 1e-4)
  }

  /// The wave of layers down the picture must not show: any step, any window that slides, one estimator for many sizes.
  @Test(arguments: Weights.Model.allCases, ConvolutionEngine.allCases)
  func stepsAndWindows(_ model: Weights.Model, _ engine: ConvolutionEngine) throws {
    guard engine == .openBLAS || model == .zeroDCEPlusPlus else { return }
    let weights = try madeUpWeights(model, seed: 3)
    for (width, height) in [(1, 1), (3, 2), (2, 40), (2200, 21)] {
      let picture = PlanarFrame.random(width: width, height: height, seed: 4)
      var maps: [[Float]] = []
      for rows in [1, 2, 5, height] {
        let map = CurveMap(geometry: Self.identity(width, height), maps: model.maps)
        let estimator = Estimator(weights: weights, kernels: .best, engine: engine, rowsAtOnce: rows)
        estimator.estimate(picture, into: map)
        maps.append(map.values)
        // A second run in the same memory gives the same bits.
        estimator.estimate(picture, into: map)
        #expect(map.values == maps.last)
      }
      // Products of other sizes add up in another order; the fused kernel always does so in one.
      for map in maps { #expect(difference(map, maps[0]).largest <= (engine == .fused ? 0 : 1e-5)) }
    }
  }

  /// Either engine gives the same map, with every table.
  @Test(arguments: variants)
  func enginesAgree(_ variant: Kernels.Variant) throws {
    let kernels = try #require(Kernels(variant))
    for (width, height) in [(1, 1), (2, 3), (17, 9), (97, 54), (160, 90)] {
      let picture = PlanarFrame.random(width: width, height: height, seed: 7)
      let maps = ConvolutionEngine.allCases.map { engine in
        let map = CurveMap(geometry: Self.identity(width, height), maps: 1)
        Estimator(weights: .builtIn, kernels: kernels, engine: engine, rowsAtOnce: nil).estimate(picture, into: map)
        return map.values
      }
      #expect(difference(maps[0], maps[1]).largest < 1e-5)
    }
  }

  @Test func oneEstimatorForManySizes() throws {
    let weights = try madeUpWeights(.zeroDCEPlusPlus, seed: 3)
    let shared = Estimator(weights: weights)
    for (width, height) in [(9, 30), (30, 9), (1, 1), (9, 30)] {
      let picture = PlanarFrame.random(width: width, height: height, seed: 5)
      let map = CurveMap(geometry: Self.identity(width, height), maps: 1)
      let fresh = CurveMap(geometry: Self.identity(width, height), maps: 1)
      shared.estimate(picture, into: map)
      Estimator(weights: weights).estimate(picture, into: fresh)
      #expect(map.values == fresh.values)
    }
  }

  @Test func strengthScalesAndClamps() throws {
    let weights = try madeUpWeights(.zeroDCEPlusPlus, seed: 3)
    let picture = PlanarFrame.random(width: 6, height: 5, seed: 6)
    func map(_ strength: Double) -> CurveMap {
      let map = CurveMap(geometry: Self.identity(6, 5), maps: 1)
      Estimator(weights: weights).estimate(picture, strength: strength, into: map)
      return map
    }
    let plain = map(1).values
    #expect(map(0.5).values == plain.map { $0 * 0.5 })
    #expect(map(3).values == plain.map { min(max($0 * 3, -1), 1) })
    #expect(map(1000).values.allSatisfy { abs($0) <= 1 })
    #expect(map(0).isIdentity)
    #expect(!map(1).isIdentity)
  }

  // MARK: The authors' network in PyTorch

  @Test(.enabled(if: Folder.hasReferences), arguments: ["dicm01", "dicm27", "dicm44", "lime4", "lime6", "lime8"])
  func reference(_ name: String) throws {
    let expected = try Folder.reference("\(name).zero-dce++.x12")
    let shape = try #require(expected.entries["pixels"]).shape
    let (height, width) = (shape[0], shape[1])
    let pixels = try #require(expected.floats("pixels"))
    let enhanced = try #require(expected.floats("enhanced"))
    let planar = PlanarFrame(width: width, height: height)
    let native = try TestFrame("rgb24", width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 {
          let code = pixels[(y * width + x) * 3 + channel]
          planar[channel, y, x] = code / 255
          native[channel, y, x] = Int(code)
        }
      }
    }
    var options = EnhancementOptions()
    options.sampling = .reference
    let enhancer = try Enhancer(weights: Folder.weights(.zeroDCEPlusPlus), options: options, threads: 2)

    let decision = try enhancer.curve(for: native.frame)
    #expect(!decision.reused)
    let curve = try #require(expected.floats("curve_small"))
    #expect(difference(decision.map.values, curve).largest < 1e-4)
    #expect(difference(enhancer.curve(for: planar).map.values, curve).largest < 1e-4)

    let result = TestFrame(try enhancer.apply(decision.map, to: native.frame))
    var codes: [Float] = []
    for channel in 0..<3 {
      for y in 0..<height { for x in 0..<width { codes.append(Float(result[channel, y, x])) } }
    }
    let levels = enhanced.map { ($0 * 255).rounded() }
    let nativeError = difference(codes, levels)
    #expect(nativeError.largest <= 1)
    #expect(nativeError.mean < 0.05)

    let planarError = difference(enhancer.enhance(planar).values.map { $0 * 255 }, enhanced.map { $0 * 255 })
    #expect(planarError.largest <= 1)
    #expect(planarError.mean < 0.05)
  }

  @Test(.enabled(if: Folder.hasReferences), arguments: Weights.Model.allCases)
  func referenceAtFullSize(_ model: Weights.Model) throws {
    let expected = try Folder.reference("small.\(model.rawValue).x1")
    let shape = try #require(expected.entries["pixels"]).shape
    let pixels = try #require(expected.floats("pixels"))
    let frame = PlanarFrame(width: shape[1], height: shape[0])
    for y in 0..<shape[0] {
      for x in 0..<shape[1] {
        for channel in 0..<3 { frame[channel, y, x] = pixels[(y * shape[1] + x) * 3 + channel] / 255 }
      }
    }
    for sampling in Sampling.allCases {
      var options = EnhancementOptions()
      options.scale = 1
      options.look = .faithful
      options.sampling = sampling
      let enhancer = try Enhancer(weights: Folder.weights(model), options: options, threads: 1)
      let map = enhancer.curve(for: frame).map
      #expect(map.maps == model.maps)
      #expect(difference(map.values, try #require(expected.floats("curve"))).largest < 1e-4)
      let result = enhancer.enhance(frame)
      #expect(difference(result.values, try #require(expected.floats("enhanced"))).largest < 1.0 / 255)
      #expect(difference(result.values, try #require(expected.floats("enhanced"))).mean < 0.05 / 255)
    }
  }
}
