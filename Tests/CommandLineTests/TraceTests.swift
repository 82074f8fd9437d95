import Foundation
import TestSupport
import Testing

/// `--trace`: a Chrome trace of every frame's way through the stages.
@Suite(.serialized) struct TraceTests {
  /// One complete event; times in microseconds.
  struct Event: Decodable {
    struct Arguments: Decodable {
      let frame: Int
      let input: String
    }
    let name: String, ph: String
    let ts: Double, dur: Double
    let pid: Int, tid: Int
    let args: Arguments
  }

  static let stages = ["decode", "estimate", "apply", "encode"]

  static func events(of path: String) throws -> [Event] {
    try JSONDecoder().decode([Event].self, from: Data(try Files.read(path)))
  }

  /// One event for each stage and frame of `input`, each stage on a thread of its own and busy with one at a time.
  private func expectComplete(_ events: [Event], frames: Int, of input: String) throws {
    #expect(events.allSatisfy { $0.ph == "X" && $0.ts >= 0 && $0.dur >= 0 })
    #expect(Set(events.map(\.pid)).count == 1)
    let own = events.filter { $0.args.input == input }
    #expect(own.count == frames * Self.stages.count)
    for stage in Self.stages {
      let frameNumbers = own.filter { $0.name == stage }.map(\.args.frame)
      #expect(frameNumbers.sorted() == Array(0..<frames), "\(stage)")
    }
    let threads = Dictionary(grouping: events, by: \.tid)
    #expect(threads.count == Self.stages.count)
    for (thread, events) in threads {
      #expect(Set(events.map(\.name)).count == 1, "thread \(thread)")
      let sorted = events.sorted { $0.ts < $1.ts }
      for (first, second) in zip(sorted, sorted.dropFirst()) {
        // Decimals of a double; times themselves are whole nanoseconds.
        #expect(first.ts + first.dur <= second.ts + 0.0005, "\(first.name) of \(first.args) and \(second.args)")
      }
    }
    for frame in Dictionary(grouping: own, by: \.args.frame).values {
      let way = Self.stages.compactMap { stage in frame.first { $0.name == stage } }
      for (first, second) in zip(way, way.dropFirst()) {
        #expect(first.ts + first.dur <= second.ts + 0.0005, "a frame leaves \(first.name) before \(second.name)")
      }
    }
  }

  @Test func everyStageOfEveryFrame() async throws {
    let folder = try TemporaryDirectory()
    let inputs = [try await Clips.everyday.path(), try await Clips.lossless.path()]
    let (trace, report) = (folder.file("trace.json"), folder.file("report.jsonl"))
    let started = Date()
    expectSuccess(
      try await Program.enhance(
        inputs + ["--output-dir", folder.file("out"), "--trace", trace, "--report", report, "--quiet"]))
    let passed = Date().timeIntervalSince(started) * 1e6
    let events = try Self.events(of: trace)
    for input in inputs { try expectComplete(events, frames: 30, of: input) }
    #expect(events.allSatisfy { $0.ts + $0.dur < passed })
    // The report's times are those of the trace: milliseconds with three decimals.
    let rows = String(decoding: try Files.read(report), as: UTF8.self).split(separator: "\n").prefix(30)
    for (frame, row) in rows.enumerated() {
      let values = try #require(try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any])
      for stage in ["apply", "encode"] {
        let event = try #require(events.first { $0.name == stage && $0.args.frame == frame })
        #expect(abs(event.dur - ReportTests.number(values["\(stage)_ms"]) * 1000) <= 1)
      }
    }
  }

  @Test func interruptedTraceIsComplete() async throws {
    let input = try await Clips.long.path()
    let folder = try TemporaryDirectory()
    let (output, trace) = (folder.file("out.mkv"), folder.file("trace.json"))
    let process = try Program.start(
      ["enhance", input, "-o", output, "--trace", trace, "--preset", "slower", "--quiet"], timeout: 90)
    // The trace is written while the work goes on.
    for _ in 0..<600 where process.isRunning && Files.size(trace) < 20_000 {
      try await Task.sleep(for: .milliseconds(50))
    }
    try #require(process.isRunning && Files.size(trace) >= 20_000, "\(process.standardErrorSoFar)")
    process.send(SIGINT)
    #expect(try await process.result().status == 130)
    let frames = try await expectPlayable(output)
    #expect(frames < 2400)
    try expectComplete(try Self.events(of: trace), frames: frames, of: input)
  }

  @Test func traceIsNotOverwrittenUnasked() async throws {
    let folder = try TemporaryDirectory()
    let (trace, report) = (folder.file("trace.json"), folder.file("report.csv"))
    try folder.write(Array("mine".utf8), to: "trace.json")
    let input = try await Clips.lossless.path()
    let arguments = [input, "-o", folder.file("out.mkv"), "--trace", trace, "--report", report, "--quiet"]
    expectFailure(try await Program.enhance(arguments), naming: "trace.json")
    #expect(try Files.read(trace) == Array("mine".utf8))
    #expect(try folder.contents() == ["trace.json"], "no report, no output")
    expectSuccess(try await Program.enhance(arguments + ["-y"]))
    try expectComplete(try Self.events(of: trace), frames: 30, of: input)
  }

  /// A trace of nothing is still JSON, and a trace that cannot be written is a failure.
  @Test func traceOfFailures() async throws {
    let folder = try TemporaryDirectory()
    let trace = folder.file("trace.json")
    expectFailure(
      try await Program.enhance(folder.file("none.mp4"), "-o", folder.file("out.mkv"), "--trace", trace, "--quiet"),
      naming: "none.mp4")
    #expect(try Self.events(of: trace).isEmpty)
    let input = try await Clips.lossless.path()
    expectFailure(
      try await Program.enhance(
        input, "-o", folder.file("out.mkv"), "--trace", folder.file("nowhere/trace.json"), "--quiet"),
      naming: "nowhere/trace.json")
    expectFailure(
      try await Program.enhance(input, "-o", folder.file("out.mkv"), "--trace", "/dev/full", "-y", "--quiet"),
      naming: "/dev/full")
  }

  @Test(arguments: ["out.mkv", "report.csv"])
  func traceIsAFileOfItsOwn(name: String) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await Clips.lossless.path(), "-o", folder.file("out.mkv"), "--report", folder.file("report.csv"),
      "--trace", folder.file(name), "-y")
    expectUsageError(result, naming: "--trace")
    #expect(try folder.contents().isEmpty)
  }
}
