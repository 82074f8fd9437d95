internal import Foundation

/// Where metrics are served: loopback, unless an address is given.
public struct MetricsAddress: Sendable, Hashable, CustomStringConvertible {
  /// An IPv4 or IPv6 address in figures, without brackets.
  public let host: String
  /// 0 takes any free one.
  public let port: Int

  /// An address in figures and a port, 0 to 65535.
  public init(host: String, port: Int) {
    precondition(UInt16(exactly: port) != nil)
    (self.host, self.port) = (host, port)
  }

  /// Reads `9464`, `:9464` (both on 127.0.0.1), `localhost:9464`, `192.0.2.1:9464` or `[::1]:9464`; nil for anything else.
  public init?(_ text: String) {
    let colon = text.lastIndex(of: ":")
    guard let port = UInt16(colon.map { text[text.index(after: $0)...] } ?? text[...]) else { return nil }
    let host = colon.map { String(text[..<$0]) } ?? ""
    if host.isEmpty || host == "localhost" {
      self.init(host: "127.0.0.1", port: Int(port))
    } else if Self.isAddress(host, AF_INET) {
      self.init(host: host, port: Int(port))
    } else if host.first == "[", host.last == "]", Self.isAddress(String(host.dropFirst().dropLast()), AF_INET6) {
      self.init(host: String(host.dropFirst().dropLast()), port: Int(port))
    } else {
      return nil
    }
  }

  private static func isAddress(_ text: String, _ family: Int32) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: MemoryLayout<in6_addr>.size, alignment: 8) {
      inet_pton(family, text, $0.baseAddress) == 1
    }
  }

  /// As in a URL.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
