internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Standard output or a named pipe, written through an AVIOContext that gives up on a reader who takes nothing, once
/// the work is cancelled.
///
/// FFmpeg's own protocols block in open(2) and write(2) until the reader acts, so a stalled reader would hold up an
/// interrupt for ever.
final class OutputPipe {
  /// Milliseconds between two looks whether to give up.
  private static let interval: Int32 = 100
  private static let bufferSize: Int32 = 1 << 16

  private let descriptor: Int32
  private let ownsDescriptor: Bool
  /// Bytes that one write may hold without blocking where poll(2) has said that there is room.
  private let piece: Int
  private let patience: Patience

  /// Waits for a reader of a named pipe, as long as `patience` lasts.
  init(_ file: OutputFile, patience: Patience) throws(FFmpegError) {
    self.patience = patience
    if file.isStandardOutput {
      var status = stat()
      fstat(STDOUT_FILENO, &status)
      let kind = status.st_mode & S_IFMT
      // A second description of the same pipe may be non-blocking without changing the one that others share.
      let own = kind == S_IFIFO ? open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC) : -1
      ownsDescriptor = own >= 0
      descriptor = ownsDescriptor ? own : STDOUT_FILENO
      piece = ownsDescriptor || kind == S_IFREG ? .max : Int(PIPE_BUF)
    } else {
      descriptor = try Self.openNamedPipe(file, patience)
      ownsDescriptor = true
      piece = .max
    }
  }

  deinit {
    if ownsDescriptor { close(descriptor) }
  }

  private static func openNamedPipe(_ file: OutputFile, _ patience: Patience) throws(FFmpegError) -> Int32 {
    while true {
      let descriptor = open(file.location, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      if descriptor >= 0 { return descriptor }
      // ENXIO: nobody reads yet.
      var code = errno == EINTR || errno == ENXIO ? 0 : zdv_averror(errno)
      if code == 0, patience.isExhausted { code = zdv_error_exit }
      guard code == 0 else { throw FFmpegError(code: code, operation: "open", subject: file.name) }
      poll(nil, 0, interval)
    }
  }

  /// A new context, to be given to `free(_:)` before this object goes.
  func makeContext() throws(FFmpegError) -> UnsafeMutablePointer<AVIOContext> {
    let buffer = try allocated(av_malloc(Int(Self.bufferSize)), "a write buffer")
    return try allocated(
      avio_alloc_context(
        buffer.assumingMemoryBound(to: UInt8.self), Self.bufferSize, 1, Unmanaged.passUnretained(self).toOpaque(), nil,
        { Unmanaged<OutputPipe>.fromOpaque($0!).takeUnretainedValue().write($1!, count: Int($2)) }, nil),
      "a writer")
  }

  /// Frees a context; what it still holds is lost.
  static func free(_ context: UnsafeMutablePointer<AVIOContext>) {
    av_free(context.pointee.buffer)
    var context: UnsafeMutablePointer<AVIOContext>? = context
    avio_context_free(&context)
  }

  /// Writes everything; FFmpeg's error value if that is impossible.
  func write(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int32 {
    var written = 0
    while written < count {
      let failure = waitForReader()
      guard failure == 0 else { return failure }
      let result = Foundation.write(descriptor, bytes + written, min(piece, count - written))
      if result > 0 {
        written += result
        patience.renew()
      } else if errno != EINTR && errno != EAGAIN {
        return zdv_averror(errno)
      }
    }
    return Int32(count)
  }

  /// Waits until there is room, or the reader has gone, which the next write finds out. 0 or FFmpeg's error value.
  private func waitForReader() -> Int32 {
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let ready = poll(&entry, 1, Self.interval)
      if ready > 0 { return 0 }
      if ready < 0 && errno != EINTR { return zdv_averror(errno) }
      if patience.isExhausted { return zdv_error_exit }
    }
  }
}
