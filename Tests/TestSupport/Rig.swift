import Foundation

/// A server on loopback that a test talks to: a script of `Tests/Rigs`, stopped when the last reference goes.
public final class Rig: Sendable {
  /// What a server can do wrong.
  public enum Fault: Sendable {
    /// Accepts, and never says a word.
    case silent
    /// Accepts, and answers with bytes that mean nothing.
    case garbage
    /// Passes on what another server says, and after some seconds closes the connection in the middle of a packet.
    case cut(Rig, after: Double)
    /// Passes on, and after some seconds no longer; the connection stays.
    case stall(Rig, after: Double)
    /// Passes on, and after some seconds noise instead.
    case garble(Rig, after: Double)
  }

  /// Where it listens, on 127.0.0.1.
  public let port: Int

  private let process: Subprocess

  /// An RTSP server that plays a file at real time, from its beginning for each client.
  ///
  /// - Parameters:
  ///   - file: MP4 or Matroska with H.264 or H.265, with or without AAC; see `Clips.camera`.
  ///   - port: `nil` takes a free one.
  ///   - options: more options of `rtsp-server.py`, e.g. `["--user", "me", "--password", "secret"]`,
  ///     `["--stop-after", "3"]`, `["--shared"]`.
  ///   - timeout: seconds until it is killed, whatever the test does.
  public static func camera(
    _ file: String, port: Int? = nil, options: [String] = [], timeout: Double = 120
  ) async throws -> Rig {
    try await Rig("rtsp-server.py", [file] + options, port: port, timeout: timeout)
  }

  /// An RTSP server that takes what is published to it, and writes it to a Matroska file.
  ///
  /// - Parameters:
  ///   - codecs: what is published, in that order: `h264` or `h265`, and `aac`.
  public static func receiver(
    writing file: String, codecs: [String] = ["h264"], port: Int? = nil, options: [String] = [], timeout: Double = 120
  ) async throws -> Rig {
    try await Rig(
      "rtsp-server.py", ["--record", file, "--codecs", codecs.joined(separator: ",")] + options, port: port,
      timeout: timeout)
  }

  /// A server with a fault.
  public static func faulty(_ fault: Fault, port: Int? = nil, timeout: Double = 120) async throws -> Rig {
    let arguments =
      switch fault {
      case .silent: ["silent"]
      case .garbage: ["garbage"]
      case .cut(let server, let seconds): ["cut", "--to", String(server.port), "--after", String(seconds)]
      case .stall(let server, let seconds): ["stall", "--to", String(server.port), "--after", String(seconds)]
      case .garble(let server, let seconds): ["garble", "--to", String(server.port), "--after", String(seconds)]
      }
    return try await Rig("faulty-server.py", arguments, port: port, timeout: timeout)
  }

  private init(_ script: String, _ arguments: [String], port: Int?, timeout: Double) async throws {
    // Debian's own Python, since the bindings of GStreamer are there; another one may come first in PATH.
    process = try Subprocess(
      "/usr/bin/python3", [Package.path + "/Tests/Rigs/" + script] + arguments + ["--port", String(port ?? 0)],
      timeout: timeout)
    let deadline = ContinuousClock.now + .seconds(20)
    while process.isRunning && ContinuousClock.now < deadline {
      if let said = process.standardOutputSoFar.split(separator: "\n").first, said.hasPrefix("listening ") {
        guard let port = Int(said.dropFirst("listening ".count)) else { break }
        self.port = port
        return
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    process.send(SIGKILL)
    throw ProcessError.failed(try await process.result())
  }

  /// The address of its stream.
  ///
  /// - Parameters:
  ///   - user: name and password as they stand in a URL, e.g. `me:secret`.
  public func url(scheme: String = "rtsp", user: String? = nil) -> String {
    "\(scheme)://\(user.map { $0 + "@" } ?? "")127.0.0.1:\(port)/camera"
  }

  /// Ends it as a crash of the camera would: connections break without a farewell.
  public func kill() async throws {
    process.send(SIGKILL)
    _ = try await process.result()
  }

  /// Ends it politely, so that what it writes is finished.
  public func stop() async throws {
    process.send(SIGTERM)
    _ = try await process.result()
  }

  /// Lets it hang: connections stay, and nothing is sent or answered until `resume()`.
  public func suspend() { process.send(SIGSTOP) }

  /// Ends what `suspend()` began.
  public func resume() { process.send(SIGCONT) }
}
