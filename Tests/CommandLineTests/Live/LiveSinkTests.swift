import Foundation
import TestSupport
import Testing

extension LiveTests {
  /// Sinks: each on its own, whatever happens to the others.
  @Suite struct LiveSinkTests {
    /// kill -9 in the middle of a recording: every finished segment plays, and the last one up to its last fragment.
    @Test(arguments: ["mp4", "mkv"]) func killedWhileRecording(kind: String) async throws {
      let folder = try TemporaryDirectory()
      let run = try LiveRun(
        [try await Clips.camera.path(), "--realtime", "-o", folder.file("%Y/%H-%M-%S.\(kind)"), "--segment", "3"])
      try await run.wait("a third segment with something in it") {
        let files = (try? folder.contents().filter { $0.hasSuffix(kind) }) ?? []
        return files.count >= 3 && Files.size(folder.file(files.last!)) > 20_000
      }
      run.send(SIGKILL)
      _ = try await run.result()
      let files = try folder.contents().filter { $0.hasSuffix(kind) }
      for file in files.dropLast() {
        #expect(try await FFmpeg.complaints(about: folder.file(file)).isEmpty, "\(file)")
        let times = try await FFprobe.frames(of: folder.file(file)).map(\.time)
        #expect(times.count >= 45 && (times.first ?? 1) < 0.1, "\(file) has \(times.count) frames")
      }
      #expect(try await FFprobe.frames(of: folder.file(files.last!)).count > 0)
    }

    /// No frame is lost from one segment to the next, and only as many are kept as wanted.
    @Test func segmentsFollowEachOther() async throws {
      let folder = try TemporaryDirectory()
      try folder.write([1], to: "notes.mp4")
      let input = try await Clips.camera.path()
      let all = try LiveRun(
        [input, "--realtime", "-o", folder.file("all-%H-%M-%S.mp4"), "--segment", "2", "--frames", "150"])
      let few = try LiveRun(
        [input, "--realtime", "-o", folder.file("%H-%M-%S.mp4"), "--segment", "1", "--keep", "2", "--frames", "150"])
      for run in [all, few] {
        let result = try await run.result()
        #expect(result.status == 0, "\(result)")
      }
      let files = try folder.contents()
      var count = 0
      for file in files where file.hasPrefix("all-") { count += try await FFprobe.frames(of: folder.file(file)).count }
      #expect(count == 150)
      #expect(files.filter { !$0.hasPrefix("all-") }.count == 3, "two segments, and what is none: \(files)")
    }

    /// Cameras speak G.711, for which MP4 has no place.
    @Test func soundOfCamerasIsRecorded() async throws {
      let folder = try TemporaryDirectory()
      let input = folder.file("camera.mkv")
      _ = try await FFmpeg.run([
        "-f", "lavfi", "-i", "testsrc2=s=320x240:r=10:d=6", "-f", "lavfi", "-i", "sine=d=6:r=8000", "-c:v", "libx264",
        "-g", "10", "-c:a", "pcm_alaw", input,
      ])
      let run = try LiveRun([input, "--realtime", "-o", folder.file("all-%s.mp4"), "--segment", "2"])
      let result = try await run.result()
      #expect(result.status == 0, "\(result)")
      #expect(run.hasSaid("QuickTime"))
      let files = try folder.contents().filter { $0.hasSuffix("mp4") }
      #expect(files.count >= 3, "\(files)")
      for file in files {
        #expect(try await FFmpeg.complaints(about: folder.file(file)).isEmpty, "\(file)")
        let streams = try await FFprobe.inspect(folder.file(file)).streams
        #expect(streams.map(\.codecName) == ["h264", "pcm_alaw"], "\(file)")
        #expect(try await FFprobe.packets(of: folder.file(file), stream: "a:0").count > 0, "\(file)")
      }
    }

    /// A receiver that does not listen, one that takes nothing, and one that dies hold up nobody.
    @Test func deadSinksHoldUpNobody() async throws {
      let folder = try TemporaryDirectory()
      let silent = try await Rig.faulty(.silent)
      let receiver = try await Rig.receiver(writing: folder.file("got.mkv"), codecs: ["h264", "aac"])
      let refused = "rtmp://127.0.0.1:\(try Datagrams.freePort())/live"
      let run = try LiveRun(
        [try await Clips.camera.path(), "--realtime", "-o", folder.file("out.mkv"), "-o", silent.url(), "-o", refused]
          + ["-o", receiver.url(), "-o", folder.file("www.m3u8"), "--open-timeout", "1", "--read-timeout", "1"])
      try await run.waitForFrames(50)
      try await receiver.kill()
      try await run.waitForFrames(50)
      #expect(run.number("frames_dropped") == 0)
      #expect(run.number("latency_p99_ms") < 200)
      #expect(run.hasSaid("nothing listens there"))
      #expect(run.hasSaid("has taken nothing for 1 s"))
      let frames = run.number("frames_out")
      try await run.interrupt()
      #expect(Double(try await expectPlayable(folder.file("out.mkv"))) >= frames)
      #expect(try await expectPlayable(folder.file("www.m3u8")) > 50)
    }

    /// A receiver that comes back is sent to again.
    @Test func receiverComesBack() async throws {
      let folder = try TemporaryDirectory()
      let first = try await Rig.receiver(writing: folder.file("first.mkv"), codecs: ["h264", "aac"])
      let port = first.port
      let run = try LiveRun([try await Clips.camera.path(), "--realtime", "-o", first.url()])
      try await run.waitForFrames(25)
      try await first.kill()
      try await run.wait("the loss is noticed") { run.hasSaid("next attempt") }
      let second = try await Rig.receiver(writing: folder.file("second.mkv"), codecs: ["h264", "aac"], port: port)
      try await run.waitForFrames(100)
      try await run.interrupt()
      try await second.stop()
      #expect(try await FFprobe.frames(of: folder.file("second.mkv")).count > 20)
    }

    /// A pipe whose reader takes nothing loses frames; the others lose none.
    @Test func blockedPipe() async throws {
      let folder = try TemporaryDirectory()
      let pipe = Pipe()
      let process = try Program.start(
        ["live", try await Clips.camera.path(), "--realtime", "-o", "-", "--format", "mpegts", "--bitrate", "4M"]
          + ["-o", folder.file("out.mkv"), "--duration", "6", "--preset", "ultrafast"],
        output: pipe.fileHandleForWriting)
      let result = try await process.result()
      #expect(result.status == 0, "\(result)")
      #expect(try await FFprobe.frames(of: folder.file("out.mkv")).count >= 145)
      _ = pipe
    }

    @Test func nothingIsOverwritten() async throws {
      let folder = try TemporaryDirectory()
      try folder.write([1, 2, 3], to: "out.mkv")
      let input = try await Clips.camera.path()
      let result = try await Program.run(["live", input, "--realtime", "-o", folder.file("out.mkv")])
      #expect(result.status == 1 && result.standardError.contains("exists"), "\(result)")
      #expect(Files.size(folder.file("out.mkv")) == 3)
    }
  }
}
