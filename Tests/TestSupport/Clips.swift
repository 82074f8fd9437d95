import Foundation

/// A short test clip made by ffmpeg, once in a test run.
public struct Clip: Sendable, CustomStringConvertible {
  /// File name; the extension says the container. Names are unique.
  public let name: String
  /// Makes the file at the path that it is given.
  public let make: @Sendable (_ path: String) async throws -> Void

  /// Describes a clip; it is made when `path()` is first asked for.
  public init(_ name: String, make: @escaping @Sendable (_ path: String) async throws -> Void) {
    self.name = name
    self.make = make
  }

  /// A clip of dark moving content with sensor noise.
  ///
  /// - Parameters:
  ///   - frames: number of frames.
  ///   - format: pixel format that the encoder is given.
  ///   - filter: appended to the filter graph, before the pixel format.
  ///   - encoder: encoder and muxer options.
  public init(
    _ name: String, size: String = "176x144", rate: String = "25", frames: Int = 30, format: String = "yuv420p",
    filter: String? = nil, encoder: [String]
  ) {
    self.init(name) { path in
      let source = Clips.darkSource(size: size, rate: rate, filter: filter, format: format)
      try await FFmpeg.run(
        ["-f", "lavfi", "-i", source, "-frames:v", String(frames)] + encoder + [path])
    }
  }

  /// The file; made at the first call. Tests must not change it.
  public func path() async throws -> String { try await ClipFactory.shared.path(of: self) }

  /// The name.
  public var description: String { name }
}

/// Sources and recipes that several suites use.
public enum Clips {
  /// A lavfi graph: a moving test picture at a quarter of its brightness, with noise that changes on every frame.
  public static func darkSource(
    size: String = "176x144", rate: String = "25", filter: String? = nil, format: String = "yuv420p"
  ) -> String {
    let dark = "colorlevels=romax=0.28:gomax=0.25:bomax=0.22"
    let parts = ["testsrc2=size=\(size):rate=\(rate)", "format=rgb24", dark, "noise=alls=7:allf=t:all_seed=7"]
    return (parts + [filter, "format=\(format)"].compactMap { $0 }).joined(separator: ",")
  }

  /// x264, three B-frames, a key frame every twelve frames.
  public static let x264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "12"]

  /// A one-second stereo tone.
  public static let tone = "sine=frequency=440:sample_rate=48000:duration=1.2,aformat=channel_layouts=stereo"

  /// H.264 with B-frames and AAC in MP4: the everyday file.
  public static let everyday = Clip("everyday.mp4") { path in
    try await FFmpeg.run(
      ["-f", "lavfi", "-i", darkSource(), "-f", "lavfi", "-i", tone, "-t", "1.2", "-shortest"]
        + x264 + ["-c:a", "aac", "-b:a", "96k", path])
  }

  /// The same in Matroska.
  public static let everydayMKV = Clip("everyday.mkv") { path in
    try await FFmpeg.run(["-i", try await everyday.path(), "-map", "0", "-c", "copy", path])
  }

  /// Lossless picture-only clip: what goes in is known exactly.
  public static let lossless = Clip("lossless.mkv", encoder: ["-c:v", "ffv1"])

  /// Frame times that keep jumping: 40 ms steps with gaps of 120 and 280 ms.
  public static let variableRate = "select='not(eq(mod(n,5),3)+eq(mod(n,7),2)+between(n,20,25))'"

  /// One dark frame as a picture of the given format.
  public static func picture(
    _ name: String, size: String = "160x120", format: String = "rgb24", options: [String] = []
  ) -> Clip {
    Clip(name) { path in
      let source = darkSource(size: size, format: format)
      try await FFmpeg.run(["-f", "lavfi", "-i", source, "-frames:v", "1"] + options + [path])
    }
  }

  /// What a camera sends for six minutes: H.264 without B-frames, a key frame each second, and AAC. 320x240, 25 fps.
  /// One slice to a frame: GStreamer's payloader puts headers before each slice of a key frame, as if it were a frame.
  public static let camera = cameraClip(
    "camera.mp4", encoder: ["-c:v", "libx264", "-tune", "zerolatency", "-threads", "1"])

  /// The same in H.265.
  public static let cameraH265 = cameraClip(
    "camera-h265.mp4", encoder: ["-c:v", "libx265", "-x265-params", "log-level=error:bframes=0:keyint=25"])

  private static func cameraClip(_ name: String, encoder: [String]) -> Clip {
    Clip(name) { path in
      let part = Clip("part-of-" + name) { path in
        try await FFmpeg.run(
          ["-f", "lavfi", "-i", darkSource(size: "320x240"), "-f", "lavfi", "-i", tone.replacing("1.2", with: "6")]
            + ["-t", "6"] + encoder + ["-preset", "ultrafast", "-g", "25", "-c:a", "aac", "-b:a", "64k", path])
      }
      try await FFmpeg.run(["-stream_loop", "59", "-i", try await part.path(), "-c", "copy", path])
    }
  }

  /// A clip that takes a slow encoder tens of seconds: 2400 frames.
  public static let long = Clip("long.mp4") { path in
    let part = Clip("long-part.mp4", size: "320x240", frames: 60, encoder: x264)
    try await FFmpeg.run(["-stream_loop", "39", "-i", try await part.path(), "-c", "copy", path])
  }
}

/// Makes clips once and keeps them until the test run ends.
actor ClipFactory {
  static let shared = ClipFactory()

  private var made: [String: Task<String, any Error>] = [:]
  private let folder: Result<TemporaryDirectory, any Error>

  private init() {
    folder = Result { try TemporaryDirectory(prefix: "zdce-clips") }
    if case .success(let folder) = folder {
      let path = folder.path
      ClipFactory.removeAtExit(path)
    }
  }

  func path(of clip: Clip) async throws -> String {
    let path = try folder.get().file(clip.name)
    if let task = made[clip.name] { return try await task.value }
    let task = Task {
      try await clip.make(path)
      return path
    }
    made[clip.name] = task
    return try await task.value
  }

  /// The factory lives as long as the process, so its `deinit` never runs.
  private static func removeAtExit(_ path: String) {
    folderToRemove = strdup(path)
    atexit {
      guard let folder = ClipFactory.folderToRemove else { return }
      try? FileManager.default.removeItem(atPath: String(cString: folder))
    }
  }

  /// Written once, before `atexit` is called with the only reader.
  private nonisolated(unsafe) static var folderToRemove: UnsafeMutablePointer<CChar>?
}
