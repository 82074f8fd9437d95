public import Enhancer

/// Why weights could not be imported; the description is one sentence for people: what, where, what to do.
public enum WeightImportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file cannot be read.
  case unreadable(EnhancerError)
  /// The bytes are nothing that can be imported; `source` is a path or another name for where they came from.
  case refused(source: String, reason: String)

  /// One sentence, no newline.
  public var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .refused(let source, let reason):
      "cannot import weights \(source): \(reason); give a PyTorch .pth or MindSpore .ckpt file of a Zero-DCE or "
        + "Zero-DCE++ network"
    }
  }
}
