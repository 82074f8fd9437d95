public import ArgumentParser
public import Monitoring

/// How a live run is watched.
struct WatchingOptions: ParsableArguments {
  @Option(help: "How messages and the status line look: text, or json, one object per line.")
  var logFormat = LogFormat.text

  @Option(
    help: ArgumentHelp(
      "Serve metrics for Prometheus at /metrics and health at /healthz, such as at 127.0.0.1:9464.",
      valueName: "address"))
  var metrics: MetricsAddress?
}

/// How messages look.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  /// Lines for people.
  case text
  /// One JSON object per line.
  case json
}

extension MetricsAddress: ExpressibleByArgument {
  /// A port, or an address in figures and a port.
  public init?(argument: String) { self.init(argument) }
}
