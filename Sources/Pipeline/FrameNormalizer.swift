internal import Frames

/// Gives all frames the size and format of the first one, in a format that the kernels reach directly.
struct FrameNormalizer {
  private let wanted: Geometry
  private var latest: Geometry
  private var scaler: Scaler?

  private struct Geometry: Equatable {
    let width: Int, height: Int, format: PixelFormat

    init(_ frame: VideoFrame) {
      width = frame.width
      height = frame.height
      format = frame.format
    }

    init(width: Int, height: Int, format: PixelFormat) {
      self.width = width
      self.height = height
      self.format = format
    }
  }

  /// - Parameter format: what frames become; the first frame's own where it can stay.
  init(first: VideoFrame, format: PixelFormat) {
    wanted = Geometry(width: first.width, height: first.height, format: format)
    latest = Geometry(first)
  }

  /// The frame itself if it fits, else a converted copy; and a warning where the picture has changed.
  mutating func normalize(_ frame: VideoFrame) throws(FFmpegError) -> (frame: VideoFrame, warning: String?) {
    let own = Geometry(frame)
    var warning: String?
    if own != latest {
      warning =
        "the picture changes from \(latest.width)x\(latest.height) \(latest.format) to "
        + "\(own.width)x\(own.height) \(own.format) at \((frame.timestamp.seconds * 1000).rounded() / 1000) s: "
        + "made \(wanted.width)x\(wanted.height) \(wanted.format) throughout"
      latest = own
    }
    guard own != wanted else { return (frame, warning) }
    if scaler == nil { scaler = try Scaler(width: wanted.width, height: wanted.height, format: wanted.format) }
    return (try scaler!.convert(frame), warning)
  }

  /// A direct format for frames of `format`: itself, what the encoder takes, or the one that loses least.
  static func directFormat(for format: PixelFormat, encoded: PixelFormat) -> PixelFormat {
    if format.layout != nil { return format }
    // An encoder's format serves if nothing is lost by taking it early.
    if encoded.layout != nil, encoded.depth >= format.depth, encoded.hasAlpha || !format.hasAlpha,
      encoded.isRGB == format.isRGB
    {
      return encoded
    }
    return format.closest(among: PixelFormat.direct)
  }
}
