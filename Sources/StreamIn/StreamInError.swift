internal import CFFmpegShims
public import Frames

/// Why an input cannot be read, as one sentence for people: what, where, what to do.
public enum StreamInError: Error, Sendable, CustomStringConvertible {
  /// The location does not open, or is nothing that FFmpeg knows.
  case cannotOpen(FFmpegError)
  /// It opens, but holds no video or picture.
  case noVideo(location: String)
  /// The video's codec is unknown to this FFmpeg, or cannot be started.
  case cannotDecode(location: String, codec: String, FFmpegError?)
  /// More pixels than allowed.
  case tooLarge(location: String, width: Int, height: Int, limit: Int)
  /// Nothing in it could be decoded.
  case nothingDecoded(location: String, findings: [String])
  /// An MP4 or MOV file with its index at the end comes through a pipe, which cannot be rewound.
  case indexAtEnd(location: String)
  /// There is no frame in the wanted part; frames were seen up to `end`, in seconds after the beginning.
  case nothingInPart(location: String, start: Double, duration: Double?, end: Double)
  /// The name of a live source's host is unknown, or the resolver did not answer; why.
  case unresolved(location: String, host: String, reason: String)
  /// A live source did not answer within the time allowed, in seconds.
  case noAnswer(location: String, seconds: Double)
  /// A live source stayed open and sent nothing, or no video, for so many seconds.
  case silent(location: String, seconds: Double)
  /// A live source sent what no frame could be decoded from for so many seconds.
  case noPicture(location: String, seconds: Double)
  /// The other side closed a live source.
  case closed(location: String)
  /// A live source could not be read any further.
  case lost(FFmpegError)
  /// A live source brought no frame for so many seconds, and the time allowed is over; why, where that is known.
  case gaveUp(location: String, seconds: Double, reason: String?)
  /// FFmpeg ran out of memory or failed in a way that has nothing to do with the data.
  case failed(FFmpegError)

  /// One sentence, no newline.
  public var description: String {
    switch self {
    case .cannotOpen(let error): Self.explain(error)
    case .noVideo(let location):
      "'\(location)' holds no video or picture: give a file that has a video stream"
    case .cannotDecode(let location, let codec, let error):
      "cannot decode the video of '\(location)': "
        + (error.map { "decoder \(codec) does not start: \($0.reason)" } ?? "this FFmpeg has no decoder for \(codec)")
        + "; convert it with a program that can first"
    case .tooLarge(let location, let width, let height, let limit):
      "'\(location)' is \(width)x\(height), more than the limit of \(limit / 1_000_000) megapixels: scale it down first"
    case .nothingDecoded(let location, let findings):
      "no frame of '\(location)' could be decoded\(findings.first.map { " (\($0))" } ?? ""): check that it is complete"
    case .indexAtEnd(let location):
      "'\(location)' is a pipe, and the MP4 or MOV in it has its index at its end: give the file by its name, or move the "
        + "index first with ffmpeg -i IN -map 0 -c copy -movflags +faststart OUT.mp4"
    case .nothingInPart(let location, let start, let duration, let end):
      start >= end
        ? "'\(location)' ends after \(Self.text(end)) s, and --start is \(Self.text(start)) s: give an earlier --start"
        : "'\(location)' has no frame between \(Self.text(start)) s and \(Self.text(start + (duration ?? 0))) s: "
          + "give a longer --duration"
    case .unresolved(let location, let host, let reason):
      "cannot open '\(location)': the host name '\(host)' cannot be resolved: \(reason) (check its spelling and the DNS)"
    case .noAnswer(let location, let seconds):
      "cannot open '\(location)': no answer within \(Self.text(seconds)) s (check that it is on and reachable, or give a "
        + "longer --open-timeout)"
    case .silent(let location, let seconds):
      "'\(location)' has sent no video for \(Self.text(seconds)) s (check the camera, or give a longer --read-timeout)"
    case .noPicture(let location, let seconds):
      "no frame of '\(location)' could be decoded for \(Self.text(seconds)) s (check what it sends with ffprobe)"
    case .closed(let location): "'\(location)' has ended: the other side closed it"
    case .lost(let error): "'\(error.subject)' is lost: \(error.reason)"
    case .gaveUp(let location, let seconds, let reason):
      "no frame of '\(location)' for \(Self.text(seconds)) s: given up, as --give-up-after says"
        + (reason.map { "; the latest failure: \($0)" } ?? "")
    case .failed(let error): "\(error)"
    }
  }

  /// Whether a new attempt would fail in the same way: it is this program that cannot, not the source.
  var isFinal: Bool {
    switch self {
    case .cannotOpen(let error):
      [zdv_error_demuxer_not_found, zdv_error_protocol_not_found, zdv_error_option_not_found].contains(error.code)
    case .cannotDecode, .tooLarge, .gaveUp, .failed: true
    default: false
    }
  }

  /// Seconds in decimals, as few as they have, three at most.
  static func text(_ seconds: Double) -> String {
    let rounded = (seconds * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  private static func explain(_ error: FFmpegError) -> String {
    let advice =
      switch error.posixCode {
      case _ where error.code == zdv_error_unauthorized: "check user name and password in the URL"
      case _ where error.code == zdv_error_forbidden: "the user may not see this stream"
      case _ where error.code == zdv_error_not_found: "the server has no such stream: check the path of the URL"
      case _ where error.code == zdv_error_protocol_not_found: "see ffmpeg -protocols"
      case _ where error.code == zdv_error_demuxer_not_found: "see ffmpeg -demuxers"
      case 111: "nothing listens there: check address and port"
      case 110, 113: "check that it is on and reachable"
      case 2: "check the path"
      case 13: "check the permissions"
      case 21: "name the files in it, or use --output-dir"
      case .some: "check that the source is there and can be read"
      case nil: "it is empty, cut short or not a media file that FFmpeg can read; try ffprobe on it"
      }
    return "cannot open '\(error.subject)': \(error.reason) (\(advice))"
  }
}
