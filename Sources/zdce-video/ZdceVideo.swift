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
      EXAMPLES
        A night clip, with everything that is in it:
          zdce-video enhance night.mp4 -o bright.mp4
        A folder of clips and pictures:
          zdce-video enhance DCIM --output-dir bright
        A camera, published again:
          zdce-video live rtsp://camera/stream -o rtsp://server:8554/bright

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
    do {
      var command = try parseAsRoot()
      try command.run()
      if let reason = StandardStreams.lossReason {
        StandardStreams.error("zdce-video: error: the result could not be written to standard output: \(reason)\n")
        throw ExitCode(1)
      }
    } catch let error as ValidationError {
      // Found by running, such as two inputs of one name: the usage line would not help.
      StandardStreams.error("zdce-video: error: \(error.message)\n")
      exit(withError: ExitCode.validationFailure)
    } catch {
      exit(withError: error)
    }
  }
}
