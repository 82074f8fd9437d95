import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Monitoring

/// A Unix datagram socket, as systemd's is.
private final class NotifySocket: Sendable {
  private let descriptor: Int32

  init(_ name: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = name.first == "@" ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8) + [0]
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let size = socklen_t(2 + path.count)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    try #require(bound == 0)
    var timeout = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// The next message, waited for up to five seconds.
  func receive() -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }

  /// Everything within some seconds.
  func receive(for seconds: Double) -> [String] {
    let end = ContinuousClock.now + .seconds(seconds)
    var messages: [String] = []
    while ContinuousClock.now < end {
      let message = receive()
      if !message.isEmpty { messages.append(message) }
    }
    return messages
  }
}

@Suite struct ServiceManagerTests {
  private let folder: TemporaryDirectory
  private let socket: NotifySocket
  private let environment: [String: String]

  init() throws {
    folder = try TemporaryDirectory()
    socket = try NotifySocket(folder.file("notify"))
    environment = ["NOTIFY_SOCKET": folder.file("notify"), "WATCHDOG_USEC": "400000"]
  }

  @Test func readyOnceWithTheFirstFrame() throws {
    let manager = try #require(ServiceManager(environment: environment))
    #expect(manager.watchdogInterval == 0.4)
    let status = Mutex(LiveStatus())
    manager.watch { status.withLock { $0 } }
    let early = socket.receive()
    #expect(early.hasPrefix("STATUS=connecting") && !early.contains("READY=1") && early.contains("WATCHDOG=1"))
    status.withLock { $0 = busyStatus() }
    let later = socket.receive(for: 1.1)
    #expect(later.count { $0.contains("READY=1") } == 1)
    #expect(later.count >= 4, "at least twice in the 400 ms that systemd asks for: \(later)")
    #expect(later.allSatisfy { $0.contains("WATCHDOG=1") })
    manager.stopping()
    #expect(socket.receive(for: 1).last == "STOPPING=1", "and nothing after it")
  }

  /// A camera that is away does not make the start a failure, nor systemd restart what waits for it.
  @Test func readyAndAliveWhileTheCameraIsAway() throws {
    let manager = try #require(ServiceManager(environment: environment))
    var status = LiveStatus()
    status.sourceState = .waiting
    status.latestFailure = "no\nroute"
    status.uptime = 1000
    manager.watch { [status] in status }
    let message = socket.receive()
    #expect(
      message.split(separator: "\n") == [
        "STATUS=waiting (no route): 0.0 fps in, 0.0 out, 0 dropped, 0 reconnects", "READY=1", "WATCHDOG=1",
      ])
  }

  @Test func noWatchdogOnceFramesAreStuck() throws {
    let manager = try #require(ServiceManager(environment: environment))
    var status = busyStatus()
    status.secondsSinceFrameOut = 3
    manager.watch(patience: 2) { [status] in status }
    let messages = socket.receive(for: 1)
    #expect(messages.count > 2 && messages.allSatisfy { !$0.contains("WATCHDOG") })
  }

  @Test func abstractSocket() throws {
    let name = "@zdce-test-\(UUID())"
    let abstract = try NotifySocket(name)
    let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": name]))
    #expect(manager.watchdogInterval == nil)
    manager.watch { busyStatus() }
    let message = abstract.receive()
    #expect(message.contains("READY=1") && !message.contains("WATCHDOG"))
  }

  @Test func othersSockets() {
    #expect(ServiceManager(environment: [:]) == nil)
    #expect(ServiceManager(environment: ["NOTIFY_SOCKET": ""]) == nil)
    #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)]) == nil)
    #expect(ServiceManager(environment: environment.merging(["WATCHDOG_PID": "1"]) { $1 })?.watchdogInterval == nil)
    // Nobody listens: nothing happens.
    ServiceManager(environment: ["NOTIFY_SOCKET": "/nonexistent"])?.stopping()
  }
}
