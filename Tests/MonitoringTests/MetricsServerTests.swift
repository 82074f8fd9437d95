import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Monitoring

@Suite struct MetricsServerTests {
  private func curl(_ arguments: String...) async throws -> (status: String, body: String) {
    let result = try await Subprocess.run(
      "curl", ["-sS", "--noproxy", "*", "-m", "10", "-w", "\n%{http_code} %{content_type}"] + arguments)
    let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
    return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n"))
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func serves(host: String) async throws {
    let server = try MetricsServer(at: MetricsAddress(host: host, port: 0), version: "1") { busyStatus() }
    let base = "http://\(server.address)"
    let metrics = try await curl(base + "/metrics")
    #expect(metrics.status == "200 text/plain; version=0.0.4; charset=utf-8")
    #expect(metrics.body.contains("zdce_video_frames_in_total 1000\n"))
    #expect(try await curl("-I", base + "/metrics").status.hasPrefix("200 "))
    #expect(try await curl(base + "/nothing").status.hasPrefix("404"))
    #expect(try await curl(base + "/metrics?a=b").status.hasPrefix("200"))
    #expect(try await curl("-d", "x", base + "/metrics").status.hasPrefix("405"))
  }

  @Test func health() async throws {
    let status = Mutex(busyStatus())
    let server = try MetricsServer(at: MetricsAddress(host: "127.0.0.1", port: 0), version: "1") {
      status.withLock { $0 }
    }
    let url = "http://\(server.address)/healthz"
    let healthy = try await curl(url)
    #expect(healthy.status.hasPrefix("200"))
    #expect(healthy.body.contains("30.0 fps in, 30.0 out"))
    status.withLock { $0.secondsSinceFrameOut = 5.1 }
    #expect(try await curl(url).status.hasPrefix("503"))
    status.withLock { $0 = LiveStatus() }
    #expect(try await curl(url).status.hasPrefix("503"), "not before the first frame")
    status.withLock {
      $0 = busyStatus()
      $0.sourceState = .waiting
      $0.latestFailure = "no route"
    }
    let waiting = try await curl(url)
    #expect(waiting.status.hasPrefix("503") && waiting.body.contains("no route"))
  }

  @Test func takenPort() throws {
    let server = try MetricsServer(at: MetricsAddress(host: "127.0.0.1", port: 0), version: "1") { LiveStatus() }
    let error = #expect(throws: MonitoringError.self) {
      try MetricsServer(at: server.address, version: "1") { LiveStatus() }
    }
    #expect("\(try #require(error))".contains("\(server.address): the port is taken; choose another"))
  }

  @Test func foreignAddress() throws {
    let error = #expect(throws: MonitoringError.self) {
      try MetricsServer(at: MetricsAddress(host: "192.0.2.1", port: 0), version: "1") { LiveStatus() }
    }
    #expect("\(try #require(error))".contains("192.0.2.1"))
  }

  /// The port is free again, and clients that hang do not hinder it.
  @Test func stops() async throws {
    let first = try MetricsServer(at: MetricsAddress(host: "127.0.0.1", port: 0), version: "1") { LiveStatus() }
    let idle = try Subprocess("bash", ["-c", "exec {server}<>/dev/tcp/127.0.0.1/\(first.address.port); sleep 60"])
    try await Task.sleep(for: .milliseconds(300))
    first.stop()
    var second: MetricsServer?
    for _ in 0..<50 where second == nil {
      try await Task.sleep(for: .milliseconds(100))
      second = try? MetricsServer(at: first.address, version: "1") { LiveStatus() }
    }
    #expect(second != nil)
    idle.send(SIGKILL)
  }

  /// What clients send has limits: a line without an end is cut off, and the server goes on.
  @Test func endlessHeader() async throws {
    let server = try MetricsServer(at: MetricsAddress(host: "127.0.0.1", port: 0), version: "1") { busyStatus() }
    let result = try await Subprocess.run(
      "bash",
      [
        "-c",
        """
        exec {server}<>/dev/tcp/127.0.0.1/\(server.address.port)
        { printf 'GET /metrics HTTP/1.1\\r\\nX: '; head -c 4000000 /dev/zero | tr '\\0' a; } >&$server
        echo $?
        """,
      ], timeout: 20)
    #expect(!result.text.hasPrefix("0"), "four megabytes of header were taken")
    #expect(try await curl("http://\(server.address)/healthz").status.hasPrefix("200"))
  }

  /// More clients than there may be are turned away, and there is room again when they have gone.
  ///
  /// The shell chooses descriptors that are free: one of the inherited ones tells Foundation that the shell still lives.
  @Test func tooManyClients() async throws {
    let server = try MetricsServer(at: MetricsAddress(host: "127.0.0.1", port: 0), version: "1") { busyStatus() }
    let clients = try Subprocess(
      "bash",
      [
        "-c",
        """
        for n in $(seq 40); do exec {client}<>/dev/tcp/127.0.0.1/\(server.address.port); done
        echo connected; exec sleep 60
        """,
      ], timeout: 120)
    for _ in 0..<800 where clients.standardOutputSoFar.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
    try await Task.sleep(for: .milliseconds(200))
    #expect(try await curl("http://\(server.address)/healthz").status.hasPrefix("000"))
    clients.send(SIGKILL)
    _ = try await clients.result()
    try await Task.sleep(for: .milliseconds(200))
    #expect(try await curl("http://\(server.address)/healthz").status.hasPrefix("200"))
  }

  @Test func addresses() {
    let good = [
      "9464": "127.0.0.1:9464", ":9464": "127.0.0.1:9464", "localhost:1": "127.0.0.1:1", "0.0.0.0:80": "0.0.0.0:80",
      "[::1]:9464": "[::1]:9464", "[::]:0": "[::]:0",
    ]
    for (text, expected) in good { #expect(MetricsAddress(text)?.description == expected) }
    for text in ["", ":", "x", "1.2.3.4", "1.2.3:4", "::1:9464", "[::1]", "[1.2.3.4]:5", "70000", "a:-1", "host:80"] {
      #expect(MetricsAddress(text) == nil, "\(text)")
    }
  }
}
