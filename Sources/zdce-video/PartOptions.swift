internal import ArgumentParser
internal import Frames
internal import Pipeline

/// Which part of the input is wanted.
struct PartOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Where to start, as seconds or [HH:]MM:SS[.fff]; the output's time counts from there.")
  var start: TimeArgument?

  @Option(parsing: .unconditional, help: "How much to take, as seconds or [HH:]MM:SS[.fff].")
  var duration: TimeArgument?

  func validate() throws {
    if duration?.seconds == 0 { throw ValidationError("--duration is 0: nothing would be left") }
  }

  /// Fills in this group's part of a job.
  func configure(_ job: inout Job) {
    job.streamIn.start = start?.seconds
    job.streamIn.duration = duration?.seconds
  }

  /// How many frames to expect, for the progress line; nil where nobody knows.
  func frameCount(of input: MediaDescription) -> Int? {
    guard let all = input.video.frameCountEstimate else { return nil }
    guard let length = input.duration, length > 0, start != nil || duration != nil else { return all }
    let rest = max(0, length - (start?.seconds ?? 0))
    return Int((Double(all) * min(rest, duration?.seconds ?? rest) / length).rounded())
  }
}

/// A length of time as ffmpeg's users write it.
struct TimeArgument: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count) else { return nil }
    var total = 0.0
    for (index, part) in parts.enumerated() {
      guard let number = Double(part), number >= 0, number.isFinite, number < 1e9 else { return nil }
      // Only the last part may have a fraction; minutes and seconds after a colon end at 59.
      guard index == parts.count - 1 || number == number.rounded() else { return nil }
      guard index == 0 || number < 60 else { return nil }
      total = total * 60 + number
    }
    seconds = total
  }
}
