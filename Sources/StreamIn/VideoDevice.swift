internal import CFFmpegShims
internal import Foundation

/// A v4l2 camera and what it can do.
public struct VideoDevice: Sendable {
  /// What a camera can be asked for.
  public struct Mode: Sendable {
    /// FFmpeg's name of the pixel format or codec, as `LiveSourceOptions.inputFormat` takes it; the kernel's four
    /// characters where FFmpeg knows none.
    public var format: String
    /// "1280x720".
    public var size: String
    /// Frames per second; of a range, the highest.
    public var rates: [Double]
  }

  /// "/dev/video0".
  public var path: String
  /// What it calls itself.
  public var name: String
  /// The kernel's driver.
  public var driver: String
  /// In the order of the device.
  public var modes: [Mode]

  private static let maximumModes = 1000

  /// The cameras that this process may open, in the order of their numbers.
  public static func all() -> [VideoDevice] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []
    return names.compactMap { $0.hasPrefix("video") ? Int($0.dropFirst(5)) : nil }.sorted()
      .compactMap { VideoDevice("/dev/video\($0)") }
  }

  private init?(_ path: String) {
    var device = zdv_v4l2_device()
    let descriptor = zdv_v4l2_open(path, &device)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    self.path = path
    name = withUnsafeBytes(of: device.card) { Self.text($0) }
    driver = withUnsafeBytes(of: device.driver) { Self.text($0) }
    modes = []
    var mode = zdv_v4l2_mode()
    while modes.count < Self.maximumModes, zdv_v4l2_get_mode(descriptor, Int32(modes.count), &mode) != 0 {
      let rates = withUnsafeBytes(of: mode.rates) { Array($0.bindMemory(to: Double.self).prefix { $0 > 0 }) }
      modes.append(
        Mode(format: Self.formatName(mode.pixel_format), size: "\(mode.width)x\(mode.height)", rates: rates))
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func formatName(_ code: UInt32) -> String {
    let tag = withUnsafeBytes(of: code.littleEndian) { String(decoding: $0, as: UTF8.self) }
    let known = [
      "YUYV": "yuyv422", "UYVY": "uyvy422", "YU12": "yuv420p", "YV12": "yuv420p", "422P": "yuv422p", "411P": "yuv411p",
      "NV12": "nv12", "RGB3": "rgb24", "BGR3": "bgr24", "RGBP": "rgb565le", "GREY": "gray", "MJPG": "mjpeg",
      "JPEG": "mjpeg", "H264": "h264", "HEVC": "hevc", "MPG4": "mpeg4", "BGR4": "bgr0", "XR24": "bgr0",
    ]
    return known[tag] ?? tag.trimmingCharacters(in: .whitespaces)
  }
}
