internal import Dispatch
internal import Foundation
internal import Synchronization

/// Photographs to train on, and some that are kept apart to check what was learnt.
public struct PhotoSet: Sendable {
  /// What crops for training are cut from.
  let training: [Photo]
  /// Never trained on.
  let heldOut: [Photo]
  /// Files that are no pictures, or too small.
  public let skipped: Int
  /// Where the photographs are from and under which licences, if their folders say so in an `ATTRIBUTION.tsv`.
  public let attribution: Attribution

  /// Photographs to train on and held out.
  public var counts: (training: Int, heldOut: Int) { (training.count, heldOut.count) }

  /// Decodes all pictures in folders and the folders in them, in order of their paths, on several threads.
  ///
  /// - Parameters:
  ///   - sides: sizes of the shorter side to which photographs are made small.
  ///   - crop: side of the crops: least size of a photograph.
  ///   - holdOut: one photograph of so many is held out.
  public init(folders: [String], sides: [Int], crop: Int, holdOut: Int, threads: Int) throws(TrainingError) {
    let paths = try Self.files(in: folders)
    let decoded = Mutex([Photo?](repeating: nil, count: paths.count))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < paths.count else { return }
        let photo = Photo(path: paths[index], sides: sides, least: crop)
        decoded.withLock { $0[index] = photo }
      }
    }
    let photos = decoded.withLock { $0 }.compactMap { $0 }
    training = photos.enumerated().filter { $0.offset % holdOut != holdOut - 1 }.map(\.element)
    heldOut = photos.enumerated().filter { $0.offset % holdOut == holdOut - 1 }.map(\.element)
    skipped = paths.count - photos.count
    attribution = Attribution(files: folders.map { $0 + "/ATTRIBUTION.tsv" })
    guard !training.isEmpty, !heldOut.isEmpty else {
      throw .noPhotos(paths: folders, skipped: skipped, needed: crop)
    }
  }

  private static func files(in folders: [String]) throws(TrainingError) -> [String] {
    var result: [String] = []
    for folder in folders {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
        let names = FileManager.default.enumerator(atPath: folder)
      else { throw .unreadableFolder(path: folder, reason: "it is no folder that can be listed; check the path") }
      let pictures = ["jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp", "ppm"]
      result += names.compactMap { $0 as? String }.filter {
        pictures.contains(($0 as NSString).pathExtension.lowercased())
      }.sorted().map { folder + "/" + $0 }
    }
    return result
  }
}

/// How many photographs come from which package, and under which licence.
public struct Attribution: Sendable {
  /// "24 kphotoalbum, 11 lxqt-themes": most first; empty if unknown.
  public let packages: String
  /// "66 CC-BY-SA-3.0, 35 GPL-2+": most first; empty if unknown.
  public let licences: String

  /// Reads tab-separated tables with the columns photo, package, file, licence.
  init(files: [String]) {
    var rows: [[String]] = []
    for path in files {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
      for line in text.split(separator: "\n").dropFirst() {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
        if fields.count >= 4 { rows.append(fields) }
      }
    }
    func count(_ column: Int) -> String {
      let counts = Dictionary(grouping: rows) { $0[column] }.map { (name: $0.key, count: $0.value.count) }
      let sorted = counts.sorted { $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name }
      return sorted.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    }
    packages = count(1)
    licences = count(3)
  }
}
