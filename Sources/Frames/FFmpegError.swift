internal import CFFmpeg
internal import CFFmpegShims

/// An error of the FFmpeg libraries: what they were asked for, what they answered, and on what.
public struct FFmpegError: Error, Sendable, Hashable, CustomStringConvertible {
  /// FFmpeg's error value, negative; POSIX errors are the negated errno.
  public let code: Int32
  /// What was attempted, as a verb phrase: "open", "decode".
  public let operation: String
  /// The file, URL or stream, without secrets.
  public let subject: String

  package init(code: Int32, operation: String, subject: String) {
    self.code = code
    self.operation = operation
    self.subject = subject
  }

  /// FFmpeg's text for the code, starting in lower case: "no such file or directory".
  public var reason: String {
    var buffer = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE))
    av_strerror(code, &buffer, buffer.count)
    let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// The errno, where the operating system said no.
  public var posixCode: Int32? {
    let code = zdv_posix_error(self.code)
    return (1..<200).contains(code) ? code : nil
  }

  /// The whole as one phrase: "cannot open 'x.mp4': no such file or directory".
  public var description: String { "cannot \(operation) \(subject): \(reason)" }
}

/// Passes a non-negative result of an FFmpeg call through and throws any other.
@discardableResult
package func check(_ result: Int32, _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String)
  throws(FFmpegError) -> Int32
{
  guard result < 0 else { return result }
  throw FFmpegError(code: result, operation: operation(), subject: subject())
}

/// Unwraps what an FFmpeg constructor returned; null means that memory ran out.
package func allocated<T>(_ pointer: T?, _ what: @autoclosure () -> String) throws(FFmpegError) -> T {
  guard let pointer else { throw FFmpegError(code: zdv_averror(ENOMEM), operation: "allocate", subject: what()) }
  return pointer
}
