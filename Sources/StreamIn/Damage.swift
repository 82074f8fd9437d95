internal import Frames

/// What was wrong with an input, counted; the first findings in words.
public struct Damage: Sendable {
  /// Frames that were lost or that the decoder had to guess at, packets it refused, reads that failed.
  public private(set) var count = 0
  /// One sentence for each of the first few findings.
  public private(set) var findings: [String] = []

  private static let maximumFindings = 8

  mutating func note(_ error: FFmpegError) { add("\(error)") }
  mutating func noteCorruptPacket() { add("a packet is incomplete or damaged") }
  mutating func noteDamagedFrame() { add("a frame was decoded with errors") }
  mutating func noteMissingEnd(seconds: Double) {
    add("the input ends \((seconds * 10).rounded() / 10) s earlier than its header says: it was cut short")
  }
  mutating func noteMissingEnd(bytes: Int64) {
    add("the last \(bytes) bytes of the input are missing: it was cut short")
  }

  private mutating func add(_ finding: String) {
    count += 1
    if findings.count < Self.maximumFindings, !findings.contains(finding) { findings.append(finding) }
  }
}
