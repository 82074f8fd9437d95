internal import Enhancer
internal import Foundation

/// What weights hold, for people or for scripts.
struct WeightsReport {
  private struct Tensor {
    let name: String
    let shape: [Int]
    let least: Double
    let greatest: Double
    let meanMagnitude: Double
  }

  private let weights: Weights
  private let file: String
  private let tensors: [Tensor]

  init(_ weights: Weights, file: String) {
    self.weights = weights
    self.file = file
    tensors = weights.model.shapes.map { name, shape in
      let values = weights.tensor(name).map(Double.init)
      return Tensor(
        name: name, shape: shape, least: values.min() ?? 0, greatest: values.max() ?? 0,
        meanMagnitude: values.reduce(0) { $0 + abs($1) } / Double(max(1, values.count)))
    }
  }

  private var parameters: Int { tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// Lines for people.
  var text: String {
    var lines = [
      "file        \(file)", "model       \(weights.model.rawValue)",
      "parameters  \(parameters) in \(tensors.count) tensors", "sha256      \(weights.digest)",
    ]
    for (key, value) in weights.metadata.sorted(by: { $0.key < $1.key }) {
      lines.append(key.padding(toLength: max(12, key.count + 1), withPad: " ", startingAt: 0) + value)
    }
    lines.append("")
    for tensor in tensors {
      let name = tensor.name.padding(toLength: 28, withPad: " ", startingAt: 0)
      let shape = tensor.shape.map(String.init).joined(separator: "x").padding(
        toLength: 12, withPad: " ", startingAt: 0)
      lines.append(
        "\(name)\(shape)"
          + String(format: "%9.4f to %8.4f, mean magnitude %.4f", tensor.least, tensor.greatest, tensor.meanMagnitude))
    }
    return lines.joined(separator: "\n")
  }

  /// One object; names are a contract with scripts.
  var json: String {
    let metadata = weights.metadata.sorted { $0.key < $1.key }.map { "\(JSON.string($0.key)):\(JSON.string($0.value))" }
    let tensors = tensors.map { tensor in
      "{\"name\":\(JSON.string(tensor.name)),\"shape\":[\(tensor.shape.map(String.init).joined(separator: ","))],"
        + "\"min\":\(tensor.least),\"max\":\(tensor.greatest),\"mean_magnitude\":\(tensor.meanMagnitude)}"
    }
    return "{\"file\":\(JSON.string(file)),\"model\":\(JSON.string(weights.model.rawValue)),"
      + "\"parameters\":\(parameters),\"sha256\":\(JSON.string(weights.digest)),"
      + "\"metadata\":{\(metadata.joined(separator: ","))},\"tensors\":[\(tensors.joined(separator: ","))]}"
  }
}
