import Foundation
import TestSupport
import Testing

extension LiveTests {
  /// Ways over the network, in and out, each with ffmpeg or GStreamer at the other end.
  @Suite struct LiveTransportTests {
    /// RTSP over TLS, with a certificate of the camera's own, as cameras have.
    @Test func encryptedCamera() async throws {
      let folder = try TemporaryDirectory()
      let (key, certificate) = (folder.file("key.pem"), folder.file("certificate.pem"))
      let made = try await Subprocess.run(
        "openssl",
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2"]
          + ["-subj", "/CN=localhost"])
      try #require(made.status == 0, "\(made)")
      try folder.write(try Files.read(key) + Files.read(certificate), to: "both.pem")
      let camera = try await Rig.camera(
        try await Clips.camera.path(), options: ["--certificate", folder.file("both.pem")])
      let run = try LiveRun([
        camera.url().replacing("rtsp://", with: "rtsps://"), "-o", folder.file("out.mkv"), "--frames", "50",
      ])
      try await expectRecording(run, folder.file("out.mkv"), frames: 50...50)
    }

    /// The sender listens, and comes when it pleases.
    @Test func reliableTransportIn() async throws {
      let folder = try TemporaryDirectory()
      let url = "srt://127.0.0.1:\(try Datagrams.freePort())"
      let sender = try play(try await Clips.camera.path(), format: "mpegts", to: url + "?mode=listener")
      let run = try LiveRun([url, "-o", folder.file("out.mkv"), "--frames", "50"])
      try await expectRecording(run, folder.file("out.mkv"), frames: 50...50)
      sender.send(SIGKILL)
    }

    @Test func realTimeProtocolIn() async throws {
      let folder = try TemporaryDirectory()
      let url = "rtp://127.0.0.1:\(try Datagrams.freePort())"
      let sender = try play(try await Clips.camera.path(), format: "rtp_mpegts", to: url)
      let run = try LiveRun([url, "-o", folder.file("out.mkv"), "--frames", "50"])
      try await expectRecording(run, folder.file("out.mkv"), frames: 50...50)
      sender.send(SIGKILL)
    }

    /// What goes out arrives whole, sound too, once the receiver is there.
    @Test(arguments: ["srt", "rtmp", "udp"]) func sinks(scheme: String) async throws {
      let folder = try TemporaryDirectory()
      let got = folder.file(scheme == "rtmp" ? "got.flv" : "got.ts")
      let url = "\(scheme)://127.0.0.1:\(try Datagrams.freePort())" + (scheme == "rtmp" ? "/live/camera" : "")
      let listening = ["rtmp": ["-listen", "1", "-i", url], "srt": ["-i", url + "?mode=listener"]][scheme]
      let receiver = try Subprocess(
        "ffmpeg", ["-nostdin", "-v", "error"] + (listening ?? ["-t", "4", "-i", url]) + ["-c", "copy", got])
      // Of datagrams, whoever comes after a key frame misses everything up to the next one.
      if scheme == "udp" { try await Task.sleep(for: .seconds(1)) }
      let run = try LiveRun([
        try await Clips.camera.path(), "--realtime", "-o", url, "--frames", "175", "--reconnect-max-delay", "0.5s",
      ])
      let result = try await run.result()
      #expect(result.status == 0, "\(result)")
      _ = try await receiver.result()
      try await expectRecording(run, got, frames: 75...175)
      #expect(try await FFprobe.inspect(got).streams.compactMap(\.codecName).sorted() == ["aac", "h264"])
    }

    private func play(_ file: String, format: String, to url: String) throws -> Subprocess {
      try Subprocess("ffmpeg", ["-nostdin", "-v", "error", "-re", "-i", file, "-c", "copy", "-f", format, url])
    }

    private func expectRecording(
      _ run: LiveRun, _ file: String, frames: ClosedRange<Int>, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let result = try await run.result()
      #expect(result.status == 0, "\(result)", sourceLocation: sourceLocation)
      let times = try await FFprobe.frames(of: file).map(\.time)
      #expect(frames.contains(times.count), "\(times.count)", sourceLocation: sourceLocation)
      #expect(zip(times.dropFirst(), times).allSatisfy { $0 > $1 }, sourceLocation: sourceLocation)
    }
  }
}
