internal import ArgumentParser
internal import Evaluation
internal import Foundation
internal import Frames

/// Measures results against references.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure PSNR, SSIM and MAE against reference pictures or videos.",
    discussion: """
      EXAMPLES
        A picture against its reference:
          zdce-video evaluate bright.png day.png
        Two folders, for a script, with a line for each file:
          zdce-video evaluate bright day --json --verbose
        A video, frame by frame:
          zdce-video evaluate bright.mp4 day.mp4 --verbose

      Both are pictures, videos (compared frame by frame in order) or folders (files of one name belong together, with \
      or without the same extension). Pictures are compared as stored, in RGB, on a scale of 0 to 255.

      With --json, standard output is one object: psnr, ssim, mae, frames. A video's figures are the mean of its frames, \
      a folder's the mean of its files. PSNR is null where it is infinite (equal pictures), SSIM where a side has less \
      than 11 pixels. --verbose adds a line for each file or frame before it.

      Exit codes: 1 if a file of ENHANCED cannot be compared, the others are; files that only REFERENCE has, and \
      frames that only one of two videos has, are a warning.
      """)

  @Argument(help: "The result: a picture, a video, a folder of them, or - for a pipe.")
  var enhanced: String

  @Argument(help: "What it should be: likewise.")
  var reference: String

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @Flag(help: "Also print each picture of a folder, or each frame of a video.")
  var verbose = false

  @Flag(help: "Say nothing but errors and the result.")
  var quiet = false

  @Option(help: "Threads that share a frame; 0 is one per processor.")
  var threads = 0

  func validate() throws {
    guard (0...256).contains(threads) else { throw ValidationError("--threads is \(threads): give 0 to 256") }
    guard enhanced != "-" || reference != "-" else {
      throw ValidationError("there is only one standard input: name a file for one of the two")
    }
    if InputList.isFolder(enhanced) != InputList.isFolder(reference) {
      let folder = InputList.isFolder(enhanced) ? enhanced : reference
      throw ValidationError("'\(folder)' is a folder and the other is not: give two folders or two files")
    }
  }

  func run() throws {
    LibraryLog.route(verbose: false)
    let console = Console(quiet: quiet)
    let table = ScoreTable(json: json)
    let cancellation = InterruptSignals.heeded()
    let evaluator = Evaluator(
      threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount, cancellation: cancellation)
    var outcome = Outcome()
    let score: Score?
    if InputList.isFolder(enhanced) {
      score = folders(evaluator, console: console, table: table, outcome: &outcome)
    } else {
      score = compare(enhanced, reference, evaluator, console: console, outcome: &outcome) { frame, score in
        if verbose { table.print(score, frame: frame) }
      }
    }
    if let score, !cancellation.isCancelled { table.print(score) }
    if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
  }

  private func folders(
    _ evaluator: Evaluator, console: Console, table: ScoreTable, outcome: inout Outcome
  ) -> Score? {
    let (results, references) = (MediaFolder(enhanced), MediaFolder(reference))
    // Without anything to compare, what it would be compared with does not matter.
    for failure in results.failures + (results.files.isEmpty ? [] : references.failures) {
      console.error(failure)
      outcome.note(.failed)
    }
    let pairs = Pairs(enhanced: results.files, reference: references.files)
    for path in pairs.enhancedOnly {
      console.error(
        "'\(InputList.join(enhanced, path))' has no partner in '\(reference)': "
          + "add a file of the same name, or of the same name with another extension if there is only one")
      outcome.note(.failed)
    }
    if let first = pairs.referenceOnly.first {
      let others = pairs.referenceOnly.count - 1
      console.warning(
        "'\(InputList.join(reference, first))'\(others > 0 ? " and \(others) more" : "") "
          + "\(others > 0 ? "have" : "has") no partner in '\(enhanced)': left out")
    }
    var mean = ScoreMean()
    for pair in pairs.pairs {
      let (own, other) = (InputList.join(enhanced, pair.enhanced), InputList.join(reference, pair.reference))
      guard let score = compare(own, other, evaluator, console: console, outcome: &outcome) else { continue }
      if verbose { table.print(score, name: pair.enhanced) }
      mean.add(score)
    }
    return mean.score
  }

  private func compare(
    _ enhanced: String, _ reference: String, _ evaluator: Evaluator, console: Console, outcome: inout Outcome,
    onFrame: (Int, Score) -> Void = { _, _ in }
  ) -> Score? {
    do {
      guard let result = try evaluator.compare(enhanced, with: reference, onFrame: onFrame) else {
        outcome.note(.interrupted)
        return nil
      }
      for warning in result.warnings { console.warning(warning) }
      outcome.note(result.isDamaged ? .damaged : .done)
      return result.score
    } catch {
      console.error("\(error)")
      outcome.note(.failed)
      return nil
    }
  }
}
