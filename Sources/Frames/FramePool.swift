internal import CFFmpeg
internal import CFFmpegShims

/// Makes frames of one size and format without allocating planes anew: they come back when a frame is released.
///
/// Not for concurrent use by several threads; frames may be released on any.
public final class FramePool {
  /// Of every frame, in pixels.
  public let width: Int
  /// Of every frame, in pixels.
  public let height: Int
  /// Of every frame.
  public let format: PixelFormat
  private let pool: OpaquePointer
  private let size: Int32

  /// Rows start on cache lines, and vector code of FFmpeg may write past their end.
  private static let alignment: Int32 = 64

  /// An empty pool; throws if the format has no such size or memory runs out.
  public init(width: Int, height: Int, format: PixelFormat) throws(FFmpegError) {
    self.width = width
    self.height = height
    self.format = format
    let what = "\(width)x\(height) \(format) frames"
    size = try check(
      av_image_get_buffer_size(format.raw, Int32(width), Int32(height), Self.alignment), "lay out", what)
    pool = try allocated(av_buffer_pool_init(Int(size) + 64, nil), what)
  }

  deinit {
    // Buffers still in frames keep the pool's memory alive until the last of them returns.
    var pool: OpaquePointer? = pool
    av_buffer_pool_uninit(&pool)
  }

  /// A frame with uninitialised planes that no stream describes yet: time 0, unknown colours.
  public func blankFrame(timeBase: Rational = Rational(1, 1000)) throws(FFmpegError) -> VideoFrame {
    let raw = try allocated(av_frame_alloc(), "a frame")
    raw.pointee.pts = 0
    return try frame(describedBy: VideoFrame(owning: raw, timeBase: timeBase))
  }

  /// A frame with uninitialised planes and the timestamps, colour description and side data of `source`.
  public func frame(describedBy source: VideoFrame) throws(FFmpegError) -> VideoFrame {
    let raw = try allocated(av_frame_alloc(), "a frame")
    let frame = VideoFrame(owning: raw, timeBase: source.timeBase)
    try check(av_frame_copy_props(raw, source.raw), "describe", "a frame")
    raw.pointee.width = Int32(width)
    raw.pointee.height = Int32(height)
    raw.pointee.format = format.raw.rawValue
    let planes = try allocated(av_buffer_pool_get(pool), "a frame's planes")
    raw.pointee.buf.0 = planes
    try withUnsafeMutablePointer(to: &raw.pointee.data.0) { data throws(FFmpegError) in
      try withUnsafeMutablePointer(to: &raw.pointee.linesize.0) { strides throws(FFmpegError) in
        _ = try check(
          av_image_fill_arrays(
            data, strides, planes.pointee.data, format.raw, Int32(width), Int32(height), Self.alignment),
          "lay out", "a frame")
      }
    }
    raw.pointee.extended_data = UnsafeMutableRawPointer(raw).advanced(
      by: MemoryLayout<AVFrame>.offset(of: \.data)!
    ).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
    return frame
  }
}
