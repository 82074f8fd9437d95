internal import Foundation
internal import Frames

/// The trained parameters of a network, checked: every tensor is there, in its shape, and finite.
public struct Weights: Sendable {
  /// The networks that are understood.
  public enum Model: String, Sendable, CaseIterable {
    /// Depthwise-separable convolutions, one curve map; for pictures made 12 times smaller (arXiv 2103.00860).
    case zeroDCEPlusPlus = "zero-dce++"
    /// Plain convolutions, eight curve maps; for pictures of full size (arXiv 2001.06826).
    case zeroDCE = "zero-dce"
  }

  /// Found from the names of the tensors.
  public let model: Model
  /// What the file says about itself: training data, licences, date, ...
  public let metadata: [String: String]
  /// SHA-256 of the file, 64 hexadecimal digits.
  public let digest: String
  private let tensors: [String: [Float]]

  /// The weights within the program.
  public static let builtIn: Weights = {
    do {
      return try Weights(parsing: PackageResources.zero_dce___safetensors, source: "built in")
    } catch {
      // A fault of the build, which the first test finds.
      fatalError("\(error)")
    }
  }()

  /// Reads a safetensors file of at most 64 MiB.
  public init(contentsOf path: String) throws(EnhancerError) {
    try self.init(parsing: Self.read(path), source: path)
  }

  /// Parses the bytes of a safetensors file; `source` names them in errors.
  public init(parsing bytes: [UInt8], source: String = "in memory") throws(EnhancerError) {
    do {
      let file = try Safetensors(parsing: bytes)
      let model = try Self.model(of: file)
      tensors = try Self.tensors(of: file, for: model)
      self.model = model
      metadata = file.metadata
    } catch {
      throw .invalidWeights(source: source, reason: error.reason)
    }
    digest = sha256(bytes)
  }

  /// The values of a tensor that the model has, in C order.
  package func tensor(_ name: String) -> [Float] {
    guard let values = tensors[name] else { preconditionFailure("\(model.rawValue) has no tensor \(name)") }
    return values
  }

  private static func model(of file: Safetensors) throws(Safetensors.Refusal) -> Model {
    for model in Model.allCases where model.shapes.contains(where: { file.entries[$0.name] != nil }) { return model }
    throw Safetensors.Refusal("it has no tensor of a known network, such as \"e_conv1.depth_conv.weight\"")
  }

  private static func tensors(of file: Safetensors, for model: Model) throws(Safetensors.Refusal) -> [String: [Float]] {
    var result: [String: [Float]] = [:]
    for (name, shape) in model.shapes {
      guard let entry = file.entries[name], let values = file.floats(name) else {
        throw Safetensors.Refusal("tensor \(name.quoted) of \(model.rawValue) is missing")
      }
      guard entry.shape == shape else {
        throw Safetensors.Refusal("tensor \(name.quoted) has the shape \(entry.shape) instead of \(shape)")
      }
      guard entry.dtype != .u8 else {
        throw Safetensors.Refusal("tensor \(name.quoted) has the type \"U8\" instead of F32, F16 or BF16")
      }
      guard values.allSatisfy(\.isFinite) else {
        throw Safetensors.Refusal("tensor \(name.quoted) holds a value that is not finite")
      }
      result[name] = values
    }
    if let surplus = file.entries.keys.filter({ result[$0] == nil }).min() {
      throw Safetensors.Refusal("tensor \(surplus.quoted) is not part of \(model.rawValue)")
    }
    return result
  }

  /// The bytes of a file; one chunk more than the limit of a weights file at most, for the parser to refuse.
  package static func read(_ path: String) throws(EnhancerError) -> [UInt8] {
    func failure() -> EnhancerError {
      let reason = String(cString: strerror(errno))
      return .unreadableWeights(path: path, reason: reason.prefix(1).lowercased() + reason.dropFirst())
    }
    guard let file = fopen(path, "rb") else { throw failure() }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    // One chunk past the limit is enough for the parser to refuse it; a device file would never end.
    while bytes.count <= Safetensors.fileLimit {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    guard ferror(file) == 0 else { throw failure() }
    return bytes
  }
}

extension Weights.Model {
  /// Maps that the network gives: one for all passes of the curve, or one for each.
  public var maps: Int { self == .zeroDCE ? CurveMap.iterations : 1 }

  /// Channels in and out of the seven convolutions.
  package var channels: [(input: Int, output: Int)] {
    [(3, 32), (32, 32), (32, 32), (32, 32), (64, 32), (64, 32), (64, 3 * maps)]
  }

  /// Every tensor of the network, with its shape as PyTorch has it.
  package var shapes: [(name: String, shape: [Int])] {
    channels.enumerated().flatMap { index, channels in
      let name = "e_conv\(index + 1)"
      return switch self {
      case .zeroDCEPlusPlus:
        [
          ("\(name).depth_conv.weight", [channels.input, 1, 3, 3]), ("\(name).depth_conv.bias", [channels.input]),
          ("\(name).point_conv.weight", [channels.output, channels.input, 1, 1]),
          ("\(name).point_conv.bias", [channels.output]),
        ]
      case .zeroDCE:
        [
          ("\(name).weight", [channels.output, channels.input, 3, 3]), ("\(name).bias", [channels.output]),
        ]
      }
    }
  }
}
