/// The `ffmpeg` command, as the independent judge of what a file contains.
public enum FFmpeg {
  /// Runs ffmpeg quietly; throws if it fails.
  @discardableResult
  public static func run(_ arguments: [String], timeout: Double = 120) async throws -> ProcessResult {
    let result = try await Subprocess.run(
      "ffmpeg", ["-nostdin", "-hide_banner", "-v", "error", "-y"] + arguments, timeout: timeout)
    guard result.status == 0 else { throw ProcessError.failed(result) }
    return result
  }

  /// MD5 of every decoded frame of a stream, in output order.
  ///
  /// - Parameters:
  ///   - stream: stream specifier such as `v:0`.
  ///   - format: pixel format to repack into, for files that store the same samples in another layout;
  ///     `nil` hashes the samples as decoded.
  ///   - filter: a filter graph to apply first, e.g. `alphaextract`.
  ///   - options: input options. Display rotation is not applied unless they say so.
  public static func frameHashes(
    of path: String, stream: String = "v:0", format: String? = nil, filter: String? = nil,
    options: [String] = ["-noautorotate"]
  ) async throws -> [String] {
    var arguments = options + ["-i", path, "-map", "0:\(stream)", "-fps_mode", "passthrough"]
    if let filter { arguments += ["-vf", filter] }
    if let format { arguments += ["-pix_fmt", format, "-sws_flags", "accurate_rnd+bitexact"] }
    let result = try await run(arguments + ["-f", "framemd5", "-"])
    return result.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
      $0.split(separator: ",").last.map { $0.trimmingSpaces() }
    }
  }

  /// Samples of the first `frames` decoded frames in a pixel format, one after the other.
  public static func pixels(
    of path: String, format: String, frames: Int? = nil, filter: String? = nil
  ) async throws -> [UInt8] {
    var arguments = ["-noautorotate", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough"]
    if let frames { arguments += ["-frames:v", String(frames)] }
    if let filter { arguments += ["-vf", filter] }
    return try await run(
      arguments + ["-pix_fmt", format, "-sws_flags", "accurate_rnd+full_chroma_int", "-f", "rawvideo", "-"]
    ).standardOutput
  }

  /// MD5 of all packets of a stream, as stored.
  public static func packetHash(of path: String, stream: String) async throws -> String {
    try await run(["-i", path, "-map", "0:\(stream)", "-c", "copy", "-f", "streamhash", "-hash", "md5", "-"]).text
      .split(separator: "=").last.map { $0.trimmingSpaces() } ?? ""
  }

  /// Decodes a whole file; the messages that ffmpeg has about it, none for a sound file.
  public static func complaints(about path: String) async throws -> String {
    try await Subprocess.run(
      "ffmpeg",
      ["-nostdin", "-hide_banner", "-v", "error", "-xerror", "-i", path, "-map", "0:v"]
        // Irregular times are none of the file's faults.
        + ["-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"], timeout: 120
    ).standardError
  }

  /// Writes packed pixels (`rgb24` unless told) as a picture or clip; the extension of `path` says the format.
  public static func write(
    pixels: [UInt8], width: Int, height: Int, format: String = "rgb24", to path: String, options: [String] = []
  ) async throws {
    let scratch = try TemporaryDirectory()
    let raw = try scratch.write(pixels, to: "pixels.raw")
    let input = ["-f", "rawvideo", "-pixel_format", format, "-video_size", "\(width)x\(height)", "-i", raw]
    try await run(input + options + [path])
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> String { String(drop { $0 == " " }.prefix { !$0.isWhitespace }) }
}
