import Foundation
import TestSupport
import Testing

/// Cameras keep their own time, so one test at a time, and none beside other suites: see `make test`.
@Suite(.serialized) enum LiveTests {}

/// `zdce-video live` as it runs, with messages as JSON.
final class LiveRun: Sendable {
  /// One message.
  typealias Message = [String: String]

  private let process: Subprocess

  /// Starts the program; the preset is set, so that no frame goes into choosing one.
  init(_ arguments: [String], input: FileHandle? = nil, timeout: Double = 60) throws {
    process = try Program.start(
      ["live"] + arguments + ["--log-format", "json", "--preset", "ultrafast"], input: input, timeout: timeout)
  }

  var isRunning: Bool { process.isRunning }
  var processIdentifier: Int32 { process.processIdentifier }

  func send(_ signal: Int32) { process.send(signal) }
  func result() async throws -> ProcessResult { try await process.result() }

  /// What it has said so far; numbers as text.
  var messages: [Message] { Self.messages(process.standardErrorSoFar) }

  static func messages(_ text: String) -> [Message] {
    text.split(separator: "\n").compactMap { line in
      guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return nil }
      return object.mapValues { "\($0)" }
    }
  }

  /// The latest status line.
  var status: Message? { messages.last { $0["message"] == "status" } }

  /// A number of the latest status line; 0 before the first.
  func number(_ field: String) -> Double { status?[field].flatMap(Double.init) ?? 0 }

  /// Waits until `condition` holds; fails the test after `limit` seconds, or when the program has ended.
  func wait(
    _ what: String, limit: Double = 20, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(limit)
    while !condition() {
      try #require(
        process.isRunning && ContinuousClock.now < end, "\(what): \(process.standardErrorSoFar.suffix(2000))",
        sourceLocation: sourceLocation)
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Waits until so many more frames are out.
  func waitForFrames(_ count: Double, limit: Double = 20, sourceLocation: SourceLocation = #_sourceLocation)
    async throws
  {
    let start = number("frames_out")
    try await wait("\(count) frames", limit: limit, sourceLocation: sourceLocation) {
      number("frames_out") >= start + count
    }
  }

  /// Interrupts it; it ends in good order.
  @discardableResult
  func interrupt(sourceLocation: SourceLocation = #_sourceLocation) async throws -> ProcessResult {
    let begin = ContinuousClock.now
    send(SIGINT)
    let result = try await result()
    #expect(result.status == 130, "\(result)", sourceLocation: sourceLocation)
    #expect(ContinuousClock.now - begin < .seconds(6), "an interrupt is soon felt", sourceLocation: sourceLocation)
    return result
  }

  /// Has it said that?
  func hasSaid(_ text: String) -> Bool { messages.contains { $0["message"]?.contains(text) == true } }
}

/// A stream of MPEG-TS datagrams, played at its pace by ffmpeg.
struct Datagrams {
  let url: String
  let sender: Subprocess

  init(_ file: String, options: [String] = []) throws {
    url = "udp://127.0.0.1:\(try Self.freePort())"
    sender = try Subprocess(
      "ffmpeg",
      ["-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", file, "-c", "copy"] + options
        + ["-f", "mpegts", url + "?pkt_size=1316"], timeout: 60)
  }

  /// A port that nobody uses at the moment.
  static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
