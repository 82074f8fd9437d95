internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Names of recordings that are made from the time of day, and the files that have such names.
struct SegmentName {
  /// A path with strftime's codes.
  private let pattern: String

  init(_ pattern: String) { self.pattern = pattern }

  /// The path for a file that begins now; its folders are made. `attempt` above 1 adds a number, for names in use.
  func path(attempt: Int) throws(StreamOutError) -> String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = strftime(&buffer, buffer.count, pattern, &parts)
    let path = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard length > 0 else {
      throw .cannotCreate(FFmpegError(code: zdv_averror(EINVAL), operation: "create", subject: pattern))
    }
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty {
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    return Self.numbered(path, attempt)
  }

  /// `name-2.mp4`.
  static func numbered(_ path: String, _ attempt: Int) -> String {
    guard attempt > 1 else { return path }
    let kind = (path as NSString).pathExtension
    return (path as NSString).deletingPathExtension + "-\(attempt)" + (kind.isEmpty ? "" : ".\(kind)")
  }

  struct File {
    let path: String
    /// When it was last written to, in seconds since 1970.
    let ended: Double
    let bytes: Int
  }

  /// Files on disk whose path fits the pattern.
  func existing() -> [File] {
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      found = found.flatMap { folder in
        guard part.contains("%") else { return [folder + part + (isLast ? "" : "/")] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        guard let expression = try? Regex(Self.expression(for: part, isFile: isLast)) else { return [] }
        return names.filter { $0.wholeMatch(of: expression) != nil }.map { folder + $0 + (isLast ? "" : "/") }
      }
    }
    return found.compactMap { path in
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return File(path: path, ended: Double(status.st_mtim.tv_sec), bytes: Int(status.st_size))
    }
  }

  /// What names made from `part` look like. Codes that give words or depend on the locale stand for letters and digits.
  private static func expression(for part: String, isFile: Bool) -> String {
    var result = ""
    var rest = Substring(part)
    if isFile, let dot = part.lastIndex(of: "."), !part[dot...].contains("%") {
      return expression(for: String(part[..<dot]), isFile: false) + "(-[0-9]+)?" + escaped(part[dot...])
    }
    while let character = rest.popFirst() {
      guard character == "%", let code = rest.popFirst() else {
        result += escaped(String(character)[...])
        continue
      }
      result += expression(for: code)
    }
    return result + (isFile ? "(-[0-9]+)?" : "")
  }

  private static func expression(for code: Character) -> String {
    switch code {
    case "Y": "[0-9]{4}"
    case "m", "d", "H", "M", "S", "I", "y", "U", "V", "W", "g", "C": "[0-9]{2}"
    case "j": "[0-9]{3}"
    case "F": "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    case "T": "[0-9]{2}:[0-9]{2}:[0-9]{2}"
    case "R": "[0-9]{2}:[0-9]{2}"
    case "s": "[0-9]+"
    case "z": "[+-][0-9]{4}"
    case "%": "%"
    default: "[\\p{L}0-9]+"
    }
  }

  private static func escaped(_ text: Substring) -> String {
    text.map { $0.isLetter || $0.isNumber ? String($0) : "\\" + String($0) }.joined()
  }
}
