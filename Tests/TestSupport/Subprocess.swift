public import Foundation
import Synchronization

/// What a finished process left behind.
public struct ProcessResult: Sendable, CustomStringConvertible {
  /// The command line, for messages.
  public let command: String
  /// Exit status; for a process killed by a signal 128 + signal, as in a shell.
  public let status: Int32
  /// The signal that killed the process, or `nil` if it exited by itself.
  public let signal: Int32?
  /// Everything written to standard output.
  public let standardOutput: [UInt8]
  /// Everything written to standard error, as text.
  public let standardError: String

  /// Standard output as text.
  public var text: String { String(decoding: standardOutput, as: UTF8.self) }

  /// Standard error, line by line, without empty lines.
  public var messages: [String] {
    standardError.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.isEmpty }
  }

  /// Command, status and the end of standard error.
  public var description: String {
    "\(command)\n-> \(signal.map { "killed by signal \($0)" } ?? "status \(status)")\n\(standardError.suffix(3000))"
  }
}

/// A process that could not be used as expected.
public enum ProcessError: Error, CustomStringConvertible {
  /// The process did not end by its deadline and was killed.
  case deadline(command: String, standardError: String)
  /// A helper (ffmpeg, ffprobe, ...) failed.
  case failed(ProcessResult)
  /// A helper answered with something that cannot be read.
  case unexpectedOutput(command: String, text: String)
  /// The executable is not where it should be.
  case notFound(String)

  /// One text for test logs.
  public var description: String {
    switch self {
    case .deadline(let command, let text): "deadline passed, killed: \(command)\n\(text.suffix(3000))"
    case .failed(let result): "failed: \(result)"
    case .unexpectedOutput(let command, let text): "unexpected output of \(command): \(text.prefix(1000))"
    case .notFound(let what): "not found: \(what)"
    }
  }
}

/// A child process whose output goes to files, so that no pipe can fill up and block it.
///
/// A process that outlives its deadline is killed by its own process id.
public final class Subprocess: Sendable {
  private enum Phase {
    case running([CheckedContinuation<Void, Never>])
    case ended
  }

  private let process: Process
  private let directory: TemporaryDirectory
  private let phase = Mutex(Phase.running([]))
  private let overdue = Mutex(false)
  private let command: String

  /// Starts `executable` (a path, or a name looked up in PATH).
  ///
  /// - Parameters:
  ///   - input: standard input; `nil` is `/dev/null`.
  ///   - output: standard output; `nil` keeps it for the result.
  ///   - directory: working directory; `nil` keeps the present one.
  ///   - environment: added to the present environment.
  ///   - timeout: seconds until the process is killed.
  public init(
    _ executable: String, _ arguments: [String], input: FileHandle? = nil, output ownOutput: FileHandle? = nil,
    directory workingDirectory: String? = nil, environment: [String: String] = [:], timeout: Double = 60
  ) throws {
    directory = try TemporaryDirectory(prefix: "zdce-process")
    command = ([executable] + arguments).joined(separator: " ")
    process = Process()
    process.executableURL = URL(fileURLWithPath: try Self.locate(executable))
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let workingDirectory { process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory) }
    for name in ["out", "err"] { try directory.write([], to: name) }
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.file("out")))
    let errors = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.file("err")))
    process.standardInput = input ?? FileHandle.nullDevice
    process.standardOutput = ownOutput ?? output
    process.standardError = errors
    process.terminationHandler = { [weak self] _ in self?.end() }
    try process.run()
    try output.close()
    try errors.close()
    DispatchQueue.global().asyncAfter(deadline: .now() + timeout) { [weak self] in
      guard let self, self.isRunning else { return }
      self.overdue.withLock { $0 = true }
      self.send(SIGKILL)
    }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Its number in /proc.
  public var processIdentifier: Int32 { process.processIdentifier }

  /// True until the process has ended.
  public var isRunning: Bool { process.isRunning }

  /// What the process has written to standard error so far.
  public var standardErrorSoFar: String {
    String(decoding: (try? Files.read(directory.file("err"))) ?? [], as: UTF8.self)
  }

  /// What the process has written to standard output so far, unless that goes elsewhere.
  public var standardOutputSoFar: String {
    String(decoding: (try? Files.read(directory.file("out"))) ?? [], as: UTF8.self)
  }

  /// Sends a signal to the process, and to nobody else.
  public func send(_ signal: Int32) {
    if process.isRunning { kill(process.processIdentifier, signal) }
  }

  /// Waits for the end. Throws if the deadline had to kill the process.
  public func result() async throws -> ProcessResult {
    await withCheckedContinuation { continuation in
      let ended = phase.withLock { phase in
        guard case .running(let waiting) = phase else { return true }
        phase = .running(waiting + [continuation])
        return false
      }
      if ended { continuation.resume() }
    }
    if overdue.withLock({ $0 }) {
      throw ProcessError.deadline(command: command, standardError: standardErrorSoFar)
    }
    let killed = process.terminationReason == .uncaughtSignal
    return ProcessResult(
      command: command,
      status: killed ? 128 + process.terminationStatus : process.terminationStatus,
      signal: killed ? process.terminationStatus : nil,
      standardOutput: try Files.read(directory.file("out")),
      standardError: standardErrorSoFar)
  }

  private func end() {
    let waiting = phase.withLock { phase in
      guard case .running(let waiting) = phase else { return [CheckedContinuation<Void, Never>]() }
      phase = .ended
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// The path of an executable; names without a slash are looked up in PATH.
  public static func locate(_ name: String) throws -> String {
    if name.contains("/") { return name }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    for folder in folders where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
    throw ProcessError.notFound(name)
  }

  /// True if `name` can be run on this machine.
  public static func isAvailable(_ name: String) -> Bool { (try? locate(name)) != nil }

  /// Runs a process to its end; at most as many at once as there are cores.
  public static func run(
    _ executable: String, _ arguments: [String], input: FileHandle? = nil, directory: String? = nil,
    environment: [String: String] = [:], timeout: Double = 60
  ) async throws -> ProcessResult {
    try await Gate.processes.pass {
      try await Subprocess(
        executable, arguments, input: input, directory: directory, environment: environment, timeout: timeout
      ).result()
    }
  }
}
