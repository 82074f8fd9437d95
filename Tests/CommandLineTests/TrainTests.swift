import Foundation
import TestSupport
import Testing

/// `zdce-video train` on six small pictures: repeatable, interruptible, resumable, and clear about what it cannot do.
@Suite struct TrainTests {
  /// A thousand steps in a second: crops of 16 pixels, one per step.
  private static let tiny = ["--crop", "16", "--sides", "24", "--batch", "1", "--hold-out", "3", "--threads", "2"]

  private static let hasAVX2 =
    (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains(" avx2 ") ?? false

  private let folder: TemporaryDirectory
  private var photos: String { folder.file("photos") }
  private var output: String { folder.file("w.safetensors") }

  init() throws { folder = try TemporaryDirectory() }

  private func makePhotos(size: String = "40x32") async throws {
    try folder.makeDirectory("photos")
    try await FFmpeg.run(
      ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=1,hue=h=60*n", "-frames:v", "6", photos + "/%d.png"])
  }

  private func arguments(_ options: [String]) -> [String] {
    ["train", "--photos", photos, "-o", output] + Self.tiny + options
  }

  private func train(_ options: String...) async throws -> ProcessResult {
    try await Program.run(arguments(options))
  }

  @Test func sameSeedSameBytes() async throws {
    try await makePhotos()
    let options = ["--steps", "40", "--seed"]
    var files: [[UInt8]] = []
    for seed in ["5", "5", "6"] {
      expectSuccess(try await Program.run(arguments(options + [seed, "-y", "--quiet"])))
      files.append(try Files.read(output))
    }
    #expect(files[0] == files[1])
    #expect(files[0] != files[2])
    expectSuccess(try await Program.run(arguments(options + ["5", "-y", "--quiet", "--threads", "1"])))
    #expect(try Files.read(output) == files[0])
    let info = try await Program.run(["weights", "info", output, "--json"])
    expectSuccess(info)
    #expect(info.text.contains("\"zero-dce++\"") && info.text.contains("10561"), "\(info.text)")
    #expect(try folder.contents().filter { !$0.hasPrefix("photos") } == ["w.safetensors"])
  }

  /// OpenBLAS says on standard error which kernels it takes, whenever it is loaded.
  @Test(.enabled(if: hasAVX2, "needs a processor with AVX2"))
  func processorsThatOpenBLASDoesNotKnow() async throws {
    try await makePhotos()
    func cores(_ environment: String) async throws -> [Substring] {
      let words = arguments(["--steps", "2", "--quiet", "-y"]).map { "'\($0)'" }.joined(separator: " ")
      let result = try await Program.shell("OPENBLAS_VERBOSE=2 \(environment) \"$ZDCE\" \(words)")
      expectSuccess(result)
      return result.standardError.split(separator: "\n").filter { $0.hasPrefix("Core: ") }
    }
    #expect(try await cores("").last != "Core: Prescott")
    #expect(try await cores("OPENBLAS_CORETYPE=Prescott") == ["Core: Prescott"])
  }

  /// It is looked for when it is needed; another library of its name is none.
  @Test func withoutOpenBLAS() async throws {
    try await makePhotos()
    let words = arguments(["--steps", "2", "--quiet"]).map { "'\($0)'" }.joined(separator: " ")
    let library = "$(ldd \"$ZDCE\" | grep -o '/[^ ]*/libm\\.so\\.6')"
    let result = try await Program.shell(
      "cp \"\(library)\" '\(folder.file("libopenblas.so.0"))' && "
        + "LD_LIBRARY_PATH='\(folder.path)' \"$ZDCE\" \(words)")
    expectFailure(result, naming: "libopenblas.so.0")
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test func trainedWeightsCanBeUsed() async throws {
    try await makePhotos()
    expectSuccess(try await train("--steps", "20", "--metadata", "note=of mine", "--quiet"))
    let picture = photos + "/1.png"
    expectSuccess(
      try await Program.enhance(picture, "-o", folder.file("out.png"), "--weights", output, "--scale", "1"))
    #expect(try await FFmpeg.frameHashes(of: folder.file("out.png")) != FFmpeg.frameHashes(of: picture))
    #expect(try await Program.run(["weights", "info", output]).text.contains("of mine"))
  }

  @Test func progressAndSheets() async throws {
    try await makePhotos()
    let sheets = folder.file("new/sheets")
    let result = try await train("--steps", "20", "--validate-every", "10", "--sheets", sheets)
    expectSuccess(result)
    expectWarning(result, "4 photographs to train on", "2 held out")
    for step in ["step 10/20", "step 20/20"] { expectWarning(result, step, "validation", "ETA") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: sheets).sorted() == ["000010.png", "000020.png"])
    for name in ["000010.png", "000020.png"] { try await expectPlayable(sheets + "/" + name) }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func interruptedRunsGoOnAsIfNothingHappened(signal: Int32) async throws {
    try await makePhotos()
    let steps = ["--steps", "2500", "--quiet"]
    let checkpoint = output + ".checkpoint"
    let process = try Program.start(arguments(steps + ["--checkpoint-every", "1"]))
    for _ in 0..<1000 where process.isRunning && !Files.exists(checkpoint) {
      try await Task.sleep(for: .milliseconds(5))
    }
    process.send(signal)
    let interrupted = try await process.result()
    #expect(interrupted.status == 130 && interrupted.signal == nil, "\(interrupted)")
    #expect(!Files.exists(output) && Files.exists(checkpoint))

    let resume = arguments(steps + ["--resume"])
    expectFailure(try await Program.run(resume + ["--rate", "0.001"]), naming: "other options")
    expectSuccess(try await Program.run(resume))
    #expect(!Files.exists(checkpoint))
    let resumed = try Files.read(output)
    expectSuccess(try await Program.run(arguments(steps + ["-y"])))
    #expect(try Files.read(output) == resumed)
  }

  @Test func nothingIsOverwritten() async throws {
    try await makePhotos()
    try folder.write([1, 2, 3], to: "w.safetensors")
    expectFailure(try await train("--steps", "5", "--quiet"), naming: "-y")
    #expect(try Files.read(output) == [1, 2, 3])
    expectSuccess(try await train("--steps", "5", "--quiet", "--overwrite"))
    #expect(try Files.read(output).count > 40_000)
  }

  /// The training would be lost if this came out after it.
  @Test func outputIsCheckedFirst() async throws {
    for output in [folder.file("none/w.safetensors"), folder.path] {
      let result = try await Program.run(["train", "--photos", photos, "-o", output, "-y", "--quiet"])
      expectFailure(result, naming: output)
    }
  }

  @Test func photographsThatCannotBeUsed() async throws {
    expectFailure(try await train("--quiet"), naming: photos)
    try folder.makeDirectory("photos")
    expectFailure(try await train("--quiet"), naming: "no photographs in '\(photos)'")
    try folder.write(Array("no picture".utf8), to: "photos/a.png")
    expectFailure(try await train("--quiet"), naming: "1 files skipped")
    try await makePhotos(size: "15x40")
    expectFailure(try await train("--quiet"), naming: "at least 16 pixels")
  }

  @Test func nothingToResume() async throws {
    try await makePhotos()
    expectFailure(try await train("--resume", "--quiet"), naming: ".checkpoint")
    try folder.write([1, 2, 3], to: "w.safetensors.checkpoint")
    expectFailure(try await train("--resume", "--quiet"), naming: ".checkpoint")
    #expect(!Files.exists(output))
  }

  @Test(
    arguments: [
      ["--model", "dce"], ["--steps", "0"], ["--batch", "0"], ["--crop", "8"], ["--sides", "160;96"],
      ["--sides", "12"],
      ["--hold-out", "1"], ["--rate", "0"], ["--rate", "nan"], ["--warm-up", "-1"], ["--weight-decay", "-1"],
      ["--gradient-limit", "0"], ["--seed", "-1"], ["--smoothness", "-1"], ["--exposure-level", "1"],
      ["--exposure-patch", "0"], ["--spatial-patch", "17"], ["--bright-share", "1.5"], ["--darkest", "0.5"],
      ["--mildest", "7"],
      ["--noise", "-1"], ["--checkpoint-every", "0"], ["--validate-every", "0"], ["--threads", "-1"],
      ["--metadata", "novalue"], ["--nosuch-option", "1"],
    ])
  func badOption(options: [String]) async throws {
    let result = try await Program.run(arguments(["\(options[0])=\(options[1])"]))
    expectUsageError(result, naming: String(options[0].dropFirst(2)))
    #expect(!Files.exists(output))
  }

  @Test func missingArguments() async throws {
    expectUsageError(try await Program.run(["train", "-o", output]), naming: "--photos")
    expectUsageError(try await Program.run(["train", "--photos", photos]), naming: "--output")
  }
}
