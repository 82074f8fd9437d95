internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// The place an output goes to: claimed when the work begins, removed again if nothing useful came of it.
struct OutputFile {
  /// A path, `-` for standard output, or a URL.
  let location: String
  /// For messages.
  let name: String
  /// This program made the file, so it may remove it.
  private(set) var isOurs = false
  /// Keeps hold of a file that is being written, whatever becomes of its name.
  private var hold: FileHandle?

  var isStandardOutput: Bool { location == "-" }
  var isURL: Bool { location.contains("://") }
  private var isPath: Bool { !isStandardOutput && !isURL }
  /// Standard output, whatever it leads to, or a named pipe.
  var isPipe: Bool { isStandardOutput || (isPath && kind == S_IFIFO) }
  /// The type bits of a path's mode; nil where nothing is.
  private var kind: mode_t? {
    var status = stat()
    return stat(location, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
  /// What libavformat opens: an explicit protocol, so that `a:b.mp4` is a file.
  var url: String { isStandardOutput ? "pipe:1" : isPath ? "file:" + location : location }

  /// Claims `location`. A regular file that exists is an error unless `overwrite`; it is left as it is until written.
  ///
  /// - Parameter opensItself: the muxer makes its own files: a numbered series, or a playlist and its segments.
  init(_ location: String, overwrite: Bool, opensItself: Bool = false) throws(StreamOutError) {
    self.location = location
    name = redacted(location)
    guard isPath else { return }
    if opensItself {
      let first = Self.path(of: location, number: 1)
      guard overwrite || !SameFile.isRegularFile(first) else { throw .exists(location: name) }
      return
    }
    if let kind {
      if kind == S_IFDIR { throw .isFolder(location: name) }
      // Devices and named pipes are written to, not replaced.
      guard kind == S_IFREG else { return }
      guard overwrite else { throw .exists(location: name) }
      guard access(location, W_OK) == 0 else { throw cannotCreate(errno) }
      return
    }
    // Exclusive creation: whoever makes the file between the question and the answer keeps it. A link that leads
    // nowhere counts as a file; overwriting it makes what it leads to.
    let descriptor = open(location, O_CREAT | (overwrite ? 0 : O_EXCL) | O_WRONLY | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      if errno == EEXIST { throw .exists(location: name) }
      throw cannotCreate(errno)
    }
    close(descriptor)
    isOurs = true
  }

  private func cannotCreate(_ posix: Int32) -> StreamOutError {
    .cannotCreate(FFmpegError(code: zdv_averror(posix), operation: "create", subject: name))
  }

  /// Whether there is a folder.
  static func isFolder(_ location: String) -> Bool {
    var status = stat()
    return stat(location, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Removes the picture of a numbered series that a full disk or a limit on sizes has cut short; it counts from 1.
  func removePicture(_ number: Int, after error: FFmpegError) {
    guard [ENOSPC, EFBIG, EDQUOT].contains(error.posixCode ?? 0) else { return }
    unlink(Self.path(of: location, number: number))
  }

  /// The file that a muxer makes of a name with a number in it; any other name is its own.
  private static func path(of location: String, number: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    guard av_get_frame_filename(&buffer, Int32(buffer.count), location, Int32(number)) >= 0 else { return location }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The file's old content is gone from here on.
  mutating func markWritten() {
    isOurs = isPath && SameFile.isRegularFile(location)
    let descriptor = isOurs ? open(location, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1
    if descriptor >= 0 { hold = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true) }
  }

  /// Throws if the file has lost its last name, and so goes when it is closed. Under another name it is as good.
  func checkPresence() throws(StreamOutError) {
    var status = stat()
    guard let hold, fstat(hold.fileDescriptor, &status) == 0, status.st_nlink == 0 else { return }
    throw .cannotWrite(FFmpegError(code: zdv_averror(ENOENT), operation: "finish", subject: name))
  }

  /// Removes the file if it is this program's; of a link, what it leads to.
  func remove() {
    guard isOurs, SameFile.isRegularFile(location), let path = realpath(location, nil) else { return }
    unlink(path)
    free(path)
  }
}
