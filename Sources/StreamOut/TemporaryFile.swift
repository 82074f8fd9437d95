internal import CFFmpegShims
internal import Foundation
internal import Frames

/// A file without a name, so that it goes with the process however that ends; written once, then read once.
final class TemporaryFile {
  private let file: UnsafeMutablePointer<FILE>

  /// In the folder `TMPDIR`, or else `/var/tmp`; not `/tmp`, which may be memory.
  init() throws(FFmpegError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    var name = Array("\(folder)/zdce-video-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw Self.failure("create") }
    unlink(name)
    guard let file = fdopen(descriptor, "w+") else {
      close(descriptor)
      throw Self.failure("create")
    }
    self.file = file
  }

  deinit { fclose(file) }

  /// Turns from writing to reading; fails if what was written does not fit the disk.
  func rewind() throws(FFmpegError) {
    guard fseek(file, 0, SEEK_SET) == 0 else { throw Self.failure("write") }
  }

  /// Appends the bytes of `value`.
  func put(_ value: some BitwiseCopyable) throws(FFmpegError) {
    let isStored = withUnsafeBytes(of: value) { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
    guard isStored else { throw Self.failure("write") }
  }

  /// Appends `count` bytes.
  func put(_ bytes: UnsafePointer<UInt8>?, count: Int) throws(FFmpegError) {
    guard fwrite(bytes, 1, count, file) == count else { throw Self.failure("write") }
  }

  /// Reads what was put as the same type.
  func get<Value: BitwiseCopyable>(_ value: inout Value) throws(FFmpegError) {
    let isLoaded = withUnsafeMutableBytes(of: &value) { fread($0.baseAddress, 1, $0.count, file) == $0.count }
    guard isLoaded else { throw Self.failure("read") }
  }

  /// Reads `count` bytes.
  func get(_ bytes: UnsafeMutablePointer<UInt8>?, count: Int) throws(FFmpegError) {
    guard fread(bytes, 1, count, file) == count else { throw Self.failure("read") }
  }

  private static func failure(_ operation: String) -> FFmpegError {
    FFmpegError(code: zdv_averror(errno), operation: operation, subject: "a temporary file")
  }
}
