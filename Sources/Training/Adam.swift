/// Adam (Kingma, Ba 2015) with L2 weight decay added to the gradient, as PyTorch's `Adam(weight_decay:)` does.
package struct Adam: Sendable {
  /// Share of the old mean that stays, for gradients and for their squares.
  package static let decays: (first: Double, second: Double) = (0.9, 0.999)
  /// Keeps steps finite where gradients vanish.
  package static let epsilon = 1e-8

  /// Steps taken.
  package var step = 0
  /// Running means of gradients and of their squares, one for each parameter.
  package var first: [Float], second: [Float]

  package init(count: Int) {
    first = [Float](repeating: 0, count: count)
    second = first
  }

  /// One step down the gradient.
  package mutating func update(
    _ parameters: inout [Float], gradient: [Float], rate: Double, weightDecay: Double
  ) {
    precondition(parameters.count == first.count && gradient.count == first.count)
    step += 1
    let (b1, b2) = Self.decays
    let stepSize = rate / (1 - Self.power(b1, step))
    let correction = (1 - Self.power(b2, step)).squareRoot()
    for index in parameters.indices {
      let slope = Double(gradient[index]) + weightDecay * Double(parameters[index])
      let mean = b1 * Double(first[index]) + (1 - b1) * slope
      let square = b2 * Double(second[index]) + (1 - b2) * slope * slope
      first[index] = Float(mean)
      second[index] = Float(square)
      let change = stepSize * mean / (square.squareRoot() / correction + Self.epsilon)
      parameters[index] = Float(Double(parameters[index]) - change)
    }
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}

/// Scales a gradient that is longer than `limit` down to it; returns the length before.
package func clip(_ gradient: inout [Float], to limit: Double) -> Double {
  let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  // As PyTorch's `clip_grad_norm_` has it.
  let factor = limit / (norm + 1e-6)
  if factor < 1 { for index in gradient.indices { gradient[index] *= Float(factor) } }
  return norm
}
