import Foundation
import TestSupport
import Testing

extension LiveTests {
  /// What happens to cameras and networks: each has a clear line, a bounded wait, and the right end.
  @Suite struct LiveFaultTests {
    private func givesUp(
      on url: String, saying words: [String], secret: String? = nil, options: [String] = [], seconds: Double = 3,
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let begin = ContinuousClock.now
      let run = try LiveRun(
        [url, "-o", "null", "--open-timeout", "1", "--read-timeout", "1", "--give-up-after", "\(seconds)"] + options,
        timeout: 30)
      let result = try await run.result()
      #expect(result.status == 1, "\(result)", sourceLocation: sourceLocation)
      let spent = (ContinuousClock.now - begin) / .seconds(1)
      #expect(spent > seconds - 0.2 && spent < seconds + 3, "\(spent) s", sourceLocation: sourceLocation)
      for word in words { #expect(result.standardError.contains(word), "\(result)", sourceLocation: sourceLocation) }
      if let secret { #expect(!result.standardError.contains(secret), "\(result)", sourceLocation: sourceLocation) }
      // The pauses grow: about 0.2, 0.4, 0.8, 1.6 seconds.
      let attempts = result.standardError.components(separatedBy: "next attempt").count - 1
      #expect((1...12).contains(attempts), "\(attempts) attempts in \(spent) s", sourceLocation: sourceLocation)
    }

    @Test func nobodyListens() async throws {
      try await givesUp(on: "rtsp://127.0.0.1:\(try Datagrams.freePort())/camera", saying: ["nothing listens there"])
    }

    @Test func silentServer() async throws {
      let server = try await Rig.faulty(.silent)
      try await givesUp(on: server.url(), saying: ["no answer within 1 s"])
    }

    @Test(arguments: ["rtsp", "http"]) func garbage(scheme: String) async throws {
      let server = try await Rig.faulty(.garbage)
      try await givesUp(on: server.url(scheme: scheme), saying: ["cannot open"])
    }

    @Test func unknownName() async throws {
      try await givesUp(on: "rtsp://camera.invalid/stream", saying: ["host name 'camera.invalid' cannot be resolved"])
    }

    @Test func wrongPassword() async throws {
      let camera = try await Rig.camera(
        try await Clips.camera.path(), options: ["--user", "me", "--password", "secret", "--digest"])
      try await givesUp(
        on: camera.url(user: "me:wr0ng"), saying: ["401", "check user name and password"], secret: "wr0ng",
        options: ["--verbose"])
    }

    @Test func noDatagrams() async throws {
      try await givesUp(on: "udp://127.0.0.1:\(try Datagrams.freePort())", saying: ["no answer within 1 s"])
    }

    /// A camera that stays connected and falls silent is noticed, and asked again.
    @Test func stalledCamera() async throws {
      let camera = try await Rig.camera(try await Clips.camera.path())
      let faulty = try await Rig.faulty(.stall(camera, after: 2))
      let run = try LiveRun([faulty.url(), "-o", "null", "--read-timeout", "1"])
      try await run.wait("silence is noticed") { run.hasSaid("has sent no video for 1 s") }
      try await run.wait("it is asked again") { run.number("reconnects") >= 1 }
      try await run.waitForFrames(10)
      try await run.interrupt()
    }

    /// Where patience is shorter than --read-timeout, nothing is said of a silence that long.
    @Test func givenUpWhileSilent() async throws {
      let camera = try await Rig.camera(try await Clips.camera.path())
      let faulty = try await Rig.faulty(.stall(camera, after: 2))
      let run = try LiveRun(
        [faulty.url(), "-o", "null", "--read-timeout", "20", "--give-up-after", "2"], timeout: 30)
      let result = try await run.result()
      #expect(result.status == 1, "\(result)")
      #expect(result.standardError.contains("for 2 s: given up, as --give-up-after says"), "\(result)")
      #expect(!result.standardError.contains("has sent no video"), "\(result)")
    }

    /// A connection that breaks in the middle of a frame: frames flow again, times go on, the file is whole.
    @Test func connectionBreaks() async throws {
      let folder = try TemporaryDirectory()
      let camera = try await Rig.camera(try await Clips.camera.path())
      let faulty = try await Rig.faulty(.cut(camera, after: 2))
      let run = try LiveRun([faulty.url(), "-o", folder.file("out.mkv")])
      try await run.wait("two reconnects", limit: 30) { run.number("reconnects") >= 2 }
      try await run.waitForFrames(10)
      try await run.interrupt()
      let times = try await FFprobe.frames(of: folder.file("out.mkv")).map(\.time)
      #expect(zip(times.dropFirst(), times).allSatisfy { $0 > $1 }, "times never run backwards")
      #expect((times.last ?? 0) > 4, "the time without frames has passed in the recording too: \(times.last ?? 0) s")
      #expect(try await FFmpeg.complaints(about: folder.file("out.mkv")).isEmpty)
    }

    /// The camera is killed and comes back, several times: frames flow again within three seconds, and nothing grows.
    @Test func cameraComesBack() async throws {
      let clip = try await Clips.camera.path()
      var camera = try await Rig.camera(clip)
      let port = camera.port
      let run = try LiveRun([camera.url(), "-o", "null"], timeout: 120)
      try await run.waitForFrames(25)
      var first: ProcessUse?
      for cycle in 0..<3 {
        try await camera.kill()
        try await run.wait("the loss is noticed") { run.status?["source_state"] != "streaming" }
        try await Task.sleep(for: .seconds(1))
        camera = try await Rig.camera(clip, port: port)
        let back = ContinuousClock.now
        let reconnects = run.number("reconnects")
        try await run.wait("frames flow again") { run.number("reconnects") > reconnects && run.number("out_fps") > 1 }
        // The status line comes once a second.
        #expect(ContinuousClock.now - back < .seconds(4), "cycle \(cycle)")
        try await run.waitForFrames(15)
        let use = try ProcessUse(of: run.processIdentifier)
        if let first {
          #expect(use.descriptors <= first.descriptors, "cycle \(cycle)")
          #expect(use.threads <= first.threads, "cycle \(cycle)")
        } else {
          first = use
        }
      }
      try await run.interrupt()
    }

    /// Another camera at the same address: the recording goes on at the size it has.
    @Test func cameraIsReplaced() async throws {
      let folder = try TemporaryDirectory()
      let larger = folder.file("larger.mp4")
      try await FFmpeg.run(
        ["-t", "20", "-i", try await Clips.camera.path(), "-vf", "scale=640:480", "-c:v", "libx265", "-x265-params"]
          + ["log-level=error:bframes=0:keyint=25", "-preset", "ultrafast", "-c:a", "copy", larger])
      let camera = try await Rig.camera(try await Clips.camera.path())
      let port = camera.port
      let run = try LiveRun([camera.url(), "-o", folder.file("out.mkv")])
      try await run.waitForFrames(25)
      try await camera.kill()
      let other = try await Rig.camera(larger, port: port)
      try await run.wait("it is back") { run.number("reconnects") >= 1 }
      try await run.waitForFrames(25)
      try await run.interrupt()
      _ = other
      let video = try await FFprobe.inspect(folder.file("out.mkv")).streams.first
      #expect(video?.width == 320)
      #expect(try await FFmpeg.complaints(about: folder.file("out.mkv")).isEmpty)
    }
  }
}

/// What a process holds.
struct ProcessUse {
  let descriptors: Int
  let threads: Int
  /// Kibibytes in memory.
  let resident: Int

  init(of process: Int32) throws {
    descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
    threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").count
    let status = String(decoding: try Files.read("/proc/\(process)/status"), as: UTF8.self)
    resident = status.firstMatch(of: /VmRSS:\s+(\d+)/).flatMap { Int($0.1) } ?? 0
  }
}
