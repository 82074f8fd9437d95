public import Enhancer
internal import Foundation
internal import Frames
public import StreamIn
public import StreamOut

/// Putting original and result into one picture.
public enum Comparison: String, Sendable, CaseIterable {
  /// The result alone.
  case none
  /// Left half original, right half enhanced.
  case split
  /// The original to the left of the result, twice as wide.
  case sideBySide = "side-by-side"
}

/// One input to enhance into one output, and how.
public struct Job: Sendable {
  /// A path, a URL, or `-` for standard input.
  public var input: String
  /// A path, a URL, or `-` for standard output.
  public var output: String
  /// The network's parameters.
  public var weights = Weights.builtIn
  /// How frames are enhanced.
  public var enhancement = EnhancementOptions()
  /// How the input is opened and how much of it is read.
  public var streamIn = StreamInOptions()
  /// How the output is encoded and labelled.
  public var streamOut = StreamOutOptions()
  /// Original and result in one picture.
  public var comparison = Comparison.none
  /// What the output shows. Anything but the result leaves out `comparison`, and is the frame itself at strength 0.
  public var show = Show.result
  /// Threads that apply the curve; 0 is one per processor.
  public var threads = 0

  /// Everything else at its default.
  public init(input: String, output: String) {
    self.input = input
    self.output = output
  }

  /// How many threads share the bands of a frame.
  var bandThreads: Int { threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount }

  /// What was done, for the output's metadata: program, weights, options.
  var trail: String {
    let options = enhancement
    let look = options.effectiveLook
    guard options.strength > 0 else { return "zdce-video \(version); strength 0 (not enhanced)" }
    let status = weights.metadata["status"].map { " (\($0))" } ?? ""
    var parts = [
      "zdce-video \(version)", "weights \(weights.model.rawValue) sha256 \(weights.digest)\(status)",
      "strength \(options.strength)", "scale \(options.scale)", "sampling \(options.sampling.rawValue)",
      "reuse \(options.reuse.rawValue) \(options.reuseThreshold)", "look \(look.rawValue)",
    ]
    if look != .faithful {
      parts += ["denoise \(options.denoising)", "when \((options.when ?? .dark).rawValue)"]
    }
    if comparison != .none { parts.append("compare \(comparison.rawValue)") }
    if show != .result { parts.append("show \(show.rawValue)") }
    return parts.joined(separator: "; ")
  }
}

/// The program's version.
public let version = "0.1.0"
