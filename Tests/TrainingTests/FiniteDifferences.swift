import Foundation
import Testing

@testable import Training

/// Repeatable test values.
func randomValues(_ count: Int, seed: UInt64, in range: ClosedRange<Float> = -1...1) -> [Float] {
  var random = RandomStream(seed: seed, purpose: .crops, index: 0)
  return (0..<count).map { _ in random.uniform(range.lowerBound, range.upperBound) }
}

extension FeaturePlanes {
  /// Planes of the given values, `planes × height × width`.
  convenience init(planes: Int, width: Int, height: Int, values: [Float]) {
    self.init(planes: planes, width: width, height: height)
    fill(values)
  }

  func fill(_ values: [Float]) {
    values.withUnsafeBufferPointer { buffer in
      for plane in 0..<planes { load(buffer.baseAddress! + plane * width * height, plane: plane) }
    }
  }
}

/// The scalar product, as a stand-in for a loss that is linear in what a layer gives.
func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }

/// Checks some entries of a gradient against central differences of `value`.
///
/// - Parameters:
///   - tolerance: largest error, as a share of the largest entry that is checked.
///   - floor: what rounding of `value` alone may make of a difference.
func expectGradient(
  _ gradient: [Float], at point: [Float], step: Float, tolerance: Double, floor: Double = 0, sample: Int = 60,
  sourceLocation: SourceLocation = #_sourceLocation, _ value: ([Float]) -> Double
) {
  let stride = max(1, point.count / sample)
  var worst = 0.0
  var largest = 0.0
  for index in Swift.stride(from: 0, to: point.count, by: stride) {
    var (above, below) = (point, point)
    above[index] += step
    below[index] -= step
    let slope = (value(above) - value(below)) / Double(above[index] - below[index])
    worst = max(worst, abs(slope - Double(gradient[index])))
    largest = max(largest, abs(slope))
  }
  #expect(largest > 0, "nothing depends on it", sourceLocation: sourceLocation)
  #expect(worst <= tolerance * largest + floor, "off by \(worst) of \(largest)", sourceLocation: sourceLocation)
}
