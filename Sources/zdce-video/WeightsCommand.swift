internal import ArgumentParser
internal import Enhancer
internal import Foundation
internal import Pipeline
internal import WeightImport

/// Looks at weights, and imports those of other programs.
struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "Look at a weights file, or import one of PyTorch or MindSpore.",
    discussion: """
      EXAMPLES
        What the program has built in:
          zdce-video weights info
        Weights of PyTorch, and a clip enhanced with them:
          zdce-video weights import epoch99.pth -o theirs.safetensors
          zdce-video enhance night.mp4 -o bright.mp4 --weights theirs.safetensors
      """,
    subcommands: [InfoCommand.self, ImportCommand.self])

  /// Shows what a file holds.
  struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "info",
      abstract: "Show model, tensors, value ranges, digest and metadata of a weights file.",
      discussion: """
        EXAMPLES
          The weights within the program:
            zdce-video weights info
          A file, for a script:
            zdce-video weights info mine.safetensors --json

        Of a PyTorch or MindSpore file it shows what "weights import" would make of it; nothing in the file is run.
        """)

    @Argument(help: "A safetensors, .pth or .ckpt file. (default: the weights within the program)")
    var file: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
      do {
        let weights =
          try file.map { try ImportedWeights.weights(inAnyFile: $0, program: "zdce-video \(version)") } ?? .builtIn
        let report = WeightsReport(weights, file: file ?? "built in")
        StandardStreams.output((json ? report.json : report.text) + "\n")
      } catch {
        Console(quiet: false).error("\(error)")
        throw ExitCode(1)
      }
    }
  }

  /// Makes safetensors of another program's file.
  struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Make a safetensors file of a PyTorch .pth or MindSpore .ckpt file of Zero-DCE or Zero-DCE++.",
      discussion: """
        EXAMPLES
          zdce-video weights import epoch99.pth -o theirs.safetensors
          zdce-video weights import zero-dce.ckpt -o theirs.safetensors -y

        Only tensors are read; nothing in the file is run, and a file that asks for more is refused. Moments and \
        counters of an optimiser are left out. The file's licence stays whatever its makers say: the metadata notes \
        that it is unknown.
        """)

    @Argument(help: "The file to import.")
    var input: String

    @Option(name: .shortAndLong, help: "The safetensors file to write.")
    var output: String

    @Flag(name: [.customShort("y"), .customLong("overwrite")], help: "Overwrite an output that exists.")
    var overwrite = false

    @Flag(help: "Say nothing but errors.")
    var quiet = false

    func run() throws {
      let console = Console(quiet: quiet)
      func fail(_ text: String) -> ExitCode {
        console.error(text)
        return ExitCode(1)
      }
      let imported: ImportedWeights
      do {
        imported = try ImportedWeights(contentsOf: input, program: "zdce-video \(version)")
      } catch {
        throw fail("\(error)")
      }
      let (source, target) = (URL(fileURLWithPath: input), URL(fileURLWithPath: output))
      if source.resolvingSymlinksInPath().path == target.resolvingSymlinksInPath().path {
        throw fail("'\(output)' is both input and output: choose another output")
      }
      if !overwrite, FileManager.default.fileExists(atPath: output) {
        throw fail("'\(output)' exists: choose another name, or overwrite it with -y")
      }
      do {
        try Data(imported.bytes).write(to: target, options: .atomic)
      } catch {
        let reason = systemReason(error).map { "\($0) (" } ?? "("
        throw fail("cannot write '\(output)': \(reason)check that its folder exists, has room and can be written to)")
      }
      let leftOut = imported.leftOut.isEmpty ? "" : "; \(imported.leftOut.count) tensors of an optimiser left out"
      console.note(
        "\(output): \(imported.weights.model.rawValue) from a \(imported.format.rawValue)\(leftOut); "
          + "its licence is whatever its makers say")
    }
  }
}
