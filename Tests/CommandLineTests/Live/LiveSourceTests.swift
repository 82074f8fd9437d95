import Foundation
import TestSupport
import Testing

extension LiveTests {
  /// Every kind of source, to the end of the way.
  @Suite struct LiveSourceTests {
    /// A file plays as a camera: at its pace, every frame once, sound and times as they were.
    @Test func fileAtItsPace() async throws {
      let input = try await Clips.everyday.path()
      let folder = try TemporaryDirectory()
      let frames = try await FFprobe.frames(of: input)
      let begin = ContinuousClock.now
      let run = try LiveRun([
        input, "--realtime", "-o", folder.file("out.mkv"), "--json", "--report", folder.file("r.csv"),
      ])
      let result = try await run.result()
      #expect(result.status == 0, "\(result)")
      let length = (frames.last?.time ?? 0) - (frames.first?.time ?? 0)
      #expect((ContinuousClock.now - begin) / .seconds(1) > length * 0.9, "not faster than it was taken")
      let made = try await FFprobe.frames(of: folder.file("out.mkv"))
      #expect(made.count == frames.count)
      let shift = (made.first?.time ?? 0) - (frames.first?.time ?? 0)
      for (one, other) in zip(made, frames) { #expect(abs(one.time - other.time - shift) < 0.002) }
      let rows = String(decoding: try Files.read(folder.file("r.csv")), as: UTF8.self).split(separator: "\n")
      #expect(rows.count == frames.count + 1)
      #expect(rows.first?.hasPrefix("frame,pts_seconds,decode_ms") == true)
      #expect(result.text.contains("\"frames_dropped\":0"))
    }

    @Test func datagrams() async throws {
      let folder = try TemporaryDirectory()
      let datagrams = try Datagrams(try await Clips.camera.path())
      let run = try LiveRun([datagrams.url, "-o", folder.file("out.mp4"), "--frames", "50"])
      let result = try await run.result()
      #expect(result.status == 0, "\(result)")
      let kinds = try await FFprobe.inspect(folder.file("out.mp4")).streams.map(\.codecName)
      #expect(kinds == ["h264", "aac"])
      #expect(try await FFprobe.frames(of: folder.file("out.mp4")).count == 50)
      #expect(try await FFmpeg.complaints(about: folder.file("out.mp4")).isEmpty)
    }

    /// MJPEG over HTTP, which has no times of its own.
    @Test func motionJPEG() async throws {
      let folder = try TemporaryDirectory()
      let port = try Datagrams.freePort()
      let server = try Subprocess(
        "ffmpeg",
        ["-nostdin", "-v", "error", "-re", "-i", try await Clips.camera.path(), "-an", "-c:v", "mjpeg", "-q:v", "5"]
          + ["-f", "mpjpeg", "-listen", "1", "http://127.0.0.1:\(port)/camera"])
      let run = try LiveRun(["http://127.0.0.1:\(port)/camera", "-o", folder.file("out.mkv"), "--frames", "40"])
      let result = try await run.result()
      #expect(result.status == 0, "\(result)")
      let times = try await FFprobe.frames(of: folder.file("out.mkv")).map(\.time)
      #expect(times.count == 40)
      let length = (times.last ?? 0) - (times.first ?? 0)
      #expect(length > 1.2 && length < 3, "39 frames at 25 Hz as they came: \(length) s")
      server.send(SIGKILL)
    }

    /// HTTP Live Streaming brings whole segments at once; they are played at their pace, and the end is the end.
    @Test func playlist() async throws {
      let folder = try TemporaryDirectory()
      try await FFmpeg.run(
        ["-t", "5", "-i", try await Clips.camera.path(), "-c", "copy", "-hls_time", "2", "-hls_list_size", "0"]
          + [folder.file("camera.m3u8")])
      let server = try Subprocess(
        "python3", ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"], directory: folder.path)
      var port: Substring?
      for _ in 0..<200 where port == nil {
        try await Task.sleep(for: .milliseconds(50))
        port = server.standardOutputSoFar.firstMatch(of: /port (\d+)/)?.1
      }
      let run = try LiveRun([
        "http://127.0.0.1:\(try #require(port))/camera.m3u8", "-o", folder.file("out.mkv"), "--json",
      ])
      let result = try await run.result()
      #expect(result.status == 0, "\(result)")
      #expect(try await FFprobe.frames(of: folder.file("out.mkv")).count == 125)
      #expect(result.text.contains("\"frames_dropped\":0"))
      server.send(SIGKILL)
    }

    @Test(arguments: ["h264", "h265"]) func camera(codec: String) async throws {
      let folder = try TemporaryDirectory()
      let clip = codec == "h264" ? Clips.camera : Clips.cameraH265
      let camera = try await Rig.camera(
        try await clip.path(), options: ["--user", "me", "--password", "s3cret", "--digest"])
      let receiver = try await Rig.receiver(writing: folder.file("got.mkv"), codecs: ["h264", "aac"])
      let run = try LiveRun([camera.url(user: "me:s3cret"), "-o", receiver.url(), "-o", "null"])
      try await run.waitForFrames(75)
      #expect(run.number("latency_p99_ms") < 200)
      let result = try await run.interrupt()
      #expect(!result.standardError.contains("s3cret"))
      try await receiver.stop()
      #expect(try await FFprobe.frames(of: folder.file("got.mkv")).count >= 60)
      #expect(try await FFmpeg.complaints(about: folder.file("got.mkv")).isEmpty)
    }

    /// From one program into another, and out again.
    @Test func pipes() async throws {
      let result = try await Program.shell(
        """
        ffmpeg -nostdin -v error -re -t 4 -i \(try await Clips.camera.path()) -c copy -f mpegts - \
          | $ZDCE live - -o - --format mpegts --preset ultrafast --quiet | ffprobe -v error -count_frames \
          -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 -
        """)
      #expect(result.status == 0, "\(result)")
      let count = result.text.firstMatch(of: /\d+/).flatMap { Int($0.0) } ?? 0
      #expect((70...100).contains(count), "\(count) of 100 frames; what is read to find out about the stream is late")
    }
  }
}
