internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Owns an AVFormatContext for reading: opens, probes, seeks, and hands out packets.
///
/// For one thread at a time. Every blocking call returns soon after `deadline` is due.
final class Demuxer {
  let location: String
  private(set) var context: UnsafeMutablePointer<AVFormatContext>
  private let deadline: Deadline
  private let standardInput: StandardInput?

  /// Opens and probes `location`: a path, a URL, or `-` for standard input.
  init(_ location: String, options: StreamInOptions, deadline: Deadline) throws(StreamInError) {
    self.location = redacted(location)
    self.deadline = deadline
    let subject = self.location
    do throws(FFmpegError) {
      var opened = try allocated(Optional(avformat_alloc_context()), "a demuxer") as UnsafeMutablePointer?
      opened!.pointee.interrupt_callback = deadline.interruptCallback
      if options.live?.isNonBlocking == true { opened!.pointee.flags |= AVFMT_FLAG_NONBLOCK }
      standardInput = location == "-" ? try StandardInput(deadline: deadline) : nil
      opened!.pointee.pb = standardInput?.context
      var input: UnsafePointer<AVInputFormat>?
      if let name = options.format {
        input = av_find_input_format(name)
        if input == nil {
          avformat_free_context(opened)
          throw FFmpegError(code: zdv_averror(EINVAL), operation: "read format '\(name)' from", subject: subject)
        }
      }
      var table = TagTable()
      // A file is a file: no %d patterns in picture names, no protocol hidden in a path.
      table["pattern_type"] = "none"
      // As in ffmpeg: programs of a transport stream may begin late.
      table["scan_all_pmts"] = "1"
      for (key, value) in options.live?.demuxerOptions ?? [] { table[key] = value }
      let isDevice = input.map { $0.pointee.flags & AVFMT_NOFILE != 0 } ?? false
      let url = location == "-" ? "" : isDevice ? location : Self.url(of: location)
      // Frees the context on failure.
      try check(avformat_open_input(&opened, url, input, &table.raw), "open", subject)
      context = opened!
    } catch {
      throw .cannotOpen(error)
    }
    // Streams of a recording may begin late. In a file, looking further ahead costs no waiting.
    if SameFile.isRegularFile(location), ["mpegts", "mpeg"].contains(formatName) {
      context.pointee.probesize = 50_000_000
      context.pointee.max_analyze_duration = 60 * Int64(AV_TIME_BASE)
    }
    if options.live != nil { hurry() }
    do {
      try check(avformat_find_stream_info(context, nil), "probe", subject)
    } catch {
      throw .cannotOpen(error)
    }
  }

  deinit {
    var closing: UnsafeMutablePointer<AVFormatContext>? = context
    avformat_close_input(&closing)
  }

  /// Of a camera, what is read to find out about it is old when it is decoded: as little of it as will do.
  private func hurry() {
    context.pointee.fps_probe_size = 0
    context.pointee.max_analyze_duration = Int64(AV_TIME_BASE)
  }

  /// Paths get an explicit protocol, so that `a:b.mp4` is a file and not a protocol named `a`.
  static func url(of location: String) -> String {
    location.contains("://") ? location : "file:" + location
  }

  /// The next packet of any stream; `drained` at the end of the input or after cancellation.
  func read(into packet: UnsafeMutablePointer<AVPacket>) throws(FFmpegError) -> CodecStep<Void> {
    if deadline.isDue { return .drained }
    let result = av_read_frame(context, packet)
    switch result {
    case 0...: return .output(())
    case zdv_error_eof, zdv_error_exit: return .drained
    case zdv_averror(EAGAIN): return .needsInput
    default: throw FFmpegError(code: result, operation: "read", subject: "'\(location)'")
    }
  }

  var isCancelled: Bool { deadline.cancellation.isCancelled }

  /// Whether the bytes have run out, so that another read cannot succeed.
  var isAtEndOfFile: Bool {
    guard let io = context.pointee.pb else { return false }
    return avio_feof(io) != 0
  }

  /// Whether a recording that was cut short ends like a complete one, and only the header tells how long it should be.
  ///
  /// In other formats a missing end is an error of a read, or the header says nothing reliable.
  private(set) lazy var endsSilently =
    ["matroska,webm", "avi", "flv"].contains(formatName)
    && context.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM

  /// Whether there is a way back: a pipe gives each byte only once.
  var isSeekable: Bool { context.pointee.pb.map { $0.pointee.seekable & AVIO_SEEKABLE_NORMAL != 0 } ?? true }

  /// FFmpeg's names of the container format, comma-separated.
  var formatName: String { String(cString: context.pointee.iformat.pointee.name) }

  func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> { context.pointee.streams[index]! }
  var streamCount: Int { Int(context.pointee.nb_streams) }
}
