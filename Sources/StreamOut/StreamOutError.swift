internal import CFFmpegShims
internal import Foundation
public import Frames

/// Why an output cannot be written, as one sentence for people: what, where, what to do.
public enum StreamOutError: Error, Sendable, CustomStringConvertible {
  /// It is there already, and nobody asked to overwrite it.
  case exists(location: String)
  /// It is a folder.
  case isFolder(location: String)
  /// The file cannot be created or opened.
  case cannotCreate(FFmpegError)
  /// Neither name nor format option says which container to write.
  case unknownContainer(location: String)
  /// A video is to become a single picture.
  case severalPictures(location: String)
  /// No encoder of that name in this FFmpeg.
  case unknownEncoder(name: String)
  /// The container has no place for the codec.
  case containerRefuses(location: String, container: String, codec: String)
  /// A pipe cannot be written out of order, as the container wants.
  case cannotSeek(location: String, container: String)
  /// The encoder does not know an option.
  case unknownEncoderOption(encoder: String, name: String)
  /// The encoder does not know a value, such as a preset.
  case unknownValue(encoder: String, option: String, value: String, known: [String])
  /// The encoder does not take a pixel format; `known` is empty if it takes anything that can be made.
  case unsuitablePixelFormat(encoder: String, format: String, known: [String])
  /// The encoder does not take frames so small; the limit is in pixels.
  case tooSmall(encoder: String, width: Int, height: Int, limit: Int)
  /// The container has one frame rate for all, and not this one; `rate` in hertz, nil for one that varies.
  case unsuitableRate(location: String, container: String, rate: Double?)
  /// The encoder does not start with these settings.
  case cannotEncode(encoder: String, FFmpegError)
  /// A write failed: full disk, closed pipe, lost connection.
  case cannotWrite(FFmpegError)
  /// A live sink took nothing for so many seconds, while it was opened or written to.
  case noProgress(location: String, seconds: Double)
  /// The name of a live sink's host is unknown, or the resolver did not answer; why.
  case unresolved(location: String, host: String, reason: String)
  /// A recording is to be cut by time, and all parts would have one name.
  case undatedSegments(location: String)
  /// None of a live run's sinks can go on; the latest failure.
  case noSinkLeft(reason: String)
  /// Packets that wait for the first frame do not fit the temporary file.
  case cannotSpool(FFmpegError)
  /// FFmpeg failed otherwise.
  case failed(FFmpegError)

  /// One sentence, no newline.
  public var description: String {
    switch self {
    case .exists(let location): "'\(location)' exists: choose another name, or overwrite it with -y"
    case .isFolder(let location): "'\(location)' is a folder: name a file in it, or use --output-dir"
    case .cannotCreate(let error) where error.subject.contains("://"):
      "cannot open '\(error.subject)': \(error.reason) (check that a server is there and takes this stream)"
    case .cannotCreate(let error):
      "cannot create '\(error.subject)': \(error.reason) (check that its folder exists and can be written to)"
    case .unknownContainer(let location):
      location == "-"
        ? "a pipe has no file name to tell its format: give one with --format, such as nut or matroska"
        : "cannot tell the format of '\(location)' from its name: use an extension such as .mp4 or .mkv, or --format"
    case .severalPictures(let location):
      "a video does not fit into the one picture '\(location)': number the pictures, as in frame-%05d.png"
    case .unknownEncoder(let name): "this FFmpeg has no encoder named '\(name)': see ffmpeg -encoders"
    case .containerRefuses(let location, let container, let codec):
      "'\(location)' cannot hold \(codec) in \(container): choose another --codec, or .mkv, which holds nearly anything"
    case .cannotSeek(let location, let container):
      "'\(location)' is a pipe, and \(container) needs a file: give --format, such as nut, matroska or mpegts"
    case .unknownEncoderOption(let encoder, let name):
      "encoder \(encoder) has no option '\(name)': see ffmpeg -h encoder=\(encoder)"
    case .unknownValue(let encoder, let option, let value, let known):
      "encoder \(encoder) has no \(option) '\(value)': it has \(known.joined(separator: ", "))"
    case .unsuitablePixelFormat(let encoder, let format, let known):
      known.isEmpty
        ? "frames cannot be converted to pixel format '\(format)': choose another --pix-fmt, such as yuv420p"
        : "encoder \(encoder) does not take pixel format '\(format)': it takes \(known.joined(separator: ", "))"
    case .tooSmall(let encoder, let width, let height, let limit):
      "encoder \(encoder) takes no less than \(limit)x\(limit) pixels, and these are \(width)x\(height): "
        + "choose another --codec, such as libx264"
    case .unsuitableRate(let location, let container, let rate):
      "'\(location)' cannot hold \(rate.map { "\(($0 * 1000).rounded() / 1000) frames per second" } ?? "a variable frame rate") "
        + "in \(container), which has 24, 25, 30, 50 or 60 (or these by 1.001): choose .mkv or .mp4"
    case .cannotEncode(let encoder, let error):
      "encoder \(encoder) does not start: \(error.reason) (check --pix-fmt, --preset and --encoder-option; --verbose says more)"
    case .cannotWrite(let error) where error.code == zdv_error_exit:
      "gave up on '\(error.subject)', whose reader took nothing after the interruption: what it has ends early"
    case .cannotWrite(let error): "cannot write to '\(error.subject)': \(error.reason)\(Self.advice(error))"
    case .noProgress(let location, let seconds):
      "'\(location)' has taken nothing for \(String(format: "%g", seconds)) s (check the receiver, or give a longer --read-timeout)"
    case .unresolved(let location, let host, let reason):
      "cannot open '\(location)': the host name '\(host)' cannot be resolved: \(reason) (check its spelling and the DNS)"
    case .undatedSegments(let location):
      "--segment needs a name for each part of '\(location)': put strftime's codes into it, as in %Y-%m-%d_%H-%M-%S.mp4"
    case .noSinkLeft(let reason): "no sink is left to write to: \(reason)"
    case .cannotSpool(let error):
      "cannot keep what comes before the first frame: \(error.reason) (let TMPDIR name a folder on a larger disk)"
    case .failed(let error): "\(error)"
    }
  }

  /// Whether the arguments alone show it, whatever is on disk or on the network.
  public var isUsage: Bool {
    switch self {
    case .unknownContainer, .unknownEncoder, .containerRefuses, .cannotSeek, .unknownEncoderOption, .unknownValue,
      .undatedSegments:
      true
    default: false
    }
  }

  private static func advice(_ error: FFmpegError) -> String {
    switch error.posixCode {
    case 2: " (it was removed while it was being written)"
    case 5: " (check that its folder and disk are still there)"
    case 28: " (free some space, or write to another disk)"
    case 27: " (the limit on file sizes is too low)"
    case 32: " (the reader has closed the pipe)"
    case 111: " (nothing listens there: check address and port)"
    case 110, 113: " (check that it is on and reachable)"
    case _ where error.code == zdv_error_unauthorized: " (check user name and password in the URL)"
    default: ""
    }
  }
}
