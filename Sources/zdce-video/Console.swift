internal import Foundation
internal import Frames
internal import Pipeline

/// Messages on standard error, data on standard output.
final class Console {
  private let isQuiet: Bool
  private let wantsJSON: Bool
  let showsProgress: Bool
  let isTerminal = isatty(STDERR_FILENO) == 1
  private var hasOpenLine = false

  init(quiet: Bool, progress: Bool = false, json: Bool = false) {
    isQuiet = quiet
    showsProgress = progress && !quiet
    wantsJSON = json
  }

  convenience init(_ options: ReportingOptions) {
    self.init(quiet: options.quiet, progress: !options.noProgress, json: options.json)
  }

  func error(_ text: String) { line("zdce-video: error: \(text)") }

  func warning(_ text: String) {
    if !isQuiet { line("zdce-video: warning: \(text)") }
  }

  func note(_ text: String) {
    if !isQuiet { line(text) }
  }

  /// Replaces the progress line of a terminal.
  func progress(_ text: String) {
    write("\r\u{1B}[K" + text)
    hasOpenLine = true
  }

  /// Ends a progress line, so that what follows stands on its own.
  func endLine() {
    if hasOpenLine { write("\n") }
    hasOpenLine = false
  }

  /// False if the JSON summary was asked for and could not be delivered.
  func summarize(_ summary: Summary) -> Bool {
    note(
      "\(summary.output): \(counted(summary.framesOut, "frame")) in \(String(format: "%.1f", summary.seconds)) s, "
        + "\(String(format: "%.1f", summary.fps)) fps; \(counted(summary.estimates, "curve map")) estimated, "
        + "\(counted(summary.reused, "frame")) reused one"
        + (summary.framesDamaged > 0 ? "; \(summary.framesDamaged) damaged" : "")
        + (summary.isInterrupted ? "; interrupted" : ""))
    return !wantsJSON || SummaryRecord.deliver(summary)
  }

  private func line(_ text: String) {
    endLine()
    write(text + "\n")
  }

  private func write(_ text: String) { StandardStreams.error(text) }
}
