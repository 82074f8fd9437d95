/// How one sink of a live run is doing, at one moment.
public struct LiveSinkStatus: Sendable, Hashable {
  /// What a sink is doing.
  public enum State: String, Sendable, CaseIterable {
    /// Nothing yet: the first frame has not been encoded.
    case idle
    /// Opening the connection or file, or writing its header.
    case connecting
    /// Packets go out.
    case writing
    /// It failed and is tried again after a pause.
    case waiting
    /// It failed in a way that no new attempt can mend, such as a closed pipe.
    case failed
    /// Everything was written and it is closed.
    case finished
  }

  /// As given on the command line, without secrets.
  public var name: String
  /// What it is doing.
  public var state: State
  /// Successful openings after the first one.
  public var reconnects: Int
  /// Encoded frames handed over to the muxer.
  public var framesWritten: Int
  /// Encoded frames that this sink left out, since it was not open or not fast enough.
  public var framesDropped: Int
  /// Bytes of compressed data handed over to the muxer, all streams together.
  public var bytesWritten: Int
  /// Why the latest attempt failed, as one sentence without secrets; nil if none has.
  public var latestFailure: String?

  /// A sink that has done nothing yet.
  public init(name: String) {
    self.name = name
    state = .idle
    (reconnects, framesWritten, framesDropped, bytesWritten) = (0, 0, 0, 0)
  }
}
