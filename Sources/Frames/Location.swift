internal import Foundation

/// `location` as everything after this understands it: `file:` URLs become the paths they stand for.
package func normalized(_ location: String) -> String {
  for prefix in ["file://localhost/", "file:///"] where location.hasPrefix(prefix) {
    return "/" + location.dropFirst(prefix.count)
  }
  return location.hasPrefix("file:") ? String(location.dropFirst(location.hasPrefix("file://") ? 7 : 5)) : location
}

/// Whether names lead to one file.
public enum SameFile {
  /// Whether both locations are one regular file on disk; `-` is what standard input stands for.
  public static func names(_ input: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    let input = normalized(input)
    guard (input == "-" ? fstat(STDIN_FILENO, &first) : stat(input, &first)) == 0 else { return false }
    guard other != "-", stat(normalized(other), &second) == 0 else { return false }
    return first.st_mode & S_IFMT == S_IFREG && first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Whether a location is a regular file, following links.
  public static func isFile(_ location: String) -> Bool { isRegularFile(normalized(location)) }

  /// Whether a path leads to a regular file.
  package static func isRegularFile(_ location: String) -> Bool {
    var status = stat()
    return stat(location, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
