import Enhancer
import Foundation
import TestSupport
import Testing

@testable import Training

/// What PyTorch computes for one batch and ten steps, where that reference is at hand.
struct ReferenceTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
    path: "../../../shared/reference"
  ).standardizedFileURL.path
  static let isThere = FileManager.default.fileExists(atPath: folder)

  private struct Case {
    let file: TestSupport.Safetensors
    let layout: ParameterLayout
    let batch: [Float]
    var parameters: [Float]

    init(_ model: Weights.Model) throws {
      let file = try TestSupport.Safetensors(path: "\(ReferenceTests.folder)/training.\(model.rawValue).safetensors")
      self.file = file
      layout = ParameterLayout(model)
      batch = try file.tensor("batch").floats
      parameters = layout.vector { file.tensors["initial.\($0)"]?.floats ?? [] }
    }

    var weights: LossWeights {
      var weights = LossWeights()
      weights.smoothness = 1600
      return weights
    }

    func gradient(threads: Int) -> BatchGradient {
      BatchGradient(layout: layout, batch: 4, width: 64, height: 64, weights: weights, threads: threads)
    }
  }

  @Test(.enabled(if: isThere), arguments: Weights.Model.allCases)
  func lossesAndGradients(model: Weights.Model) throws {
    let reference = try Case(model)
    var gradient = [Float](repeating: 0, count: reference.layout.count)
    let (batch, pixels) = (reference.batch, 3 * 4096)
    let values = reference.gradient(threads: 2).run(reference.parameters, gradient: &gradient) { index, target in
      batch.withUnsafeBufferPointer { target.update(from: $0.baseAddress! + index * pixels, count: pixels) }
    }
    for (name, value) in [
      ("spatial", values.spatial), ("exposure", values.exposure), ("colour", values.colour),
      ("smoothness", values.smoothness),
    ] {
      let expected = Double(try reference.file.tensor("loss.\(name)").floats[0])
      #expect(abs(value - expected) <= 1e-5 * expected, "\(name): \(value) instead of \(expected)")
    }
    for tensor in reference.layout.tensors {
      let expected = try reference.file.tensor("gradient.\(tensor.name)").floats
      let actual = reference.layout.values(of: tensor, in: gradient)
      let norm = expected.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
      let distance = zip(actual, expected).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }.squareRoot()
      #expect(distance <= 1e-3 * norm, "\(tensor.name): \(distance) of \(norm)")
    }
  }

  @Test(.enabled(if: isThere), arguments: Weights.Model.allCases)
  func tenSteps(model: Weights.Model) throws {
    let reference = try Case(model)
    let history = try reference.file.tensor("history").floats
    let (batch, pixels) = (reference.batch, 3 * 4096)
    var parameters = reference.parameters
    var gradient = parameters
    var adam = Adam(count: parameters.count)
    let pass = reference.gradient(threads: 1)
    for step in 0..<10 {
      let values = pass.run(parameters, gradient: &gradient) { index, target in
        batch.withUnsafeBufferPointer { target.update(from: $0.baseAddress! + index * pixels, count: pixels) }
      }
      let norm = clip(&gradient, to: 0.1)
      adam.update(&parameters, gradient: gradient, rate: 1e-3, weightDecay: 1e-4)
      for (value, expected) in [
        (reference.weights.total(values), history[2 * step]), (norm, history[2 * step + 1]),
      ] {
        #expect(abs(value - Double(expected)) <= 1e-3 * Double(expected), "step \(step): \(value), not \(expected)")
      }
    }
    var far = 0
    var worst: Float = 0
    for tensor in reference.layout.tensors {
      let expected = try reference.file.tensor("final.\(tensor.name)").floats
      for (a, b) in zip(reference.layout.values(of: tensor, in: parameters), expected) {
        worst = max(worst, abs(a - b))
        if abs(a - b) > 1e-4 { far += 1 }
      }
    }
    if model == .zeroDCEPlusPlus {
      #expect(worst <= 1e-4)
    } else {
      #expect(worst <= 2e-3)
      #expect(Double(far) <= 0.03 * Double(parameters.count), "\(far) of \(parameters.count) weights")
    }
  }
}
