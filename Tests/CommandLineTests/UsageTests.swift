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

  /// A negative number after a space is a value too, and no option of its own.
  @Test(arguments: ["--strength", "--start", "--duration", "--threads", "--scale", "--crf", "--reuse-threshold"])
  func negativeValueIsNamed(option: String) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance(
      [try await Clips.everyday.path(), "-o", folder.file("out.mp4"), option, "-1"])
    expectUsageError(result, naming: "-1")
    #expect(!result.standardError.contains("Missing value"), "\(result)")
    #expect(try folder.contents().isEmpty)
  }

  /// Names that the encoder does not know, which the arguments alone show where they name the encoder.
  @Test(
    arguments: [
      ["--codec", "nosuch"], ["--codec", "libx264", "--preset", "nosuch"], ["--preset", "nosuch"],
      ["--codec", "libx265", "--preset", "nosuch"], ["--pix-fmt", "nosuch"],
      ["--codec", "libx264", "--encoder-option", "nosuch=1"],
      ["--codec", "libx264", "--encoder-option", "tune=nosuch"],
      ["--codec", "libx265", "--encoder-option", "preset=nosuch"], ["--format", "nosuch"],
    ])
  func unknownName(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    expectUsageError(try await Program.enhance([input, "-o", folder.file("out.mp4")] + options), naming: "nosuch")
    #expect(try folder.contents().isEmpty)
  }

  /// Formats in a graphics processor's memory, and formats that the named encoder does not take.
  @Test(arguments: [
    ["--pix-fmt", "vaapi"], ["--codec", "libx264", "--pix-fmt", "vaapi"], ["--codec", "libx264", "--pix-fmt", "rgb24"],
  ])
  func unsuitablePixelFormat(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.enhance([try await Clips.everyday.path(), "-o", folder.file("out.mp4")] + options)
    expectUsageError(result, naming: options.last!)
    expectWarning(result, "yuv420p")
    #expect(try folder.contents().isEmpty)
  }

  /// Outputs that nothing could be written to, whatever the input is.
  @Test(
    arguments: [
      ["-o", "out.nosuch"], ["-o", "out"], ["-o", "out.webm", "--codec", "libx264"],
      ["-o", "out.mp4", "--codec", "rawvideo"],
      ["-o", ""], ["--output-dir", ""],
    ])
  func unsuitableOutput(options: [String]) async throws {
    let folder = try TemporaryDirectory()
    let result = try await Program.run(
      ["enhance", try await Clips.everyday.path()] + options, directory: folder.path)
    expectUsageError(result, naming: options[1].isEmpty ? "empty" : options[1])
    #expect(try folder.contents().isEmpty)
  }

  /// What only the expanded arguments show: one sentence, without the usage.
  @Test func twoInputsOfOneName() async throws {
    let folder = try TemporaryDirectory()
    let input = try await Clips.everyday.path()
    let result = try await Program.enhance(input, input, "--output-dir", folder.file("out"), "--quiet")
    expectFailure(result, status: 64, naming: folder.file("out/everyday.mp4"))
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

  @Test(
    arguments: [
      [], ["enhance"], ["live"], ["evaluate"], ["train"], ["weights"], ["weights", "info"], ["weights", "import"],
      ["bench"],
    ])
  func helpHasExamples(subcommand: [String]) async throws {
    let help = try await Program.run(subcommand + ["--help"]).text
    #expect(help.contains("EXAMPLES"))
    #expect(help.contains("  zdce-video \(subcommand.joined(separator: " "))"))
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
