internal import ArgumentParser
internal import Frames

/// What is said about the work; shared by the commands that enhance.
struct ReportingOptions: ParsableArguments {
  @Option(help: "Write one row per frame to FILE.csv or FILE.jsonl.")
  var report: String?

  @Option(
    help: """
      Write to FILE when each stage worked on each frame, as events for chrome://tracing or ui.perfetto.dev.
      """)
  var trace: String?

  @Flag(help: "Print a summary on standard output, one JSON object per input.")
  var json = false

  @Flag(help: "Say nothing but errors.")
  var quiet = false

  @Flag(help: "No progress.")
  var noProgress = false

  @Flag(help: "Also say what the FFmpeg libraries say.")
  var verbose = false

  func validate() throws {
    if let report, !report.hasSuffix(".csv"), !report.hasSuffix(".jsonl") {
      throw ValidationError("--report '\(report)' has neither .csv nor .jsonl: its extension chooses the format")
    }
    if let trace, let report, trace == report || SameFile.names(trace, report) {
      throw ValidationError("--trace and --report are both '\(trace)': give each a file of its own")
    }
    if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }
}
