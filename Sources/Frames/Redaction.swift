/// `location` fit for messages, logs and metadata: of a URL, the user name and password and every value in the query
/// and in the fragment are replaced by `***`.
public func redacted(_ location: String) -> String {
  guard let scheme = location.firstRange(of: "://") else { return location }
  let rest = location[scheme.upperBound...]
  let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  // The last @, since a password may hold one.
  let host = authority.lastIndex(of: "@").map { "***" + authority[$0...] } ?? String(authority)
  let path = rest[authority.endIndex...].prefix { $0 != "?" && $0 != "#" }
  return location[..<scheme.upperBound] + host + path + withoutValues(rest[path.endIndex...])
}

/// `text`, such as a line of a log, with every URL in it redacted.
package func redactedURLs(in text: String) -> String {
  guard text.contains("://") else { return text }
  var result = ""
  var rest = text[...]
  while !rest.isEmpty {
    let word = rest.prefix { !isBoundary($0) }
    result += redacted(String(word))
    rest = rest[word.endIndex...]
    if let boundary = rest.popFirst() { result.append(boundary) }
  }
  return result
}

private func isBoundary(_ character: Character) -> Bool {
  character.isWhitespace || "'\"<>".contains(character)
}

/// `?name=value&value` as `?name=***&***`.
private func withoutValues(_ query: Substring) -> String {
  var result = ""
  var rest = query
  while let separator = rest.popFirst() {
    result.append(separator)
    let piece = rest.prefix { !"?#&;".contains($0) }
    rest = rest[piece.endIndex...]
    guard !piece.isEmpty else { continue }
    result += (piece.firstIndex(of: "=").map { piece[...$0] } ?? "") + "***"
  }
  return result
}
