internal import Foundation

/// A file of text that is made anew and written from its beginning to its end.
///
/// It is claimed at once, so that a bad name is found before any work is done. Where nothing is ever put, a file that was
/// there stays as it was, and none is left where there was none. For one thread at a time.
final class TextFile {
  /// The file cannot be made, or exists.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let path: String
  private let what: String
  private let file: UnsafeMutablePointer<FILE>
  /// Nothing was there before.
  private let isNew: Bool
  private var isEmpty = true

  /// - Parameter what: the word for the file in messages, such as "report".
  init(_ what: String, path: String, overwrite: Bool) throws(Failure) {
    self.path = path
    self.what = what
    var descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o666)
    isNew = descriptor >= 0
    if !isNew, errno == EEXIST {
      guard !InputList.isFolder(path) else {
        throw Failure(description: "'\(path)' is a folder: choose another name for the \(what)")
      }
      guard overwrite else {
        throw Failure(description: "'\(path)' exists: choose another name for the \(what), or overwrite it with -y")
      }
      // Emptied only when there is something to put in its place.
      descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0, let file = fdopen(descriptor, "w") else {
      throw Failure(
        description: "cannot create the \(what) '\(path)': \(systemReason(errno)) "
          + "(check that its folder exists and can be written to)")
    }
    self.file = file
  }

  func put(_ text: String) {
    // Devices and pipes have no length to cut; a file that cannot be cut fails to be written too.
    if isEmpty { ftruncate(fileno(file), 0) }
    isEmpty = false
    fputs(text, file)
  }

  /// Brings what was put so far to where others can read it.
  func flush() { fflush(file) }

  /// Closes the file; what went wrong, if anything did.
  func close() -> String? {
    let hasFailed = ferror(file) != 0
    let isClosed = fclose(file) == 0
    if isEmpty, isNew { unlink(path) }
    guard isClosed, !hasFailed else {
      return "the \(what) '\(path)' is incomplete: \(systemReason(errno)) (write it to another disk)"
    }
    return nil
  }
}
