internal import Foundation

/// Which files of one folder belong to which of another.
///
/// Files belong together if their paths below the folders are equal, or else equal without extension and no other file
/// of either folder shares that name.
public struct Pairs: Sendable, Hashable {
  /// Two files that belong together.
  public struct Pair: Sendable, Hashable {
    /// The path in the first folder, relative to it.
    public let enhanced: String
    /// The path in the second folder.
    public let reference: String
  }

  /// In the order of the first folder's names.
  public private(set) var pairs: [Pair] = []
  /// Paths of the first folder that have no partner.
  public private(set) var enhancedOnly: [String] = []
  /// Paths of the second folder that have no partner.
  public private(set) var referenceOnly: [String] = []

  /// From the paths of both folders, each relative to its folder and there only once.
  public init(enhanced: [String], reference: [String]) {
    let exact = Set(enhanced).intersection(reference)
    let remainder = enhanced.filter { !exact.contains($0) }
    let others = Dictionary(grouping: reference.filter { !exact.contains($0) }, by: Self.stem)
    let own = Dictionary(grouping: remainder, by: Self.stem)
    var taken = exact
    for path in enhanced.sorted() {
      let stem = Self.stem(path)
      if exact.contains(path) {
        pairs.append(Pair(enhanced: path, reference: path))
      } else if let partner = others[stem], partner.count == 1, own[stem]?.count == 1 {
        pairs.append(Pair(enhanced: path, reference: partner[0]))
        taken.insert(partner[0])
      } else {
        enhancedOnly.append(path)
      }
    }
    referenceOnly = reference.filter { !taken.contains($0) }.sorted()
  }

  private static func stem(_ path: String) -> String { (path as NSString).deletingPathExtension }
}
