public import Foundation
public import Pipeline
internal import Synchronization

/// Tells systemd how a run is doing: the protocol of sd_notify(3), a datagram to the socket that `$NOTIFY_SOCKET` names.
///
/// READY=1 is sent when the first frame has come out, or when the first attempt to get one has failed: a camera that is
/// away is no reason for systemd to call the start a failure. WATCHDOG=1 is sent as long as `LiveStatus.isAlive`, so also
/// while a lost camera is waited for, which a restart would not bring back, but not once frames come in and none out.
public final class ServiceManager: Sendable {
  /// How often systemd wants to hear that all is well, in seconds; nil if it does not.
  public let watchdogInterval: Double?

  private let path: [UInt8]
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "service-manager")
  private let isStopping = Atomic<Bool>(false)
  private let wakeUp = DispatchSemaphore(value: 0)

  /// The service manager that started this process; nil if none did, or it does not listen.
  ///
  /// - Parameters:
  ///   - environment: `NOTIFY_SOCKET`, a path or, after `@`, an abstract name; `WATCHDOG_USEC` and `WATCHDOG_PID`.
  public init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
    guard let name = environment["NOTIFY_SOCKET"], name.first == "/" || name.first == "@",
      name.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    else { return nil }
    path = name.first == "@" ? [0] + name.utf8.dropFirst() : Array(name.utf8) + [0]
    let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    watchdogInterval = environment["WATCHDOG_USEC"].flatMap(Double.init).flatMap {
      $0 > 0 && isForUs ? $0 / 1e6 : nil
    }
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// Keeps systemd informed from now on, at least once a second.
  ///
  /// - Parameters:
  ///   - patience: seconds without a frame out of a source that streams until the run is no longer alive.
  ///   - status: called on a thread of its own.
  public func watch(patience: Double = 30, _ status: @escaping @Sendable () -> LiveStatus) {
    let pause = min(1, (watchdogInterval ?? 2) / 2)
    queue.async { [wakeUp, weak self] in
      var isReady = false
      // Held for no longer than a message takes, so that the last owner can let go.
      while self?.inform(status, patience, &isReady) == true {
        _ = wakeUp.wait(timeout: .now() + pause)
      }
    }
  }

  /// Sends one message; false if there is to be none any more.
  private func inform(_ status: () -> LiveStatus, _ patience: Double, _ isReady: inout Bool) -> Bool {
    if isStopping.load(ordering: .acquiring) { return false }
    let present = status()
    var message = ["STATUS=\(present.summary)"]
    let becomesReady = !isReady && (present.framesOut > 0 || present.latestFailure != nil)
    if becomesReady { message.append("READY=1") }
    if watchdogInterval != nil, present.isAlive(within: patience) { message.append("WATCHDOG=1") }
    if send(message), becomesReady { isReady = true }
    return true
  }

  /// Says that the run is about to end, and nothing more. `watch` is over.
  public func stopping() {
    isStopping.store(true, ordering: .releasing)
    wakeUp.signal()
    queue.sync { _ = send(["STOPPING=1"]) }
  }

  /// Sends assignments; false if they did not arrive.
  @discardableResult
  func send(_ assignments: [String]) -> Bool {
    let text = assignments.map { $0.replacing("\n", with: " ") }.joined(separator: "\n")
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let size = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + path.count)
    let bytes = Array(text.utf8)
    // Not to wait: a service manager that hangs must not stop us. The next message is soon to come.
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, flags, $0, size)
      }
    }
    return sent == bytes.count
  }
}
