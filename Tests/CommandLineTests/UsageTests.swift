import TestSupport
import Testing

/// What the arguments alone show to be wrong: exit status 64 and nothing touched.
@Suite struct UsageTests {
  @Test(
    arguments: [
      ["--strength", "much"], ["--strength", "-1"], ["--strength", "nan"], ["--sampling", "cubic"],
      ["--scale", "0"], ["--scale", "x"], ["--reuse", "sometimes"], ["--reuse-threshold", "-1"], ["--look", "nosuch"],
      ["--threads", "-2"], ["--threads", "many"], ["--crf", "low"], ["--start", "soon"], ["--start", "-1"],
      ["--duration", "0"], ["--duration", "-3"], ["--compare", "triple"], ["--encoder-option", "novalue"],
      ["--bitrate", "fast"], ["--nosuch-option", "1"],
    ])
  func badOptionValue(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let joined = ["\(options[0])=\(options[1])"]
    expectUsageError(
      try await Program.enhance([input, "-o", folder.file("out.mp4")] + joined),
      naming: String(options[0].dropFirst(2)))
    #expect(try folder.contents().isEmpty)
  }

  @Test func noInput() async throws {
    let folder = try TemporaryDirectory()
    expectUsageError(try await Program.enhance("-o", folder.file("out.mp4")), naming: "in")
  }

  @Test func noOutput() async throws {
    expectUsageError(try await Program.enhance(try await Clips.everyday.path()), naming: "-o")
  }

  @Test func bothOutputs() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let result = try await Program.enhance(input, "-o", folder.file("out.mp4"), "--output-dir", folder.file("out"))
    expectUsageError(result, naming: "--output-dir")
    #expect(try folder.contents().isEmpty)
  }

  @Test func twoInputsForOneOutput() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let result = try await Program.enhance(input, try await Clips.lossless.path(), "-o", folder.file("out.mp4"))
    expectUsageError(result, naming: "--output-dir")
    #expect(try folder.contents().isEmpty)
  }

  @Test func pipeIntoAFolder() async throws {
    let folder = try TemporaryDirectory()
    // A pipe has no name that an output could take.
    let result = try await Program.enhance("-", "--output-dir", folder.file("out"))
    expectUsageError(result, naming: "-o")
  }

  @Test func unknownSubcommand() async throws {
    let result = try await Program.run(["enhanse"])
    #expect(result.status == 64, "\(result)")
  }

  @Test(arguments: [["--help"], ["enhance", "--help"], ["--version"]])
  func helpGoesToStandardOutput(arguments: [String]) async throws {
    let result = try await Program.run(arguments)
    expectSuccess(result)
    #expect(!result.standardOutput.isEmpty)
    #expect(result.standardError.isEmpty, "\(result)")
  }

  /// Every option of the contract is explained.
  @Test func helpNamesEveryOption() async throws {
    let help = try await Program.run(["enhance", "--help"]).text
    let options = [
      "-o", "--output-dir", "--weights", "--show", "--strength", "--look", "--sampling", "--scale", "--reuse",
      "--reuse-threshold", "--codec", "--crf", "--preset", "--bitrate", "--pix-fmt", "--encoder-option", "--start",
      "--duration", "--threads", "--compare", "--report", "--json", "--quiet", "--no-progress", "--verbose", "-y",
      "--overwrite", "--format",
    ]
    for option in options { #expect(help.contains(option), "\(option)") }
  }
}
