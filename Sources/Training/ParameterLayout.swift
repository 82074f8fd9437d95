package import Enhancer

/// Where each tensor of a network lies in one flat vector of parameters, and how.
///
/// Tensors follow each other in the order of `Weights.Model.shapes`. Plain 3×3 weights, `outputs × inputs × 3 × 3` in
/// files, are kept as nine matrices, `3 × 3 × outputs × inputs`, as matrix products want them.
package struct ParameterLayout: Sendable {
  /// One tensor.
  package struct Tensor: Sendable {
    package var name: String
    package var shape: [Int]
    package var range: Range<Int>
    /// Whether it is kept as nine matrices.
    var isWindow: Bool { shape.count == 4 && shape[1] > 1 && shape[2] == 3 }
  }

  package let model: Weights.Model
  package let tensors: [Tensor]
  /// Length of the vector: 10,561 for Zero-DCE++.
  package var count: Int { tensors.last?.range.upperBound ?? 0 }

  package init(_ model: Weights.Model) {
    self.model = model
    var end = 0
    tensors = model.shapes.map { name, shape in
      let range = end..<end + shape.reduce(1, *)
      end = range.upperBound
      return Tensor(name: name, shape: shape, range: range)
    }
  }

  /// Where the tensors of convolution `layer`, 0 to 6, start: weights and bias; depthwise first where there are two.
  func offsets(ofLayer layer: Int) -> [Int] {
    let perLayer = tensors.count / 7
    return tensors[layer * perLayer..<(layer + 1) * perLayer].map(\.range.lowerBound)
  }

  /// A vector from tensors in C order, as files have them.
  package func vector(_ tensor: (String) -> [Float]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(count)
    for entry in tensors {
      let values = tensor(entry.name)
      precondition(values.count == entry.range.count, "\(entry.name) has \(entry.range.count) values")
      if entry.isWindow {
        let pairs = entry.range.count / 9
        for position in 0..<9 { for pair in 0..<pairs { result.append(values[pair * 9 + position]) } }
      } else {
        result += values
      }
    }
    return result
  }

  /// All tensors of a vector, as files have them.
  package func named(_ vector: [Float]) -> [Safetensors.Tensor] {
    tensors.map { ($0.name, $0.shape, values(of: $0, in: vector)) }
  }

  /// The values of a tensor of the vector in C order, as files have them.
  package func values(of tensor: Tensor, in vector: [Float]) -> [Float] {
    guard tensor.isWindow else { return Array(vector[tensor.range]) }
    let pairs = tensor.range.count / 9
    return (0..<pairs).flatMap { pair in
      (0..<9).map { vector[tensor.range.lowerBound + $0 * pairs + pair] }
    }
  }

  /// Random weights to start from; biases are zero.
  ///
  /// Depthwise: standard deviation 1/3, which keeps the variance of nine inputs; others: sqrt(2 / inputs) (He et al.
  /// 2015), a tenth of it for the last layer, so that training starts from curves that change little.
  package func initial(seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed, purpose: .initialization, index: 0)
    var result = [Float](repeating: 0, count: count)
    for tensor in tensors where tensor.shape.count == 4 {
      let isDepthwise = tensor.shape[1] == 1 && tensor.shape[2] == 3
      let fanIn = tensor.shape[1...].reduce(1, *)
      var deviation: Float = isDepthwise ? 1 / 3 : (2 / Float(fanIn)).squareRoot()
      if tensor.name.hasPrefix("e_conv7"), !isDepthwise { deviation *= 0.1 }
      for index in tensor.range { result[index] = deviation * random.normal() }
    }
    return result
  }
}
