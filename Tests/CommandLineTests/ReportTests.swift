import Foundation
import TestSupport
import Testing

/// The report for each frame and the summary: scripts outside the project rely on them.
@Suite struct ReportTests {
  static let columns = [
    "frame", "pts_seconds", "decode_ms", "estimate_ms", "reused", "apply_ms", "encode_ms", "latency_ms", "fps",
  ]
  static let summaryKeys: Set = [
    "input", "output", "frames_in", "frames_out", "frames_damaged", "frames_dropped", "estimates", "reused", "seconds",
    "fps",
  ]

  /// Summary objects on standard output, one each line.
  static func summaries(_ result: ProcessResult) throws -> [[String: Any]] {
    try result.text.split(whereSeparator: \.isNewline).map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  static func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? .nan }

  /// Rows of a report as numbers by column.
  private func report(
    _ name: String, clip: Clip, options: [String] = []
  ) async throws -> (rows: [[String: Double]], input: String) {
    let folder = try TemporaryDirectory()
    let (input, report) = (try await clip.path(), folder.file(name))
    expectSuccess(try await Program.enhance([input, "-o", folder.file("out.mkv"), "--report", report] + options))
    let lines = String(decoding: try Files.read(report), as: UTF8.self).split(separator: "\n").map(String.init)
    if name.hasSuffix(".csv") {
      #expect(lines.first == Self.columns.joined(separator: ","))
      let rows = lines.dropFirst().map { line in
        line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
      }
      try #require(rows.allSatisfy { $0.count == Self.columns.count })
      return (rows.map { Dictionary(uniqueKeysWithValues: zip(Self.columns, $0)) }, input)
    }
    let rows = try lines.map { line in
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(Set(object.keys) == Set(Self.columns))
      return object.mapValues(Self.number)
    }
    return (rows, input)
  }

  @Test(arguments: ["report.csv", "report.jsonl"])
  func oneRowForEachFrame(name: String) async throws {
    let (rows, input) = try await report(name, clip: TimestampTests.vfr)
    let times = try await FFprobe.frames(of: input).map(\.time)
    #expect(rows.count == times.count)
    // Frames are counted from 0, as ffmpeg does.
    #expect(rows.map { $0["frame"] ?? .nan } == (0..<rows.count).map(Double.init))
    expectSameTimes(rows.map { $0["pts_seconds"] ?? .nan }, times, "row")
    for column in ["decode_ms", "estimate_ms", "apply_ms", "encode_ms", "latency_ms", "fps"] {
      #expect(rows.allSatisfy { ($0[column] ?? .nan) >= 0 }, "\(column) is a number, and not negative")
    }
    #expect(rows.allSatisfy { $0["reused"] == 0 || $0["reused"] == 1 })
    #expect(rows.first?["reused"] == 0, "the first frame has nothing to reuse")
    #expect(rows.allSatisfy { ($0["latency_ms"] ?? 0) >= ($0["apply_ms"] ?? 0) }, "latency includes the work")
    #expect(rows.allSatisfy { ($0["apply_ms"] ?? 0) > 0 })
  }

  @Test(arguments: ["off", "always"])
  func reuseIsReported(mode: String) async throws {
    let (rows, _) = try await report("report.csv", clip: Clips.lossless, options: ["--reuse", mode])
    #expect(rows.count == 30)
    #expect(rows.dropFirst().allSatisfy { $0["reused"] == (mode == "always" ? 1 : 0) })
    if mode == "off" { #expect(rows.allSatisfy { ($0["estimate_ms"] ?? 0) > 0 }) }
  }

  @Test func reportIsNotOverwritten() async throws {
    let folder = try TemporaryDirectory()
    try folder.write(Array("mine".utf8), to: "report.csv")
    let arguments = [
      try await Clips.lossless.path(), "-o", folder.file("out.mkv"), "--report", folder.file("report.csv"), "--quiet",
    ]
    expectFailure(try await Program.enhance(arguments), naming: "report.csv")
    #expect(try Files.read(folder.file("report.csv")) == Array("mine".utf8))
    #expect(!Files.exists(folder.file("out.mkv")))
  }

  @Test func reportOfUnknownKind() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      try await Clips.lossless.path(), "-o", folder.file("out.mkv"), "--report", folder.file("report.xml"))
    expectUsageError(result, naming: "report")
  }

  @Test(arguments: [["--reuse", "off"], ["--reuse", "always"], []])
  func summaryHasItsKeys(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let (input, output) = (try await Clips.lossless.path(), folder.file("out.mkv"))
    let result = try await Program.enhance([input, "-o", output, "--json"] + options)
    expectSuccess(result)
    let summaries = try Self.summaries(result)
    #expect(summaries.count == 1)
    let summary = try #require(summaries.first)
    #expect(Set(summary.keys) == Self.summaryKeys)
    #expect(summary["input"] as? String == input)
    #expect(summary["output"] as? String == output)
    #expect(Self.number(summary["frames_in"]) == 30)
    #expect(Self.number(summary["frames_out"]) == 30)
    #expect(Self.number(summary["frames_damaged"]) == 0)
    #expect(Self.number(summary["frames_dropped"]) == 0)
    #expect(Self.number(summary["estimates"]) + Self.number(summary["reused"]) == 30)
    if options.last == "off" { #expect(Self.number(summary["estimates"]) == 30) }
    if options.last == "always" { #expect(Self.number(summary["estimates"]) == 1) }
    #expect(Self.number(summary["seconds"]) > 0)
    #expect(Self.number(summary["fps"]) > 0)
  }

  @Test func oneSummaryForEachInput() async throws {
    let folder = try TemporaryDirectory()
    let inputs = [try await Clips.everyday.path(), try await Clips.picture("summary.png").path()]
    let result = try await Program.enhance(inputs + ["--output-dir", folder.file("out"), "--json"])
    expectSuccess(result)
    let summaries = try Self.summaries(result)
    #expect(summaries.map { $0["input"] as? String } == inputs)
    #expect(summaries.map { Self.number($0["frames_out"]) } == [30, 1])
  }

  @Test func summaryAndPipeDoNotMix() async throws {
    let result = try await Program.enhance(
      try await Clips.everyday.path(), "-o", "-", "--format", "matroska", "--json")
    expectUsageError(result, naming: "--json")
  }

  /// When its output is no terminal the progress comes in plain lines, and `--quiet` says nothing at all.
  @Test func progressIsPlainWhenPiped() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let loud = try await Program.enhance(input, "-o", folder.file("a.mp4"))
    #expect(!loud.standardError.contains("\r") && !loud.standardError.contains("\u{1b}"))
    #expect(loud.standardOutput.isEmpty, "data only on standard output")
    let quiet = try await Program.enhance(input, "-o", folder.file("b.mp4"), "--quiet")
    expectSuccess(quiet)
    #expect(quiet.standardError.isEmpty && quiet.standardOutput.isEmpty, "\(quiet)")
  }

  @Test(arguments: ["--report", "--trace"])
  func unwritableReport(option: String) async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    try folder.makeDirectory("folder.csv")
    for (report, advice) in [(folder.file("nowhere/r.csv"), "check"), (folder.file("folder.csv"), "another name")] {
      let result = try await Program.enhance(input, "-o", folder.file("out.mp4"), option, report, "--quiet")
      expectFailure(result, naming: report)
      expectWarning(result, advice)
    }
    #expect(try folder.contents() == ["folder.csv"])
  }

  /// A run without a frame leaves no report, and with -y not the ruins of an older one.
  @Test func reportOfNothing() async throws {
    let folder = try TemporaryDirectory()
    let options = ["enhance", "/nowhere/clip.mp4", "-o", folder.file("out.mp4"), "--quiet"]
    for name in ["r.csv", "r.jsonl"] {
      let report = ["--report", folder.file(name)]
      expectFailure(try await Program.run(options + report), naming: "/nowhere/clip.mp4")
      #expect(!Files.exists(folder.file(name)))
      try folder.write(Array("precious".utf8), to: name)
      expectFailure(try await Program.run(options + report + ["-y"]), naming: "/nowhere/clip.mp4")
      #expect(try Files.read(folder.file(name)) == Array("precious".utf8))
    }
  }
}
