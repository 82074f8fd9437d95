internal import Foundation

/// Why a run cannot be watched, as one sentence for people: what, where, what to do.
public enum MonitoringError: Error, Sendable, CustomStringConvertible {
  /// Metrics cannot be served there.
  case cannotListen(MetricsAddress, reason: String)

  /// One sentence, no newline.
  public var description: String {
    switch self {
    case .cannotListen(let address, let reason):
      "cannot serve metrics at \(address): \(reason); choose another address with --metrics"
    }
  }

  /// What the number means here, for those that happen when one listens.
  static func text(ofErrno number: Int32) -> String {
    switch number {
    case EADDRINUSE: "the port is taken"
    case EADDRNOTAVAIL: "this machine does not have that address"
    case EACCES: "ports below 1024 need privileges"
    default: String(cString: strerror(number)).lowercased()
    }
  }
}
