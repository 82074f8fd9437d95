internal import ArgumentParser
internal import Foundation
internal import Frames
internal import Training

/// Trains weights on photographs.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train weights on photographs, without any reference picture.",
    discussion: """
      EXAMPLES
        Train on a folder of photographs, with samples of what has been learnt so far:
          zdce-video train --photos DCIM -o mine.safetensors --sheets sheets
        Try them:
          zdce-video enhance night.mp4 -o bright.mp4 --weights mine.safetensors
        Go on after Ctrl-C:
          zdce-video train --photos DCIM -o mine.safetensors --sheets sheets --resume
        Zero-DCE instead of Zero-DCE++:
          zdce-video train --photos DCIM -o mine.safetensors --model zero-dce --smoothness 200

      Photographs should be well exposed: the program makes them dark itself, in many ways. Pictures are read from the
      folders and the folders in them. An ATTRIBUTION.tsv (photo, package, file, licence) is summed up in the weights'
      metadata. The same options and photographs give the same weights.
      """)

  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp("Folders of photographs.", valueName: "dir"))
  var photos: [String]

  @Option(name: .shortAndLong, help: "Where to write the weights, a safetensors file.")
  var output: String

  @OptionGroup(title: "Training") var training: TrainingArguments

  @Option(help: "Where to save the run's state; Ctrl-C saves it too. (default: the output's name with .checkpoint)")
  var checkpoint: String?

  @Option(help: "Steps between checkpoints.")
  var checkpointEvery = 1000

  @Flag(help: "Go on from the checkpoint; options and photographs must be the same.")
  var resume = false

  @Option(help: "Steps between validations on photographs that are held out.")
  var validateEvery = 500

  @Option(help: ArgumentHelp("Folder for a contact sheet (PNG) at each validation; made if missing.", valueName: "dir"))
  var sheets: String?

  @Option(
    name: .long, help: ArgumentHelp("Add to the weights' metadata; repeatable.", valueName: "key=value"))
  var metadata: [String] = []

  @Option(help: "Threads; 0 is one per processor. Results do not depend on it.")
  var threads = 0

  @Flag(help: "Only errors.")
  var quiet = false

  @Flag(name: [.customShort("y"), .customLong("overwrite")], help: "Overwrite the output if it exists.")
  var overwrite = false

  func validate() throws {
    guard !photos.isEmpty else { throw ValidationError("nothing to train on: give --photos DIR") }
    guard checkpointEvery > 0, validateEvery > 0 else {
      throw ValidationError("--checkpoint-every and --validate-every are at least 1")
    }
    guard (0...256).contains(threads) else { throw ValidationError("--threads is \(threads): give 0 to 256") }
    guard metadata.allSatisfy({ $0.contains("=") }) else { throw ValidationError("--metadata takes KEY=VALUE") }
  }

  func run() throws {
    LibraryLog.route(verbose: false)
    let console = Console(try ReportingOptions.parse(quiet ? ["--quiet"] : []))
    let cancellation = InterruptSignals.heeded()
    do {
      try train(console, cancellation)
    } catch {
      console.endLine()
      console.error("\(error)")
      throw ExitCode(1)
    }
    if cancellation.isCancelled { throw ExitCode(130) }
  }

  private func train(_ console: Console, _ cancellation: Cancellation) throws {
    guard let options = training.options else { return }
    try checkOutput()
    let threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    if let sheets { try FileManager.default.createDirectory(atPath: sheets, withIntermediateDirectories: true) }
    let set = try PhotoSet(
      folders: photos, sides: options.sides, crop: options.crop, holdOut: options.holdOut, threads: threads)
    console.note(
      "\(set.counts.training) photographs to train on, \(set.counts.heldOut) held out, \(set.skipped) files skipped")
    let trainer = try Trainer(options: options, photos: set, threads: threads)
    let checkpoint = checkpoint ?? output + ".checkpoint"
    if resume { try trainer.resume(from: checkpoint) }
    let progress = TrainingProgress(console, total: options.steps, done: trainer.step)
    try trainer.run(cancellation: cancellation) { step in
      progress.update(step)
      if step.step % validateEvery == 0 || step.step == options.steps {
        progress.note(trainer.validate(), at: step.step)
        if let sheets {
          let path = "\(sheets)/\(String(format: "%06d", step.step)).png"
          try Data(trainer.contactSheet()).write(to: URL(fileURLWithPath: path))
        }
      }
      if step.step % checkpointEvery == 0 { try trainer.writeCheckpoint(to: checkpoint) }
    }
    console.endLine()
    guard trainer.isFinished else {
      try trainer.writeCheckpoint(to: checkpoint)
      console.note("stopped at step \(trainer.step); go on with the same command and --resume")
      return
    }
    var description = ["command": Self.commandLine]
    for entry in metadata {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      description[String(parts[0])] = String(parts[1])
    }
    try trainer.writeWeights(to: output, metadata: description)
    try? FileManager.default.removeItem(atPath: checkpoint)
    console.note("\(output): \(trainer.step) steps")
  }

  /// What would keep the weights from being written is said before the training, not after it.
  private func checkOutput() throws(TrainingError) {
    var isFolder: ObjCBool = false
    let folder = URL(fileURLWithPath: output).deletingLastPathComponent().path
    if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) {
      if isFolder.boolValue { throw .cannotWrite(path: output, reason: "it is a folder; give the name of a file") }
      if !overwrite {
        throw .cannotWrite(path: output, reason: "it exists; give another name, or -y to overwrite it")
      }
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw .cannotWrite(path: output, reason: "its folder is missing or may not be written to; make it first")
    }
  }

  /// How the program was called, as far as the weights depend on it.
  private static var commandLine: String {
    var words: [String] = []
    var rest = CommandLine.arguments.dropFirst().makeIterator()
    while let word = rest.next() {
      switch word {
      case "-y", "--overwrite", "--quiet", "--resume": continue
      case "--metadata", "--threads", "--sheets", "--checkpoint", "--checkpoint-every", "--validate-every":
        _ = rest.next()
      default: words.append(word)
      }
    }
    return "zdce-video " + words.joined(separator: " ")
  }
}
