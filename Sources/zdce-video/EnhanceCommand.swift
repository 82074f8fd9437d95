internal import ArgumentParser
internal import Enhancer
internal import Foundation
internal import Frames
internal import Pipeline
internal import StreamOut

/// Enhances files, pictures, folders and pipes.
struct EnhanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enhance",
    abstract: "Enhance videos, pictures, folders of them, or a pipe.",
    discussion: """
      EXAMPLES
        A night clip, with everything that is in it:
          zdce-video enhance night.mp4 -o bright.mp4
        All clips and pictures of a folder, with a report of every frame:
          zdce-video enhance DCIM --output-dir bright --report frames.csv
        See what it does:
          zdce-video enhance night.mp4 -o compare.mp4 --compare split
        Only ten seconds, a little stronger, in HEVC:
          zdce-video enhance night.mp4 -o part.mkv --start 1:30 --duration 10 --strength 1.2 --codec libx265
        Between two ffmpegs:
          ffmpeg -i in.mp4 -f nut -c:v rawvideo - | zdce-video enhance - -o - --format nut --codec rawvideo | ffplay -

      Streams that are not video are copied packet for packet. Nothing that exists is overwritten without -y.
      """)

  @Argument(help: ArgumentHelp("Videos, pictures, folders, or - for a pipe.", valueName: "input"))
  var inputs: [String]

  @Option(name: .shortAndLong, help: "Where to write; takes exactly one input that is no folder. - is a pipe.")
  var output: String?

  @Option(name: .long, help: "Folder to write to, under the inputs' own names; made if missing.")
  var outputDir: String?

  @OptionGroup(title: "Processing") var processing: ProcessingOptions
  @OptionGroup(title: "Part of the input") var part: PartOptions
  @OptionGroup(title: "Encoding") var encoding: EncodingOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  @Flag(name: [.customShort("y"), .customLong("overwrite")], help: "Overwrite outputs that exist.")
  var overwrite = false

  func validate() throws {
    guard encoding.preset != StreamOutOptions.automaticPreset else {
      throw ValidationError("--preset auto is for live, where there is a pace to keep: name a preset, such as veryfast")
    }
    guard !inputs.isEmpty else { throw ValidationError("nothing to enhance: name at least one input") }
    guard !inputs.contains(""), output != "", outputDir != "" else {
      throw ValidationError("the name of an input or output is empty: name a file or folder")
    }
    switch (output, outputDir) {
    case (nil, nil): throw ValidationError("nowhere to write: give -o FILE or --output-dir DIR")
    case (.some, .some): throw ValidationError("-o and --output-dir exclude each other: give one of them")
    case (.some(let output), nil):
      guard inputs.count == 1 else {
        throw ValidationError("-o takes exactly one input, and there are \(inputs.count): use --output-dir")
      }
      guard !InputList.isFolder(inputs[0]) else {
        throw ValidationError("-o takes one file, and '\(inputs[0])' is a folder: use --output-dir")
      }
      if output == "-" {
        guard encoding.format != nil else {
          throw ValidationError("a pipe has no name to tell its format: give --format, such as nut or matroska")
        }
        guard !reporting.json else {
          throw ValidationError("--json and -o - would both write to standard output: leave one of them out")
        }
      }
      try encoding.validate(for: output)
    case (nil, .some):
      guard !inputs.contains("-") else {
        throw ValidationError("a pipe has no name to keep in --output-dir: give -o FILE")
      }
    }
  }

  func run() throws {
    LibraryLog.route(verbose: reporting.verbose)
    let console = Console(reporting)
    let weights: Weights
    do {
      // Once for all inputs, and while a signal still ends the program: a pipe may keep it waiting.
      weights = try processing.readWeights()
    } catch {
      console.error("\(error)")
      throw ExitCode(1)
    }
    let cancellation = InterruptSignals.heeded()
    let list: InputList
    do {
      list = try InputList(inputs, output: output, outputDirectory: outputDir)
    } catch let error as InputList.Clash {
      throw ValidationError(error.description)
    }
    var outcome = Outcome()
    for message in list.failures {
      console.error(message)
      outcome.note(.failed)
    }
    let records: FrameRecords
    do {
      records = try FrameRecords(reporting, of: list, overwrite: overwrite)
    } catch let error as TextFile.Failure {
      console.error("\(error)")
      throw ExitCode(1)
    }
    for item in list.items where !cancellation.isCancelled {
      outcome.note(enhance(item, weights, console: console, records: records, cancellation: cancellation))
    }
    for failure in records.close() {
      console.error(failure)
      outcome.note(.failed)
    }
    if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
  }

  private func enhance(
    _ item: InputList.Item, _ weights: Weights, console: Console, records: FrameRecords, cancellation: Cancellation
  ) -> Outcome.Result {
    do {
      var job = Job(input: item.input, output: item.output)
      processing.configure(&job, weights: weights)
      part.configure(&job)
      encoding.configure(&job)
      job.streamOut.overwrite = overwrite
      try item.makeOutputFolder()
      let pipeline = try EnhancementPipeline(job, cancellation: cancellation)
      let progress = Progress(console, input: item.input, total: part.frameCount(of: pipeline.description))
      records.begin(input: redacted(item.input))
      let summary = try pipeline.run { frame in
        records.add(frame)
        progress.update(frame)
      }
      progress.finish()
      for warning in summary.warnings { console.warning("\(redacted(item.input)): \(warning)") }
      let isSummarized = console.summarize(summary)
      if summary.isInterrupted { return .interrupted }
      guard isSummarized else {
        console.error("the summary could not be written to standard output")
        return .failed
      }
      return summary.framesDamaged > 0 ? .damaged : .done
    } catch {
      console.endLine()
      console.error("\(error)")
      return cancellation.isCancelled ? .interrupted : .failed
    }
  }
}
