/// What a decoder, encoder or filter answers when asked for its next output. None of these is an error.
public enum CodecStep<Output> {
  case output(Output)
  /// Nothing until more input is given.
  case needsInput
  /// Nothing ever again: the end was signalled and everything has been handed out.
  case drained
}

extension CodecStep: Sendable where Output: Sendable {}
