internal import NIOHTTP1
internal import Pipeline

/// What is served at which path.
struct MetricsPages: Sendable {
  /// An answer to a request.
  struct Page {
    var status = HTTPResponseStatus.ok
    var type = "text/plain; charset=utf-8"
    /// Ended by a newline.
    var text: String
  }

  /// The program's.
  let version: String
  /// Seconds without a frame until frames no longer flow.
  let patience: Double
  /// How the run is doing now.
  let status: @Sendable () -> LiveStatus

  /// The page at `uri`, a path that may have a query.
  func page(_ method: HTTPMethod, _ uri: String) -> Page {
    guard method == .GET || method == .HEAD else {
      return Page(status: .methodNotAllowed, text: "only GET and HEAD\n")
    }
    switch uri.prefix(while: { $0 != "?" }) {
    case "/metrics":
      return Page(
        type: Exposition.contentType, text: Exposition(status(), process: ProcessFigures(), version: version).text)
    case "/healthz":
      let present = status()
      return Page(
        status: present.isFlowing(within: patience) ? .ok : .serviceUnavailable, text: present.summary + "\n")
    default: return Page(status: .notFound, text: "there are /metrics and /healthz\n")
    }
  }
}
