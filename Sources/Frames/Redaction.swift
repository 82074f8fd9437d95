/// `location` fit for messages and logs: the user name and password of a URL are replaced by `***`.
public func redacted(_ location: String) -> String {
  guard let scheme = location.firstRange(of: "://") else { return location }
  let rest = location[scheme.upperBound...]
  let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
  // The last @, since a password may hold one.
  guard let at = rest[..<authorityEnd].lastIndex(of: "@") else { return location }
  return location[..<scheme.upperBound] + "***" + rest[at...]
}
