public import Enhancer
internal import Frames

/// Weights out of a file of another program, as safetensors.
///
/// Nothing in the file is run. Tensors of the network are taken with their exact values; what belongs to an optimiser
/// is left out; anything else is refused.
public struct ImportedWeights: Sendable {
  /// The formats that are understood.
  public enum Format: String, Sendable, CaseIterable {
    case torchArchive = "PyTorch zip archive"
    case torchStream = "PyTorch file (before 1.6)"
    case mindSpore = "MindSpore checkpoint"
  }

  /// As the enhancer takes them.
  public let weights: Weights
  /// The same as the bytes of a safetensors file.
  public let bytes: [UInt8]
  /// What the source was.
  public let format: Format
  /// Names of the tensors that were left out: moments and counters of an optimiser.
  public let leftOut: [String]

  /// Reads a file of at most 64 MiB. `program` stands in the metadata as what imported it.
  public init(contentsOf path: String, program: String) throws(WeightImportError) {
    let bytes: [UInt8]
    do throws(EnhancerError) {
      bytes = try Weights.read(path)
    } catch {
      throw .unreadable(error)
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    try self.init(parsing: bytes, source: path, name: name, program: program)
  }

  /// Parses the bytes of a file; `source` names them in errors, `name` in the metadata.
  public init(parsing source: [UInt8], source location: String, name: String, program: String) throws(WeightImportError)
  {
    do throws(Refusal) {
      guard source.count <= Safetensors.fileLimit else { throw Refusal("it is larger than 64 MiB") }
      let format = try Self.format(of: source)
      let tensors =
        switch format {
        case .torchArchive: try TorchFile.readArchive(source)
        case .torchStream: try TorchFile.readStream(source)
        case .mindSpore: try MindSporeFile.read(source)
        }
      let network = try NetworkTensors(tensors)
      bytes = Safetensors.serialize(
        network.tensors,
        metadata: [
          "model": network.model.rawValue, "status": "imported, licence unknown",
          "licences": "unknown: the source file does not say", "source": name, "source_format": format.rawValue,
          "source_sha256": sha256(source), "imported_by": program,
        ])
      self.format = format
      leftOut = network.leftOut
    } catch {
      throw .refused(source: location, reason: error.reason)
    }
    do throws(EnhancerError) {
      weights = try Weights(parsing: bytes, source: location)
    } catch {
      // The shapes are right by now; what is left is a value that is not finite.
      if case .invalidWeights(_, let reason) = error { throw .refused(source: location, reason: reason) }
      throw .unreadable(error)
    }
  }

  /// Weights of any file that is understood: safetensors as they are, those of other programs as they would be imported.
  public static func weights(inAnyFile path: String, program: String) throws -> Weights {
    let bytes = try Weights.read(path)
    guard (try? format(of: bytes)) != nil else { return try Weights(parsing: bytes, source: path) }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return try ImportedWeights(parsing: bytes, source: path, name: name, program: program).weights
  }

  private static func format(of bytes: [UInt8]) throws(Refusal) -> Format {
    func begins(_ expected: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + expected.count && bytes[offset..<offset + expected.count].elementsEqual(expected)
    }
    if bytes.isEmpty { throw Refusal("it is empty") }
    if begins([0x50, 0x4B, 3, 4]) { return .torchArchive }
    if TorchFile.beginsStream(bytes) { return .torchStream }
    if begins(Array("ustar".utf8), at: 257) { throw Refusal("it is a tar archive, as PyTorch wrote before 0.1.10") }
    if begins([0x7B], at: 8) { throw Refusal("it looks like safetensors already, which --weights takes as it is") }
    if begins([0x0A]) { return .mindSpore }
    throw Refusal("it is in no known format")
  }
}

/// The tensors of a network among those of a file.
struct NetworkTensors {
  let model: Weights.Model
  /// In the order of `Weights.Model.shapes`.
  let tensors: [Safetensors.Tensor]
  let leftOut: [String]

  /// What wrappers put before the names of a network: DataParallel, torch.compile, MindSpore's training cells.
  private static let wrappers = ["module.", "_orig_mod.", "network."]
  /// What the names of an optimiser's tensors begin with.
  private static let optimiserPrefixes = [
    "moment1.", "moment2.", "moments.", "adam", "accum.", "vhat.", "stat.", "learning_rate", "beta1_power",
    "beta2_power", "global_step", "loss_scale", "scale_sense", "epoch_num", "step_num", "current_iterator_step",
    "last_overflow_iterator_step",
  ]
  /// Names of counters.
  private static let counters: Set = ["step", "epoch", "loss"]

  init(_ all: NamedTensors) throws(Refusal) {
    var named: [String: StoredTensor] = [:]
    var leftOut: [String] = []
    for (name, tensor) in all {
      let name = Self.plain(name)
      if Self.counters.contains(name) || Self.optimiserPrefixes.contains(where: { name.hasPrefix($0) }) {
        leftOut.append(name)
      } else if named.updateValue(tensor, forKey: name) != nil {
        throw Refusal("it holds tensor \(name.quoted) twice")
      }
    }
    guard let model = Weights.Model.allCases.first(where: { $0.shapes.contains { named[$0.name] != nil } }) else {
      throw Refusal("it has no tensor of a known network, such as \"e_conv1.weight\"")
    }
    var tensors: [Safetensors.Tensor] = []
    for (name, shape) in model.shapes {
      guard let tensor = named.removeValue(forKey: name) else {
        throw Refusal("tensor \(name.quoted) of \(model.rawValue) is missing")
      }
      guard tensor.shape == shape else {
        throw Refusal("tensor \(name.quoted) has the shape \(tensor.shape) instead of \(shape)")
      }
      tensors.append((name, shape, try tensor.floats(name)))
    }
    if let surplus = named.keys.min() {
      throw Refusal("tensor \(surplus.quoted) is not part of \(model.rawValue)")
    }
    self.model = model
    self.tensors = tensors
    self.leftOut = leftOut
  }

  private static func plain(_ name: String) -> String {
    var name = name[...]
    while let wrapper = wrappers.first(where: { name.hasPrefix($0) }) { name = name.dropFirst(wrapper.count) }
    return String(name)
  }
}
