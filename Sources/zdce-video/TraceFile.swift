internal import Foundation
internal import Pipeline

/// When each stage worked on each frame, as a JSON array of complete events (Chrome trace format).
///
/// `add` only puts a frame's spans into memory reserved at the start; a thread of the file's own makes text of them.
///
/// `@unchecked Sendable`: `waiting`, `inputs`, `isClosing` and `hasEnded` are touched under `condition`'s lock, `file` and
/// `isFirst` by the writing thread only, from its start until it has ended.
final class TraceFile: @unchecked Sendable {
  private struct Record {
    let frame: Int
    let spans: StageSpans
    let input: Int
  }

  /// Frames in memory at most. The file is written as it goes, so only a disk that stalls comes near to it.
  private static let capacity = 1024
  /// Seconds after which the writer looks for new frames.
  private static let interval = 0.25

  private let condition = NSCondition()
  private var waiting: [Record] = []
  /// The inputs that were begun, as JSON.
  private var inputs: [String] = []
  private var isClosing = false
  private var hasEnded = false
  private let file: TextFile
  private var isFirst = true
  /// When the file was begun: time 0.
  private let origin = ContinuousClock.now

  init(path: String, overwrite: Bool) throws(TextFile.Failure) {
    file = try TextFile("trace", path: path, overwrite: overwrite)
    waiting.reserveCapacity(Self.capacity)
    let thread = Thread { [self] in write() }
    thread.name = "trace"
    thread.start()
  }

  /// The frames to come are those of another input.
  func begin(input: String) {
    condition.lock()
    inputs.append(Self.quoted(input))
    condition.unlock()
  }

  /// Notes a frame of the present input.
  func add(_ frame: FrameReport) {
    condition.lock()
    while waiting.count == Self.capacity {
      condition.broadcast()
      condition.wait()
    }
    waiting.append(Record(frame: frame.frame, spans: frame.spans, input: inputs.count - 1))
    condition.unlock()
  }

  /// Completes the file; what went wrong, if anything did.
  func close() -> String? {
    condition.lock()
    isClosing = true
    condition.broadcast()
    while !hasEnded { condition.wait() }
    condition.unlock()
    return file.close()
  }

  // MARK: The writing thread

  private func write() {
    var records: [Record] = []
    records.reserveCapacity(Self.capacity)
    file.put("[")
    var isLast = false
    while !isLast {
      condition.lock()
      if !isClosing { _ = condition.wait(until: Date(timeIntervalSinceNow: Self.interval)) }
      isLast = isClosing
      swap(&records, &waiting)
      let names = inputs
      condition.broadcast()
      condition.unlock()
      for record in records { put(record, input: names[record.input]) }
      records.removeAll(keepingCapacity: true)
      file.flush()
    }
    file.put("\n]\n")
    condition.lock()
    hasEnded = true
    condition.broadcast()
    condition.unlock()
  }

  /// One event for each stage. Threads are numbered in the order of the stages.
  private func put(_ record: Record, input: String) {
    let spans = record.spans
    let stages = [
      ("decode", spans.decode), ("estimate", spans.estimate), ("apply", spans.apply), ("encode", spans.encode),
    ]
    for (index, (name, span)) in stages.enumerated() {
      guard let span else { continue }
      file.put(
        "\(isFirst ? "\n" : ",\n"){\"name\":\"\(name)\",\"cat\":\"frame\",\"ph\":\"X\""
          + ",\"ts\":\(microseconds(span.lowerBound - origin))"
          + ",\"dur\":\(microseconds(span.upperBound - span.lowerBound))"
          + ",\"pid\":\(getpid()),\"tid\":\(index + 1)"
          + ",\"args\":{\"frame\":\(record.frame),\"input\":\(input)}}")
      isFirst = false
    }
  }

  /// With the nanoseconds as decimals, so that the end of an event is not past the beginning of the next.
  private func microseconds(_ duration: Duration) -> String {
    let nanoseconds = duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
    let decimals = String(nanoseconds % 1000)
    return "\(nanoseconds / 1000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
  }

  /// As a JSON string.
  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}
