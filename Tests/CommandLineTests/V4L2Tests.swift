import Foundation
import TestSupport
import Testing

/// v4l2 cameras: the kernel's own virtual one, vivid, in a virtual machine without hardware support.
///
/// Tests/Rigs/v4l2/cameras.sh uses the camera there, once for all tests; here is looked at what it left behind.
///
/// `make test-v4l2` runs them; the other tests do without, since a machine in software takes both processors for minutes.
@Suite(.serialized, .timeLimit(.minutes(6)), .enabled(if: ProcessInfo.processInfo.environment["ZDCE_V4L2"] != nil))
struct V4L2Tests {
  /// The folder of what ran in the virtual machine, among the products of the build; or why it could not.
  private static let machine = Task { () async throws -> String in
    let rigs = Package.path + "/Tests/Rigs/v4l2/"
    let kernel = Package.path + "/.build/v4l2-kernel"
    let folder = Package.path + "/.build/v4l2-results"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let got = try await Subprocess.run(rigs + "get-kernel.sh", [kernel], timeout: 300)
    guard got.status == 0 else { throw ProcessError.failed(got) }
    let ran = try await Subprocess.run(
      rigs + "boot.sh", [kernel, folder, rigs + "cameras.sh", try Program.located()], timeout: 200)
    guard ran.status == 0, try text("status", in: folder) == "0\n" else {
      throw ProcessError.unexpectedOutput(command: ran.command, text: ran.text + ran.standardError)
    }
    return folder
  }

  private static func text(_ name: String, in folder: String) throws -> String {
    String(decoding: try Files.read(folder + "/" + name), as: UTF8.self)
  }

  private func text(_ name: String) async throws -> String { try Self.text(name, in: try await Self.machine.value) }
  private func path(_ name: String) async throws -> String { try await Self.machine.value + "/" + name }

  @Test func listsModes() async throws {
    struct Device: Decodable {
      struct Mode: Decodable {
        let inputFormat: String
        let videoSize: String
        let framerates: [Double]
      }
      let path: String
      let driver: String
      let modes: [Mode]
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let devices = try decoder.decode([Device].self, from: Data(try await text("devices.json").utf8))
    #expect(devices.map(\.path) == ["/dev/video0"] && devices.first?.driver == "vivid")
    let modes = devices.first?.modes ?? []
    // The larger the picture of this camera, the fewer it offers in a second.
    for format in ["yuyv422", "nv12"] {
      for (size, greatest) in [("320x180", 60.0), ("640x360", 40), ("1280x720", 12.5), ("3840x2160", 2)] {
        let mode = modes.first { $0.inputFormat == format && $0.videoSize == size }
        #expect(mode?.framerates.max() == greatest && mode?.framerates.contains(1) == true, "\(format) \(size)")
      }
    }
    let listed = try await text("devices.txt")
    #expect(listed.contains("--input-format yuyv422  --video-size 640x360  --framerate "), "\(listed)")
  }

  @Test(arguments: [
    ("yuyv", 320, 180, 5), ("nv12", 640, 360, 10), ("any", 640, 480, 5), ("large", 1280, 720, 5),
  ])
  func captures(name: String, width: Int, height: Int, frames: Int) async throws {
    let errors = try await text(name + ".err")
    #expect(try await text(name + ".status") == "0\n", "\(errors)")
    let file = try await path(name + ".mkv")
    #expect(try await expectPlayable(file) == frames)
    let video = try #require(try await FFprobe.inspect(file).video)
    #expect(video.width == width && video.height == height)
    // Colour bars of several colours, not one of a frame that never arrived.
    let pixels = try await FFmpeg.pixels(of: file, format: "gray", frames: 1)
    #expect((pixels.max() ?? 0) - (pixels.min() ?? 0) > 100)
  }

  /// Frames come as often as they were asked for, as far as they are not dropped on a slow machine.
  @Test func keepsTheRate() async throws {
    let times = try await FFprobe.frames(of: try await path("nv12.mkv")).map(\.time)
    let steps = zip(times.dropFirst(), times).map { $0 - $1 }.sorted()
    #expect(steps.count > 3 && abs(steps[0] - 0.1) < 0.03, "\(steps)")
  }

  /// Modes that the camera does not have: one clear line, and the end that was asked for.
  @Test(arguments: ["nosize", "nomjpeg"])
  func unknownMode(name: String) async throws {
    let errors = try await text(name + ".err")
    let file = try await path(name + ".mkv")
    if try await text(name + ".status") == "0\n" {
      // Drivers may choose the nearest mode that they have.
      try await expectPlayable(file)
    } else {
      #expect(try await text(name + ".status") == "1\n", "\(errors)")
      #expect(errors.contains("/dev/video0"), "\(errors)")
    }
  }

  @Test func unpluggedForGood() async throws {
    let errors = try await text("unplugged.err")
    #expect(try await text("unplugged.status") == "1\n", "\(errors)")
    #expect(errors.contains("/dev/video0"), "\(errors)")
    #expect(try await text("unplugged.ls").contains("No such file"), "the device was gone")
    try await expectPlayable(try await path("unplugged.mkv"))
  }

  @Test func pluggedInAgain() async throws {
    let errors = try await text("replugged.err")
    #expect(try await text("replugged.status") == "130\n", "\(errors)")
    let file = try await path("replugged.mkv")
    try await expectPlayable(file)
    let times = try await FFprobe.frames(of: file).map(\.time)
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    #expect(gaps.allSatisfy { $0 > 0 }, "times go on")
    #expect((gaps.max() ?? 0) > 1, "and tell how long it was away: \(gaps)")
  }
}
