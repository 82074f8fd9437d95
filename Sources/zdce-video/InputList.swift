internal import Foundation
internal import Frames

/// What the arguments stand for: every input with its output, folders expanded.
struct InputList {
  struct Item {
    let input: String
    let output: String
    /// The output belongs to --output-dir, whose folders are made as needed.
    let makesFolders: Bool

    func makeOutputFolder() throws {
      guard makesFolders else { return }
      let folder = (output as NSString).deletingLastPathComponent
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw FolderError(path: folder)
      }
    }
  }

  /// Two inputs would become one output.
  struct Clash: Error, CustomStringConvertible {
    let output: String
    var description: String { "two inputs would both become '\(output)': enhance them into different folders" }
  }

  /// A folder cannot be made.
  struct FolderError: Error, CustomStringConvertible {
    let path: String
    var description: String { "cannot create the folder '\(path)': check that its parent can be written to" }
  }

  private(set) var items: [Item] = []
  /// Inputs that stand for nothing, one sentence each.
  private(set) var failures: [String] = []

  /// Extensions of what a folder is searched for.
  static let mediaExtensions: Set = [
    "mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "ts", "mts", "m2ts", "m2t", "mpg", "mpeg", "vob", "m2v", "mpv",
    "wmv", "asf", "flv", "f4v", "3gp", "3g2", "ogv", "ogg", "mxf", "nut", "y4m", "dv", "mjpeg", "mjpg", "h264", "264",
    "h265", "265", "hevc", "ivf", "gif",
    "png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp", "ppm", "pgm", "pnm", "jp2", "tga",
  ]

  init(_ inputs: [String], output: String?, outputDirectory: String?) throws {
    if let output {
      items = inputs.map { Item(input: $0, output: output, makesFolders: false) }
      return
    }
    let directory = outputDirectory ?? "."
    for input in inputs {
      if Self.isFolder(input) {
        let found = Self.media(in: input, except: directory)
        if found.isEmpty {
          failures.append("'\(input)' holds no video or picture: give a folder with media files in it")
        }
        for path in found {
          items.append(
            Item(
              input: Self.join(input, path), output: Self.join(directory, path), makesFolders: true))
        }
      } else {
        let name = Self.fileName(of: input)
        items.append(Item(input: input, output: Self.join(directory, name), makesFolders: true))
      }
    }
    var seen: Set<String> = []
    for item in items where !seen.insert(item.output).inserted { throw Clash(output: item.output) }
  }

  /// The last part of a path, or of a URL without its query: that is no part of a name, and may hold secrets.
  private static func fileName(of input: String) -> String {
    let path = input.contains("://") ? input.prefix { $0 != "?" && $0 != "#" } : input[...]
    return (String(path) as NSString).lastPathComponent
  }

  static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  static func join(_ folder: String, _ path: String) -> String {
    (folder as NSString).appendingPathComponent(path)
  }

  /// Paths of media files below `folder`, relative to it and sorted; hidden ones and those below `excluded` are not taken.
  static func media(in folder: String, except excluded: String? = nil) -> [String] {
    let excludedPrefix = URL(fileURLWithPath: excluded ?? folder).resolvingSymlinksInPath().path + "/"
    let base = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    // Of a link, what it leads to: the walk itself does not follow any.
    guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
    var found: [String] = []
    for case let path as String in walk {
      guard mediaExtensions.contains((path as NSString).pathExtension.lowercased()),
        !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }),
        !isFolder(join(folder, path))
      else { continue }
      let isOwnResult = (base + "/" + path).hasPrefix(excludedPrefix) && excludedPrefix != base + "/"
      if !isOwnResult { found.append(path) }
    }
    return found.sorted()
  }
}
