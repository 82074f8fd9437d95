import CKernels
import Foundation

/// What the maps of a test hold.
enum MapContent: CaseIterable, Sendable {
  case zero
  /// Uniform in [-1, 1], independent from pixel to pixel.
  case random
  /// -1, 0 and 1 only.
  case extreme
  /// About as large as those from which on curves are worked out in another way, on both sides of it and of zero.
  case slight
  /// Of one sign, as those of the night are: all of them lift shadows, some next to nothing.
  case lifting

  func values(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
    switch self {
    case .zero: Array(repeating: 0, count: count)
    case .random: generator.floats(count, in: -1...1)
    case .slight:
      (0..<count).map { index in
        // Vectors of small ones alone, of larger ones alone, and of both; one sign for both rows of cells and all channels.
        let range: ClosedRange<Float> = [0...0.003, 0.005...0.01, 0.003...0.005][index / 64 % 3]
        return Float.random(in: range, using: &generator) * (index % 2 == 0 ? 1 : -1)
      }
    case .lifting: (0..<count).map { _ in -pow(Float.random(in: 0.25...1, using: &generator), 4) }
    case .extreme: (0..<count).map { _ in Float(Int.random(in: -1...1, using: &generator)) }
    }
  }
}

/// The number of maps and of iterations of a call.
struct CurveShape: Sendable, CustomStringConvertible {
  let maps: Int
  let iterations: Int

  var description: String { "\(maps) maps, \(iterations) iterations" }

  /// Zero-DCE++, Zero-DCE, and shapes that no kernel has a case for.
  static let all = [
    CurveShape(maps: 1, iterations: 8), CurveShape(maps: 8, iterations: 8), CurveShape(maps: 1, iterations: 5),
    CurveShape(maps: 3, iterations: 3), CurveShape(maps: 1, iterations: 1),
  ]
}

/// Guarded maps of one row of pixels, `width` floats each, 3 channels per map.
final class CurveFixture {
  let shape: CurveShape
  let t: Float
  let upper: [Guarded<Float>]
  let lower: [Guarded<Float>]

  init(
    width: Int, shape: CurveShape, content: MapContent, t: Float, placement: Placement,
    generator: inout SeededGenerator
  ) {
    self.shape = shape
    self.t = t
    upper = (0..<(3 * shape.maps)).map { _ in Guarded(content.values(width, &generator), placement) }
    lower = (0..<(3 * shape.maps)).map { _ in Guarded(content.values(width, &generator), placement) }
  }

  /// For a call; `self` must outlive it.
  var row: zdk_curve_row {
    var row = zdk_curve_row()
    row.t = t
    withUnsafeMutableBytes(of: &row.upper) { bytes in
      let pointers = bytes.bindMemory(to: UnsafePointer<Float>?.self)
      for (index, plane) in upper.enumerated() { pointers[index] = UnsafePointer(plane.start) }
    }
    withUnsafeMutableBytes(of: &row.lower) { bytes in
      let pointers = bytes.bindMemory(to: UnsafePointer<Float>?.self)
      for (index, plane) in lower.enumerated() { pointers[index] = UnsafePointer(plane.start) }
    }
    return row
  }

  /// The curve of pixel `x`, written as in the paper and in double precision.
  func exact(_ value: Double, channel: Int, x: Int) -> Double {
    (0..<shape.iterations).reduce(value) { value, iteration in
      let plane = (shape.maps == 1 ? 0 : iteration) * 3 + channel
      let above = Double(upper[plane].elements[x])
      let below = Double(lower[plane].elements[x])
      let a = (1 - Double(t)) * above + Double(t) * below
      return value + a * (value * value - value)
    }
  }
}
