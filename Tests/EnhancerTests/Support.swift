import CFFmpeg
import Enhancer
import Foundation
import Frames
import Testing

/// splitmix64: the same numbers on every machine, and in Vectors/make.py.
struct Numbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform(_ bound: Double) -> Float {
    Float((Double(next() >> 11) / 0x1p53 * 2 - 1) * bound)
  }
}

/// Tensors by name, in the order of the file.
typealias Tensors = [(name: String, shape: [Int], values: [Float])]

/// The bytes of a safetensors file with F32 tensors.
func safetensors(_ tensors: Tensors, metadata: [String: String] = [:]) -> [UInt8] {
  var members =
    metadata.isEmpty
    ? [] : ["\"__metadata__\":{" + metadata.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"]
  var data: [UInt8] = []
  for (name, shape, values) in tensors {
    let start = data.count
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    members.append(
      "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(start),\(data.count)]}")
  }
  return safetensors(header: "{" + members.joined(separator: ",") + "}", data: data)
}

func safetensors(header: String, data: [UInt8]) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + data
}

/// The made-up tensors of Vectors/make.py; what is left of the stream makes the pixels.
func madeUpTensors(_ model: Weights.Model, _ numbers: inout Numbers) -> Tensors {
  var result: Tensors = []
  for (name, shape) in model.shapes {
    let count = shape.reduce(1, *)
    let fanIn = Double(shape.dropFirst().reduce(1, *))
    let bound = name.hasSuffix("bias") ? 0.1 : (3 / fanIn).squareRoot()
    result.append((name, shape, (0..<count).map { _ in numbers.uniform(bound) }))
  }
  return result
}

func madeUpWeights(_ model: Weights.Model, seed: UInt64) throws -> Weights {
  var numbers = Numbers(seed: seed)
  return try Weights(parsing: safetensors(madeUpTensors(model, &numbers)))
}

/// The package's own folder, and the shared one beside it, which may be absent.
enum Folder {
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let shared = package.deletingLastPathComponent().appending(path: "shared")
  static let vectors = package.appending(path: "Tests/EnhancerTests/Vectors")

  static var hasReferences: Bool { FileManager.default.fileExists(atPath: shared.path + "/reference") }

  static func tensors(_ url: URL) throws -> Safetensors {
    try Safetensors(parsing: Array(Data(contentsOf: url)))
  }

  static func reference(_ name: String) throws -> Safetensors {
    try tensors(shared.appending(path: "reference/\(name).safetensors"))
  }

  static func weights(_ model: Weights.Model) throws -> Weights {
    try Weights(contentsOf: shared.path + "/reference/\(model.rawValue).weights.safetensors")
  }
}

/// Largest and mean absolute difference; infinite where a value is not finite.
func difference(_ a: [Float], _ b: [Float]) -> (largest: Float, mean: Float) {
  guard a.count == b.count, a.allSatisfy(\.isFinite), b.allSatisfy(\.isFinite) else { return (.infinity, .infinity) }
  var largest: Float = 0
  var sum = 0.0
  for (a, b) in zip(a, b) {
    largest = max(largest, abs(a - b))
    sum += Double(abs(a - b))
  }
  return (largest, Float(sum / Double(max(a.count, 1))))
}

extension PlanarFrame {
  /// From `3 × height × width` values.
  convenience init(width: Int, height: Int, values: [Float]) {
    self.init(width: width, height: height)
    for channel in 0..<3 {
      for y in 0..<height {
        for x in 0..<width { self[channel, y, x] = values[(channel * height + y) * width + x] }
      }
    }
  }

  var values: [Float] {
    (0..<3).flatMap { channel in
      (0..<height).flatMap { y in (0..<width).map { x in self[channel, y, x] } }
    }
  }

  static func random(width: Int, height: Int, seed: UInt64) -> PlanarFrame {
    var numbers = Numbers(seed: seed)
    return PlanarFrame(
      width: width, height: height, values: (0..<3 * width * height).map { _ in abs(numbers.uniform(1)) })
  }
}

extension CurveMap {
  var values: [Float] {
    (0..<maps).flatMap { map in
      (0..<3).flatMap { channel in
        (0..<height).flatMap { y in (0..<width).map { x in self[map, channel: channel, y, x] } }
      }
    }
  }

  static func random(_ geometry: MapGeometry, maps: Int = 1, seed: UInt64) -> CurveMap {
    var numbers = Numbers(seed: seed)
    let count = maps * 3 * geometry.width * geometry.height
    return CurveMap(geometry: geometry, maps: maps, values: (0..<count).map { _ in numbers.uniform(1) })
  }
}
