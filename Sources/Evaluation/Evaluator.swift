public import Frames
internal import StreamIn

/// Compares two videos or pictures frame by frame, in the order of display.
public final class Evaluator {
  /// What a comparison found.
  public struct Result: Sendable, Hashable {
    /// The mean over all frames that both have.
    public var score: Score
    /// Sentences about what was not compared, or may not be as it should.
    public var warnings: [String]
    /// Whether data of either was damaged and skipped.
    public var isDamaged: Bool
  }

  private let comparer: Comparer
  private let cancellation: Cancellation

  /// - Parameter threads: how many share a frame; at least 1.
  public init(threads: Int, cancellation: Cancellation = .init()) {
    comparer = Comparer(threads: threads)
    self.cancellation = cancellation
  }

  /// The mean of all frames of `enhanced` against those of `reference`; paths, URLs, or `-` for standard input.
  ///
  /// Where one ends early, the frames that both have are compared, and a warning tells both counts.
  /// - Parameter onFrame: called with the number and score of each frame, in order.
  /// - Returns: nil if it was cancelled.
  public func compare(
    _ enhanced: String, with reference: String, onFrame: (Int, Score) -> Void = { _, _ in }
  ) throws(EvaluationError) -> Result? {
    let own: StreamReader, other: StreamReader
    do throws(StreamInError) {
      own = try StreamReader(enhanced, cancellation: cancellation)
      other = try StreamReader(reference, cancellation: cancellation)
    } catch {
      throw .input(error)
    }
    var mean = ScoreMean()
    var counts = (own: 0, other: 0)
    while true {
      let (first, second) = (try nextFrame(of: own), try nextFrame(of: other))
      if cancellation.isCancelled { return nil }
      if first != nil { counts.own += 1 }
      if second != nil { counts.other += 1 }
      guard let first, let second else { break }
      guard first.width == second.width, first.height == second.height else {
        throw .sizes(
          enhanced: redacted(enhanced), reference: redacted(reference), frame: counts.own - 1,
          own: "\(first.width)x\(first.height)", other: "\(second.width)x\(second.height)")
      }
      do throws(FFmpegError) {
        let score = try comparer.compare(first, with: second)
        onFrame(counts.own - 1, score)
        mean.add(score)
      } catch {
        throw .conversion(error)
      }
    }
    guard let score = mean.score else {
      let (empty, findings) =
        counts.own == 0 ? (enhanced, own.damage.findings) : (reference, other.damage.findings)
      throw .input(.nothingDecoded(location: redacted(empty), findings: findings))
    }
    return try finish(
      score, counts: counts, readers: (own, other), names: (redacted(enhanced), redacted(reference)))
  }

  /// Counts what one of the two has left, and says so.
  private func finish(
    _ score: Score, counts: (own: Int, other: Int), readers: (own: StreamReader, other: StreamReader),
    names: (own: String, other: String)
  ) throws(EvaluationError) -> Result? {
    var counts = counts
    if counts.own > counts.other { while try nextFrame(of: readers.own) != nil { counts.own += 1 } }
    if counts.other > counts.own { while try nextFrame(of: readers.other) != nil { counts.other += 1 } }
    if cancellation.isCancelled { return nil }
    var warnings: [String] = []
    if counts.own != counts.other {
      warnings.append(
        "'\(names.own)' has \(counted(counts.own, "frame")) and '\(names.other)' has \(counts.other): "
          + "compared up to the end of the shorter one")
    }
    for (name, reader) in [(names.own, readers.own), (names.other, readers.other)] {
      warnings += reader.damage.findings.map { "'\(name)': \($0)" }
    }
    return Result(
      score: score, warnings: warnings, isDamaged: readers.own.damage.count + readers.other.damage.count > 0)
  }

  private func nextFrame(of reader: StreamReader) throws(EvaluationError) -> VideoFrame? {
    do throws(StreamInError) {
      while let event = try reader.next() {
        if case .frame(let frame) = event { return frame }
      }
      return nil
    } catch {
      throw .input(error)
    }
  }
}
