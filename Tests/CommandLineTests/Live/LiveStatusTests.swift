import Foundation
import TestSupport
import Testing

extension LiveTests {
  /// What a live run says of itself.
  @Suite struct LiveStatusTests {
    @Test func statusLineAndSignal() async throws {
      let input = try await Clips.camera.path()
      let process = try Program.start(["live", input, "--realtime", "-o", "null", "--preset", "ultrafast"])
      let text = { process.standardErrorSoFar }
      for _ in 0..<200 where !text().contains("out 2") { try await Task.sleep(for: .milliseconds(50)) }
      #expect(text().contains(/in \d+\.\d fps, out \d+\.\d fps, dropped 0, reused \d+ %, latency p50/))
      process.send(SIGUSR1)
      for _ in 0..<100 where !text().contains("sink null") { try await Task.sleep(for: .milliseconds(20)) }
      #expect(text().contains(/sink null: writing, \d+ frames, 0 dropped/), "\(text())")
      #expect(text().contains("source \(input): streaming"))
      process.send(SIGINT)
      #expect(try await process.result().status == 130)
    }

    @Test func metricsAndHealth() async throws {
      let port = try Datagrams.freePort()
      let run = try LiveRun(
        [try await Clips.camera.path(), "--realtime", "-o", "null", "--metrics", "127.0.0.1:\(port)"])
      try await run.waitForFrames(25)
      let health = try await Subprocess.run("curl", ["-sf", "http://127.0.0.1:\(port)/healthz"])
      #expect(health.status == 0, "\(health)")
      let metrics = try await Subprocess.run("curl", ["-sf", "http://127.0.0.1:\(port)/metrics"])
      #expect(metrics.text.contains("zdce_video_"), "\(metrics)")
      try await run.interrupt()
    }

    @Test func jsonSummary() async throws {
      let run = try LiveRun(
        [try await Clips.camera.path(), "--realtime", "-o", "null", "--json", "--frames", "30", "--strength", "0"])
      let result = try await run.result()
      #expect(result.status == 0, "\(result)")
      let object = try JSONSerialization.jsonObject(with: Data(result.standardOutput)) as? [String: Any]
      #expect(object?["frames_out"] as? Int == 30)
      #expect(object?["output"] as? String == "null")
      #expect(LiveRun.messages(result.standardError).allSatisfy { $0["level"] != nil && $0["time"] != nil })
    }

    @Test(arguments: [
      (["camera.mp4"], "nowhere to write"), (["-o", "null"], "name a source"),
      (["rtsp://h/x", "-o", "-"], "give --format"), (["rtsp://h/x", "-o", "a.mp4", "--segment", "10m"], "strftime"),
      (["rtsp://h/x", "-o", "a-%s.mp4", "--keep", "3"], "--segment"),
      (["rtsp://h/x", "-o", "x.unknown"], "cannot tell"),
      (["rtsp://h/x", "-o", "null", "--read-timeout", "0"], "100ms"),
      (["rtsp://h/x", "-o", "null", "--preset", "swift"], "preset"),
      (["rtsp://h/x", "-o", "rtmp://h/x", "--codec", "libx265"], "cannot hold"),
    ])
    func usage(arguments: [String], words: String) async throws {
      let result = try await Program.run(["live"] + arguments)
      #expect(result.status == 64, "\(result)")
      #expect(result.standardError.contains(words), "\(result)")
    }

    @Test func filesNeedAPace() async throws {
      let result = try await Program.run(["live", try await Clips.camera.path(), "-o", "null"])
      #expect(result.status == 64 && result.standardError.contains("--realtime"), "\(result)")
    }

    @Test func deviceList() async throws {
      let result = try await Program.run(["live", "--list-devices", "--json"])
      #expect(result.status == 0, "\(result)")
      #expect(result.text.hasPrefix("["))
    }

    @Test func examplesInHelp() async throws {
      let result = try await Program.run(["live", "--help"])
      for option in ["--rtsp-transport", "--segment", "--give-up-after", "--metrics", "EXAMPLES", "--list-devices"] {
        #expect(result.text.contains(option))
      }
    }
  }
}
