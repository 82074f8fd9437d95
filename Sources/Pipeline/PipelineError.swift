public import Enhancer
public import Frames
public import StreamIn
public import StreamOut

/// Why an input could not be enhanced; the description is one sentence for people.
public enum PipelineError: Error, Sendable, CustomStringConvertible {
  /// The input cannot be read.
  case input(StreamInError)
  /// The weights, an option or a frame do not suit.
  case enhancer(EnhancerError)
  /// The output cannot be written.
  case output(StreamOutError)
  /// A conversion between formats failed.
  case conversion(FFmpegError)
  /// Input and output are one file.
  case sameFile(String)
  /// The input's codes are high dynamic range.
  case highDynamicRange(location: String, transfer: String)

  /// The work was cancelled before there was anything to write.
  case interrupted(location: String)

  /// One sentence, no newline.
  public var description: String {
    switch self {
    case .input(let error): error.description
    case .enhancer(let error): error.description
    case .output(let error): error.description
    case .conversion(let error): error.description
    case .sameFile(let location): "'\(location)' is both input and output: choose another output"
    case .interrupted(let location): "interrupted while '\(location)' was being opened: nothing was written"
    case .highDynamicRange(let location, let transfer):
      "'\(location)' is high dynamic range, \(transfer), which the curve is not made for: tone-map it to BT.709 first"
    }
  }
}
