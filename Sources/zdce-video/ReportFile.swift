internal import Foundation
internal import Pipeline

/// The per-frame report, as CSV or as JSON lines; names, order and units of the columns are a contract with scripts.
final class ReportFile {
  /// The file cannot be made, or exists.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private let isCSV: Bool

  static let columns = [
    "frame", "pts_seconds", "decode_ms", "estimate_ms", "reused", "apply_ms", "encode_ms", "latency_ms", "fps",
  ]

  init(path: String, overwrite: Bool) throws(Failure) {
    self.path = path
    isCSV = path.hasSuffix(".csv")
    // x: fail if it exists.
    guard let file = fopen(path, overwrite ? "we" : "wxe") else {
      throw Failure(
        description: errno == EEXIST
          ? "'\(path)' exists: choose another name for the report, or overwrite it with -y"
          : "cannot create the report '\(path)': \(String(cString: strerror(errno)))")
    }
    self.file = file
    if isCSV { put(Self.columns.joined(separator: ",")) }
  }

  func add(_ frame: FrameReport) {
    let values = [
      "\(frame.frame)", String(format: "%.6f", frame.ptsSeconds), number(frame.decodeMilliseconds),
      number(frame.estimateMilliseconds), frame.reused ? "1" : "0", number(frame.applyMilliseconds),
      number(frame.encodeMilliseconds), number(frame.latencyMilliseconds), String(format: "%.2f", frame.fps),
    ]
    put(
      isCSV
        ? values.joined(separator: ",")
        : "{" + zip(Self.columns, values).map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}")
  }

  private func number(_ value: Double) -> String { String(format: "%.3f", value) }

  private func put(_ line: String) { fputs(line + "\n", file) }

  /// Closes the file; what went wrong, if anything did.
  func close() -> String? {
    let hasFailed = ferror(file) != 0
    guard fclose(file) == 0, !hasFailed else {
      return "the report '\(path)' is incomplete: \(String(cString: strerror(errno)))"
    }
    return nil
  }
}
