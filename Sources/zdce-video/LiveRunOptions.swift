internal import ArgumentParser
internal import StreamOut

/// How recordings are cut, and when a live run ends.
struct LiveRunOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Cut recordings by time, such as 10m; names then need strftime's codes.")
  var segment: SpanArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Which segments to keep: a number of them, a time such as 7d, or a size such as 50G; the oldest others are deleted.",
      valueName: "keep"))
  var keep: RetentionArgument?

  @Option(parsing: .unconditional, help: "End after so many encoded frames.")
  var frames: Int?

  @Option(parsing: .unconditional, help: "End so long after the first encoded frame.")
  var duration: SpanArgument?

  func validate() throws {
    if let segment, segment.seconds < 1 { throw ValidationError("--segment is \(segment): give at least 1s") }
    if keep != nil, segment == nil { throw ValidationError("--keep deletes segments: give --segment too") }
    if let frames, frames < 1 { throw ValidationError("--frames is \(frames): give 1 or more") }
    if let duration, duration.seconds <= 0 { throw ValidationError("--duration is 0: nothing would be left") }
  }
}

/// `100`, `7d` or `50G`.
struct RetentionArgument: ExpressibleByArgument {
  let retention: Retention

  init?(argument: String) {
    if let count = Int(argument) {
      guard count >= 1 else { return nil }
      retention = .count(count)
      return
    }
    for (unit, factor) in [("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)] where argument.hasSuffix(unit) {
      guard let number = Double(argument.dropLast()), number > 0, number * factor < 1e18 else { return nil }
      retention = .bytes(Int(number * factor))
      return
    }
    guard let span = SpanArgument(argument: argument), span.seconds > 0 else { return nil }
    retention = .age(span.seconds)
  }
}
