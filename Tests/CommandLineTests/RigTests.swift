import Foundation
import TestSupport
import Testing

/// The servers that the tests of live cameras rely on do what their names say, as seen by ffmpeg.
@Suite(.serialized) struct RigTests {
  /// Seconds of video that a client gets within `limit` seconds.
  private func seconds(
    of url: String, limit: Double, transport: String = "tcp"
  ) async throws -> (video: Double, codecs: [String?]) {
    let folder = try TemporaryDirectory()
    let path = folder.file("got.nut")
    let client = try Subprocess(
      "ffmpeg",
      ["-nostdin", "-v", "error", "-rtsp_transport", transport, "-i", url]
        + ["-c", "copy", "-flush_packets", "1", path], timeout: limit)
    await #expect(throws: ProcessError.self) { try await client.result() }
    let times = try await FFprobe.packets(of: path, stream: "v:0").map(\.time)
    return ((times.max() ?? 0) - (times.min() ?? 0), try await FFprobe.inspect(path).streams.map(\.codecName))
  }

  @Test func cameraPlaysAtRealTime() async throws {
    let camera = try await Rig.camera(try await Clips.camera.path())
    let got = try await seconds(of: camera.url(), limit: 4)
    #expect(got.codecs == ["h264", "aac"])
    #expect(got.video > 2 && got.video < 4.5, "\(got.video) s in 4 s")
  }

  @Test func cameraFallsSilent() async throws {
    let camera = try await Rig.camera(try await Clips.cameraH265.path(), options: ["--stop-after", "1"])
    let got = try await seconds(of: camera.url(), limit: 5)
    #expect(got.codecs == ["hevc", "aac"])
    #expect(got.video < 2.5, "\(got.video) s")
  }

  @Test func connectionBreaks() async throws {
    let camera = try await Rig.camera(try await Clips.camera.path())
    let faulty = try await Rig.faulty(.cut(camera, after: 2))
    let began = ContinuousClock.now
    _ = try await Subprocess.run(
      "ffmpeg", ["-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", faulty.url(), "-f", "null", "-"])
    #expect(ContinuousClock.now - began < .seconds(30), "the camera would send for six minutes")
  }

  @Test func passwords() async throws {
    let camera = try await Rig.camera(
      try await Clips.camera.path(), options: ["--user", "me", "--password", "secret", "--digest"])
    for (user, status) in [("me:secret", Int32(0)), ("me:wrong", 1)] {
      let result = try await Subprocess.run(
        "ffprobe", ["-v", "error", "-rtsp_transport", "tcp", camera.url(user: user)])
      #expect(result.status == status, "\(result)")
    }
  }

  @Test func receiverWrites() async throws {
    let folder = try TemporaryDirectory()
    let receiver = try await Rig.receiver(writing: folder.file("got.mkv"), codecs: ["h264", "aac"])
    try await FFmpeg.run(
      ["-re", "-t", "2", "-i", try await Clips.camera.path(), "-c", "copy"]
        + ["-f", "rtsp", "-rtsp_transport", "tcp", receiver.url()])
    try await receiver.stop()
    #expect(try await FFprobe.frames(of: folder.file("got.mkv")).count >= 45)
  }
}
