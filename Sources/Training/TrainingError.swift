/// Why training cannot go on, as one sentence for people: what, where, what to do.
public enum TrainingError: Error, Sendable, CustomStringConvertible {
  /// A folder cannot be listed.
  case unreadableFolder(path: String, reason: String)
  /// No picture of a folder is large enough, or can be decoded.
  case noPhotos(paths: [String], skipped: Int, needed: Int)
  /// An option is outside its range.
  case invalidOption(name: String, reason: String)
  /// A file cannot be written.
  case cannotWrite(path: String, reason: String)
  /// A checkpoint cannot be read, or is of another run.
  case invalidCheckpoint(path: String, reason: String)
  /// There is nothing to compute matrix products with.
  case openBLASMissing
  /// The loss is no number any more.
  case diverged(step: Int)

  /// One sentence, no newline.
  public var description: String {
    switch self {
    case .unreadableFolder(let path, let reason): "cannot read the folder '\(path)': \(reason)"
    case .noPhotos(let paths, let skipped, let needed):
      "no photographs in \(paths.map { "'\($0)'" }.joined(separator: ", ")) to train on (\(skipped) files skipped): "
        + "give folders of pictures whose shorter side has at least \(needed) pixels, several of them"
    case .invalidOption(let name, let reason): "--\(name): \(reason)"
    case .cannotWrite(let path, let reason): "cannot write '\(path)': \(reason)"
    case .invalidCheckpoint(let path, let reason): "cannot resume from '\(path)': \(reason)"
    case .openBLASMissing:
      "cannot train: libopenblas.so.0 is missing; install it (Debian: apt install libopenblas0)"
    case .diverged(let step):
      "training diverged at step \(step): lower --rate or --gradient-limit, and resume from the last checkpoint"
    }
  }
}
