internal import Foundation
internal import Synchronization

/// Looks the host of a URL up with a deadline, of which the C library's resolver knows none, and FFmpeg says no more
/// than "input/output error" of a name that does not exist.
package enum HostLookup {
  package enum Answer: Sendable, Equatable {
    /// There is an address, or nothing to look up.
    case found
    /// The resolver says no; why, in its own words.
    case unknown(host: String, reason: String)
    /// The deadline came first.
    case noAnswer(host: String)
  }

  /// Waits for the resolver, as long as `deadline` allows.
  package static func run(_ location: String, deadline: Deadline) -> Answer {
    guard let host = host(of: location), !isNumeric(host), !isBehindProxy(location) else { return .found }
    let result = Result()
    // It cannot be interrupted: after the deadline the thread lives on until the resolver gives up by itself.
    let thread = Thread { result.code.withLock { $0 = lookUp(host, flags: 0) } }
    thread.name = "resolve"
    thread.start()
    var code: Int32?
    Backoff.sleep(1e6) {
      code = result.code.withLock { $0 }
      return code != nil || deadline.isDue
    }
    switch code {
    case nil: return .noAnswer(host: host)
    case 0: return .found
    case .some(let code): return .unknown(host: host, reason: String(cString: gai_strerror(code)).lowercased())
    }
  }

  /// The host in a URL; nil where there is none.
  static func host(of location: String) -> String? {
    guard let scheme = location.firstRange(of: "://") else { return nil }
    let authority = location[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    if place.first == "[" { return String(place.dropFirst().prefix { $0 != "]" }) }
    let host = place.prefix { $0 != ":" }
    return host.isEmpty ? nil : String(host)
  }

  private final class Result: Sendable {
    let code = Mutex<Int32?>(nil)
  }

  private static func isNumeric(_ host: String) -> Bool { lookUp(host, flags: AI_NUMERICHOST) == 0 }

  /// The proxy resolves names then.
  private static func isBehindProxy(_ location: String) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    return location.hasPrefix("http") && (environment["http_proxy"] ?? environment["https_proxy"]) != nil
  }

  private static func lookUp(_ host: String, flags: Int32) -> Int32 {
    var hints = addrinfo()
    hints.ai_flags = flags
    var list: UnsafeMutablePointer<addrinfo>?
    defer { if let list { freeaddrinfo(list) } }
    return getaddrinfo(host, nil, &hints, &list)
  }
}
