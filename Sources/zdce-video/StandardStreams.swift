internal import Foundation
internal import Synchronization

/// Standard output and error as places that may be closed, full or gone: writing to them never ends the program.
enum StandardStreams {
  private static let lostCode = Atomic<Int32>(0)

  /// Why data could not be delivered, as a phrase; nil if all was.
  static var lossReason: String? {
    let code = lostCode.load(ordering: .relaxed)
    return code == 0 ? nil : systemReason(code)
  }

  /// Opens what the caller has closed, so that no output file becomes standard output or error by accident: the wrong way
  /// round, so that whoever uses it all the same is told. And makes writes to closed pipes and past size limits fail
  /// instead of ending the program without a trailer.
  static func prepare() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// A message; lost if nobody can read it.
  static func error(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Data; false if it could not be delivered, which ends in a failure of the program (`lossReason`).
  @discardableResult
  static func output(_ text: String) -> Bool {
    guard !write(text, to: STDOUT_FILENO) else { return true }
    lostCode.store(errno, ordering: .relaxed)
    return false
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
