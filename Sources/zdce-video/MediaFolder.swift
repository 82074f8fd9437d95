internal import Foundation

/// The media files in a folder and in the folders below it.
///
/// Hidden files and folders are not taken. Links to files are; links to folders are not followed, or the walk might never
/// end.
struct MediaFolder {
  /// Paths relative to the folder, sorted.
  let files: [String]
  /// What keeps files from being found, one sentence each.
  let failures: [String]

  /// Extensions of what is looked for.
  private static let extensions: Set = [
    "mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "ts", "mts", "m2ts", "m2t", "mpg", "mpeg", "vob", "m2v", "mpv",
    "wmv", "asf", "flv", "f4v", "3gp", "3g2", "ogv", "ogg", "mxf", "nut", "y4m", "dv", "mjpeg", "mjpg", "h264", "264",
    "h265", "265", "hevc", "ivf", "gif",
    "png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp", "ppm", "pgm", "pnm", "jp2", "tga",
  ]

  /// - Parameter excluded: a folder whose files are not taken, such as that of the results; the folder itself excludes
  ///   nothing.
  init(_ folder: String, except excluded: String? = nil) {
    var walk = Walk(folder: folder, excluded: excluded)
    walk.visit("")
    files = walk.files.sorted()
    failures =
      walk.files.isEmpty && walk.failures.isEmpty
      ? ["'\(folder)' holds no video or picture: give a folder with media files in it"] : walk.failures
  }

  private struct Walk {
    private let folder: String
    /// Of a link, what it leads to.
    private let base: String
    private let excluded: String?
    private(set) var files: [String] = []
    private(set) var failures: [String] = []

    init(folder: String, excluded: String?) {
      self.folder = folder
      let base = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
      self.base = base
      self.excluded = excluded.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }.flatMap {
        $0 == base ? nil : $0
      }
    }

    mutating func visit(_ path: String) {
      let location = path.isEmpty ? base : InputList.join(base, path)
      guard location != excluded else { return }
      // Asked first for its reason, which Foundation does not give.
      guard let directory = opendir(location) else {
        let reason = systemReason(errno)
        let name = path.isEmpty ? folder : InputList.join(folder, path)
        failures.append("cannot read the folder '\(name)': \(reason) (check its permissions)")
        return
      }
      closedir(directory)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: location)) ?? []
      for name in names where !name.hasPrefix(".") {
        let (path, location) = (path.isEmpty ? name : InputList.join(path, name), InputList.join(location, name))
        if InputList.isFolder(location) {
          let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: location)) != nil
          if !isLink { visit(path) }
        } else if MediaFolder.extensions.contains((name as NSString).pathExtension.lowercased()) {
          files.append(path)
        }
      }
    }
  }
}
