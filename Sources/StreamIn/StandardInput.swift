internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Standard input as an AVIOContext whose reads end when the work is cancelled.
///
/// FFmpeg's own pipe protocol blocks in read(2) until the writer sends something, so a stalled writer would hold
/// up an interrupt for ever.
final class StandardInput {
  let context: UnsafeMutablePointer<AVIOContext>
  private static let bufferSize: Int32 = 1 << 16

  init(deadline: Deadline) throws(FFmpegError) {
    let buffer = try allocated(av_malloc(Int(Self.bufferSize)), "a read buffer")
    context = try allocated(
      avio_alloc_context(
        buffer.assumingMemoryBound(to: UInt8.self), Self.bufferSize, 0,
        Unmanaged.passUnretained(deadline).toOpaque(), readStandardInput, nil, nil),
      "a reader")
  }

  deinit {
    av_free(context.pointee.buffer)
    var context: UnsafeMutablePointer<AVIOContext>? = context
    avio_context_free(&context)
  }
}

/// The read callback; `opaque` is the `Deadline`, which the demuxer keeps alive.
private func readStandardInput(
  opaque: UnsafeMutableRawPointer?, buffer: UnsafeMutablePointer<UInt8>?, size: Int32
) -> Int32 {
  let deadline = Unmanaged<Deadline>.fromOpaque(opaque!).takeUnretainedValue()
  while !deadline.isDue {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    let ready = poll(&descriptor, 1, 100)
    if ready == 0 || (ready < 0 && errno == EINTR) { continue }
    let count = Foundation.read(STDIN_FILENO, buffer, Int(size))
    if count > 0 { return Int32(count) }
    if count == 0 { return zdv_error_eof }
    if errno != EINTR && errno != EAGAIN { return zdv_averror(errno) }
  }
  return zdv_error_exit
}
