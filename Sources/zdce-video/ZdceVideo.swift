internal import ArgumentParser
internal import Foundation
internal import Pipeline

/// The program: its subcommands stand in files of their own.
@main
struct ZdceVideo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zdce-video",
    abstract: "Makes dark footage watchable, and loses nothing else that is in the file.",
    discussion: """
      Exit codes: 0 all done; 1 failed, and the message says what to do; 3 finished, but damaged input was skipped; \
      64 wrong arguments; 130 interrupted, with the output finished up to that point.
      """,
    version: version,
    subcommands: [
      EnhanceCommand.self, LiveCommand.self, EvaluateCommand.self, TrainCommand.self, WeightsCommand.self,
      BenchCommand.self,
    ])

  static func main() {
    InterruptSignals.install()
    StandardStreams.prepare()
    main(nil)
  }
}
