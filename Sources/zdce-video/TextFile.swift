internal import Foundation

/// A file of text that is made anew and written from its beginning to its end.
///
/// For one thread at a time.
final class TextFile {
  /// The file cannot be made, or exists.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let path: String
  private let what: String
  private let file: UnsafeMutablePointer<FILE>

  /// - Parameter what: the word for the file in messages, such as "report".
  init(_ what: String, path: String, overwrite: Bool) throws(Failure) {
    self.path = path
    self.what = what
    // x: fail if it exists.
    guard let file = fopen(path, overwrite ? "we" : "wxe") else {
      throw Failure(
        description: errno == EEXIST
          ? "'\(path)' exists: choose another name for the \(what), or overwrite it with -y"
          : "cannot create the \(what) '\(path)': \(String(cString: strerror(errno)))")
    }
    self.file = file
  }

  func put(_ text: String) { fputs(text, file) }

  /// Brings what was put so far to where others can read it.
  func flush() { fflush(file) }

  /// Gives the file up, before anything was put.
  func discard() {
    fclose(file)
    unlink(path)
  }

  /// Closes the file; what went wrong, if anything did.
  func close() -> String? {
    let hasFailed = ferror(file) != 0
    guard fclose(file) == 0, !hasFailed else {
      return "the \(what) '\(path)' is incomplete: \(String(cString: strerror(errno)))"
    }
    return nil
  }
}
