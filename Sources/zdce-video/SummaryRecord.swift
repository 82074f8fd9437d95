internal import Foundation
internal import Pipeline

/// The JSON summary: names and units are a contract with scripts.
struct SummaryRecord: Encodable {
  let input: String, output: String
  let frames_in: Int, frames_out: Int, frames_damaged: Int, frames_dropped: Int
  let estimates: Int, reused: Int
  let seconds: Double, fps: Double

  private init(_ summary: Summary) {
    input = summary.input
    output = summary.output
    frames_in = summary.framesIn
    frames_out = summary.framesOut
    frames_damaged = summary.framesDamaged
    frames_dropped = summary.framesDropped
    estimates = summary.estimates
    reused = summary.reused
    seconds = summary.seconds
    fps = summary.fps
  }

  /// Writes it to standard output; false if that is impossible.
  static func deliver(_ summary: Summary) -> Bool {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(SummaryRecord(summary)) else { return false }
    return StandardStreams.output(String(decoding: data, as: UTF8.self) + "\n")
  }
}
