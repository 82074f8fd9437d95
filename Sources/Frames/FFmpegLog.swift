internal import CFFmpeg
internal import CFFmpegShims
internal import Synchronization

/// The FFmpeg libraries' messages to the outside, which are one stream for the whole process.
public enum FFmpegLog {
  private static let sink = Mutex<(@Sendable (String) -> Void)?>(nil)

  /// Sends every message, up to informational ones, to `sink` instead of standard error, with the secrets of URLs
  /// taken out. Any thread may call it.
  public static func route(_ sink: @escaping @Sendable (String) -> Void) {
    Self.sink.withLock { $0 = sink }
    zdv_set_log_sink(
      { _, line in
        let text = String(cString: line!)
        FFmpegLog.sink.withLock { $0 }?(redactedURLs(in: text))
      }, AV_LOG_INFO)
  }
}
