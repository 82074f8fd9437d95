internal import ArgumentParser
internal import Frames
internal import Pipeline

/// The files that say something about every frame: the report and the trace, where they are wanted.
struct FrameRecords {
  private let report: ReportFile?
  private let trace: TraceFile?

  /// Throws a `ValidationError` if one of them is an input or output, and a `TextFile.Failure` if it cannot be made.
  init(_ options: ReportingOptions, of list: InputList, overwrite: Bool) throws {
    for (option, path) in [("--report", options.report), ("--trace", options.trace)] {
      guard let path else { continue }
      if list.items.contains(where: { SameFile.names($0.input, path) || SameFile.names($0.output, path) })
        || list.items.contains(where: { $0.output == path })
      {
        throw ValidationError("\(option) '\(path)' is also an input or output: choose another name")
      }
    }
    report = try options.report.map { try ReportFile(path: $0, overwrite: overwrite) }
    do {
      trace = try options.trace.map { try TraceFile(path: $0, overwrite: overwrite) }
    } catch {
      _ = report?.close()
      throw error
    }
  }

  /// The frames to come are those of `input`, without secrets.
  func begin(input: String) { trace?.begin(input: input) }

  func add(_ frame: FrameReport) {
    report?.add(frame)
    trace?.add(frame)
  }

  /// Completes the files; what went wrong, if anything did.
  func close() -> [String] { [report?.close(), trace?.close()].compactMap { $0 } }
}
