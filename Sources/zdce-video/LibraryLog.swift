internal import Frames

/// What becomes of the FFmpeg libraries' own messages: shown with --verbose, else dropped, since errors explain
/// themselves.
enum LibraryLog {
  static func route(verbose: Bool) {
    FFmpegLog.route { line in
      if verbose { StandardStreams.error("ffmpeg: \(line)\n") }
    }
  }
}
