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

  init(_ inputs: [String], output: String?, outputDirectory: String?) throws {
    if let output {
      items = inputs.map { Item(input: $0, output: output, makesFolders: false) }
      return
    }
    let directory = outputDirectory ?? "."
    for input in inputs {
      if Self.isFolder(input) {
        let folder = MediaFolder(input, except: directory)
        failures += folder.failures
        for path in folder.files {
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
}
