internal import Foundation
internal import Frames
internal import Logging
internal import Pipeline
internal import Synchronization

/// What a live run says on standard error: through swift-log, as text or as JSON. May be used on any thread.
struct LiveLog: Sendable {
  private let logger: Logger
  private let terminal: LiveTerminal
  private let format: LogFormat

  /// - Parameter isQuiet: errors only.
  init(format: LogFormat, isQuiet: Bool) {
    let terminal = LiveTerminal()
    self.terminal = terminal
    self.format = format
    var logger = Logger(label: "zdce-video") { _ in LiveLogHandler(format: format, terminal: terminal) }
    logger.logLevel = isQuiet ? .error : .info
    self.logger = logger
  }

  func error(_ text: String) { logger.error("\(text)") }
  func report(warning text: String) { logger.warning("\(text)") }

  func report(_ message: LiveMessage) {
    switch message.level {
    case .notice: logger.notice("\(message.text)")
    case .warning: logger.warning("\(message.text)")
    }
  }

  /// The line of every second: replaces itself on a terminal.
  func status(_ status: LiveStatus) {
    switch format {
    case .text:
      let line = StatusText.line(status)
      if terminal.isTerminal { terminal.replace(line) } else { logger.info("\(line)") }
    case .json: logger.info("status", metadata: StatusText.metadata(status))
    }
  }

  /// Everything there is to know, on SIGUSR1.
  func fullStatus(_ status: LiveStatus) {
    switch format {
    case .text: for line in StatusText.lines(status) { logger.notice("\(line)") }
    case .json: logger.notice("full status", metadata: StatusText.fullMetadata(status))
    }
  }

  /// The end. False if the JSON summary was asked for and could not be delivered.
  func summarize(_ summary: Summary, json: Bool) -> Bool {
    logger.notice(
      "\(summary.framesOut) frames in \(decimal(summary.seconds, 1)) s, \(decimal(summary.fps, 1)) fps; \(summary.framesDropped) dropped, \(summary.reused) reused a curve map, \(summary.framesDamaged) damaged\(summary.isInterrupted ? "; interrupted" : "")"
    )
    return !json || SummaryRecord.deliver(summary)
  }
}

/// Text with so many digits after the point.
func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// Standard error as a terminal with one line that replaces itself.
final class LiveTerminal: Sendable {
  let isTerminal = isatty(STDERR_FILENO) == 1
  private let hasOpenLine = Mutex(false)

  func line(_ text: String) {
    hasOpenLine.withLock { isOpen in
      StandardStreams.error((isOpen ? "\r\u{1B}[K" : "") + text + "\n")
      isOpen = false
    }
  }

  func replace(_ text: String) {
    hasOpenLine.withLock { isOpen in
      StandardStreams.error("\r\u{1B}[K" + text)
      isOpen = true
    }
  }
}

/// Formats one message. URLs in it lose their secrets, whoever put them there.
private struct LiveLogHandler: LogHandler {
  let format: LogFormat
  let terminal: LiveTerminal
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  init(format: LogFormat, terminal: LiveTerminal) { (self.format, self.terminal) = (format, terminal) }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let text = redactedURLs(in: event.message.description)
    switch format {
    case .text:
      switch event.level {
      case .error, .critical: terminal.line("zdce-video: error: \(text)")
      case .warning: terminal.line("zdce-video: warning: \(text)")
      default: terminal.line(text)
      }
    case .json:
      var fields = ["time": JSON.string(Self.now), "level": JSON.string(event.level.rawValue)]
      fields["message"] = JSON.string(text)
      for (key, value) in event.metadata ?? [:] { fields[key] = Self.json(value) }
      terminal.line(Self.object(fields))
    }
  }

  private static var now: String { Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

  /// Values that are not text are numbers.
  private static func json(_ value: Logger.Metadata.Value) -> String {
    switch value {
    case .string(let text): JSON.string(text)
    case .stringConvertible(let number): "\(number)"
    case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
    case .dictionary(let fields): object(fields.mapValues(json))
    }
  }

  private static func object(_ fields: [String: String]) -> String {
    "{" + fields.sorted { $0.key < $1.key }.map { "\(JSON.string($0.key)):\($0.value)" }.joined(separator: ",") + "}"
  }
}
