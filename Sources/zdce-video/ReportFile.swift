internal import Foundation
internal import Pipeline

/// The per-frame report, as CSV or as JSON lines; names, order and units of the columns are a contract with scripts.
final class ReportFile {
  private let file: TextFile
  private let isCSV: Bool
  private var hasHeader = false

  static let columns = [
    "frame", "pts_seconds", "decode_ms", "estimate_ms", "reused", "apply_ms", "encode_ms", "latency_ms", "fps",
  ]

  init(path: String, overwrite: Bool) throws(TextFile.Failure) {
    isCSV = path.hasSuffix(".csv")
    file = try TextFile("report", path: path, overwrite: overwrite)
  }

  func add(_ frame: FrameReport) {
    if isCSV, !hasHeader { put(Self.columns.joined(separator: ",")) }
    hasHeader = true
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

  private func put(_ line: String) { file.put(line + "\n") }

  /// Closes the file; what went wrong, if anything did.
  func close() -> String? { file.close() }
}
