import Foundation
import TestSupport
import Testing

/// What Prometheus and systemd see of a live run.
@Suite(.serialized) struct LiveMonitoringTests {
  /// Body and status; an empty body and 0 while nobody answers.
  private func get(_ port: Int, _ path: String) async throws -> (body: String, status: String) {
    let result = try await Subprocess.run(
      "curl", ["-s", "--noproxy", "*", "-m", "5", "-w", "\n%{http_code}", "http://127.0.0.1:\(port)/\(path)"])
    let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
    return (lines.dropLast().joined(separator: "\n") + "\n", String(lines.last ?? ""))
  }

  private func waitForHealth(_ status: String, at port: Int, of process: Subprocess) async throws {
    for _ in 0..<150 {
      if try await get(port, "healthz").status == status { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("no \(status) from /healthz: \(process.standardErrorSoFar)")
  }

  /// While frames flow, and after they have stopped.
  @Test func metricsAndHealth() async throws {
    let camera = try await Rig.camera(
      try await Clips.camera.path(), options: ["--user", "me", "--password", "secret"])
    let port = try Datagrams.freePort()
    let process = try Program.start(
      ["live", camera.url(user: "me:secret"), "-o", "null", "--preset", "ultrafast", "--no-progress"]
        + ["--metrics", String(port)])
    try await waitForHealth("200", at: port, of: process)
    let metrics = try await get(port, "metrics").body
    let folder = try TemporaryDirectory()
    let file = try folder.write(Array(metrics.utf8), to: "metrics")
    let judged = try await Subprocess.run(
      Package.path + "/Tests/Rigs/promtool.sh", ["check", "metrics"],
      input: try FileHandle(forReadingFrom: URL(fileURLWithPath: file)))
    #expect(judged.status == 0, "\(judged)\(judged.text)\(metrics)")
    #expect(metrics.contains(#"zdce_video_source_state{state="streaming"} 1"#))
    #expect(!metrics.contains("\nzdce_video_frames_out_total 0\n"))
    #expect(!metrics.contains("secret"))
    try await camera.kill()
    try await waitForHealth("503", at: port, of: process)
    process.send(SIGTERM)
    #expect(try await process.result().status == 130)
    #expect(try await get(port, "healthz").status == "000", "the port is closed")
  }

  @Test func takenPort() async throws {
    let silent = try await Rig.faulty(.silent)
    let result = try await Program.run(
      ["live", try await Clips.camera.path(), "--realtime", "-o", "null", "--quiet"]
        + ["--metrics", "127.0.0.1:\(silent.port)"])
    expectFailure(result, naming: "127.0.0.1:\(silent.port)")
    let odd = try await Program.run(["live", "x.mp4", "--realtime", "-o", "null", "--metrics", "somewhere"])
    expectUsageError(odd, naming: "--metrics")
  }

  /// READY with the first frame, WATCHDOG while they flow, STOPPING at the end.
  @Test func systemd() async throws {
    let folder = try TemporaryDirectory()
    let messages = folder.file("messages")
    // Each datagram on lines of its own.
    let listener = try Subprocess(
      "/usr/bin/python3",
      [
        "-c",
        """
        import socket
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind("\(folder.file("notify"))")
        with open("\(messages)", "w") as file:
            while True:
                print(s.recv(4096).decode(), flush=True, file=file)
        """,
      ])
    for _ in 0..<100 where !Files.exists(folder.file("notify")) { try await Task.sleep(for: .milliseconds(50)) }
    let process = try Subprocess(
      try Program.located(),
      ["live", try await Clips.camera.path(), "--realtime", "-o", "null", "--preset", "ultrafast", "--duration", "3s"]
        + ["--quiet"],
      environment: ["NOTIFY_SOCKET": folder.file("notify"), "WATCHDOG_USEC": "1000000"])
    expectSuccess(try await process.result())
    try await Task.sleep(for: .milliseconds(200))
    listener.send(SIGKILL)
    let lines = String(decoding: try Files.read(messages), as: UTF8.self).split(separator: "\n")
    #expect(lines.count { $0 == "READY=1" } == 1, "\(lines)")
    #expect(lines.count { $0 == "WATCHDOG=1" } >= 5, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("STATUS=streaming: ") }, "\(lines)")
    #expect(lines.last == "STOPPING=1", "\(lines)")
  }
}
