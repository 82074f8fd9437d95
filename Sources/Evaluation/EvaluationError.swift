public import Frames
public import StreamIn

/// Why two inputs could not be compared; the description is one sentence for people: what, where, what to do.
public enum EvaluationError: Error, Sendable, CustomStringConvertible {
  /// One of the two does not open or decode.
  case input(StreamInError)
  /// A frame could not be converted to RGB.
  case conversion(FFmpegError)
  /// Frame `frame`, counted from 0, differs in size.
  case sizes(enhanced: String, reference: String, frame: Int, own: String, other: String)

  /// One sentence, no newline.
  public var description: String {
    switch self {
    case .input(let error): error.description
    case .conversion(let error): error.description
    case .sizes(let enhanced, let reference, let frame, let own, let other):
      "'\(enhanced)' is \(own) and '\(reference)' is \(other) at frame \(frame): "
        + "only pictures of one size can be compared"
    }
  }
}
