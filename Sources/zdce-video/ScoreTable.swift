internal import Evaluation
internal import Foundation

/// Prints scores on standard output: a table for people, or JSON objects whose names are a contract with scripts.
final class ScoreTable {
  private let json: Bool
  private var hasHeader = false

  init(json: Bool) { self.json = json }

  /// The result; with `name` that of one file of a folder, with `frame` that of one frame.
  func print(_ score: Score, name: String? = nil, frame: Int? = nil) {
    if json { object(score, name: name, frame: frame) } else { row(score, name ?? frame.map { "frame \($0)" }) }
  }

  private func object(_ score: Score, name: String?, frame: Int?) {
    var members: [String] = []
    if let name { members.append("\"name\":\(JSON.string(name))") }
    if let frame { members.append("\"frame\":\(frame)") }
    members.append("\"psnr\":\(JSON.number(score.psnr, digits: 6))")
    members.append("\"ssim\":\(score.ssim.map { JSON.number($0, digits: 8) } ?? "null")")
    members.append("\"mae\":\(JSON.number(score.mae, digits: 6))")
    if frame == nil { members.append("\"frames\":\(score.frames)") }
    write("{" + members.joined(separator: ",") + "}")
  }

  private func row(_ score: Score, _ label: String?) {
    func column(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    if !hasHeader {
      write(column("PSNR dB", 10) + column("SSIM", 9) + column("MAE", 9) + column("frames", 8))
      hasHeader = true
    }
    let ssim = score.ssim.map { String(format: "%.4f", $0) } ?? "-"
    write(
      column(score.psnr.isFinite ? String(format: "%.3f", score.psnr) : "infinite", 10) + column(ssim, 9)
        + column(String(format: "%.3f", score.mae), 9) + column("\(score.frames)", 8) + (label.map { "  " + $0 } ?? ""))
  }

  private func write(_ line: String) { StandardStreams.output(line + "\n") }
}

/// The pieces of a JSON text.
enum JSON {
  /// A finite number with that many digits after the point at most; anything else is null.
  static func number(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return "null" }
    return String(format: "%.\(digits)f", value)
  }

  /// A string in quotes, escaped.
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += String(format: "\\u%04x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
