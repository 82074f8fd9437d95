internal import CFFmpeg
internal import CFFmpegShims

/// Converts frames to one format and size with libswscale, for what the kernels or an encoder cannot take directly.
///
/// Not for concurrent use. Keeps its context while the source stays the same, and rebuilds it when that changes.
public final class Scaler {
  private let pool: FramePool
  private let color: ColorDescription?
  private var context: OpaquePointer?
  private var source: Source?

  private struct Source: Equatable {
    let width: Int, height: Int, format: PixelFormat, color: ColorDescription
  }

  /// Converts to that size and format; throws if there are no such frames.
  ///
  /// - Parameter color: matrix and range of luma and chroma that are made of RGB. Unless told, those that players assume
  ///   of files that do not say: limited range, and the matrix by the height.
  public init(width: Int, height: Int, format: PixelFormat, color: ColorDescription? = nil) throws(FFmpegError) {
    self.color = color
    pool = try FramePool(width: width, height: height, format: format)
  }

  deinit { sws_freeContext(context) }

  /// Of the frames that it makes.
  public var format: PixelFormat { pool.format }
  /// Of the frames that it makes, in pixels.
  public var width: Int { pool.width }
  /// Of the frames that it makes, in pixels.
  public var height: Int { pool.height }

  /// A converted copy of `frame` with its timestamps and side data; range and matrix are kept where both sides are YUV.
  public func convert(_ frame: VideoFrame) throws(FFmpegError) -> VideoFrame {
    let result = try pool.frame(describedBy: frame)
    let wanted = Source(width: frame.width, height: frame.height, format: frame.format, color: frame.color)
    if wanted != source {
      try prepare(for: wanted)
      source = wanted
    }
    describe(result, from: frame)
    let rows = withUnsafePointer(to: &frame.raw.pointee.data.0) { input in
      withUnsafePointer(to: &result.raw.pointee.data.0) { output in
        input.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { input in
          sws_scale(
            context, input, &frame.raw.pointee.linesize.0, 0, Int32(frame.height), output,
            &result.raw.pointee.linesize.0)
        }
      }
    }
    try check(rows, "convert", "a \(frame.format) frame to \(format)")
    return result
  }

  private func prepare(for source: Source) throws(FFmpegError) {
    sws_freeContext(context)
    // Accurate rounding and full chroma: a format change must not shift colours. Bicubic only matters when sizes differ.
    guard sws_isSupportedInput(source.format.raw) != 0 else {
      throw FFmpegError(
        code: zdv_averror(ENOSYS), operation: "read pixels that are stored as", subject: source.format.name)
    }
    let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP
    let subject = "\(source.width)x\(source.height) \(source.format) to \(pool.width)x\(pool.height) \(format)"
    guard
      let context = sws_getContext(
        Int32(source.width), Int32(source.height), source.format.raw, Int32(pool.width), Int32(pool.height),
        format.raw, flags, nil, nil, nil)
    else { throw FFmpegError(code: zdv_averror(EINVAL), operation: "convert", subject: subject) }
    self.context = context
    let matrix: AVColorSpace =
      switch source.format.isRGB ? color?.matrix ?? source.color.matrix : source.color.matrix {
      case AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_RGB: source.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M
      default: source.color.matrix
      }
    let coefficients = sws_getCoefficients(Int32(bitPattern: matrix.rawValue))
    let isFull: Int32 = source.color.isFullRange(source.format) ? 1 : 0
    // Going from RGB to YUV, limited range is what every player assumes of an untagged file; grey is as full as RGB.
    let becomesFull: Int32 =
      if format.isRGB || format.impliesFullRange {
        1
      } else if source.format.isRGB {
        (color?.isFullRange(format) ?? format.isGray) ? 1 : 0
      } else {
        isFull
      }
    sws_setColorspaceDetails(context, coefficients, isFull, coefficients, becomesFull, 0, 1 << 16, 1 << 16)
  }

  /// Tags of the result where the model changes; `prepare` chose accordingly.
  private func describe(_ result: VideoFrame, from frame: VideoFrame) {
    if format.impliesFullRange { result.raw.pointee.color_range = AVCOL_RANGE_JPEG }
    guard format.isRGB != frame.format.isRGB else { return }
    if format.isRGB {
      result.describeAsRGB()
    } else if let color {
      result.raw.pointee.colorspace = color.matrix
      result.raw.pointee.color_range = color.range
    } else if format.isGray {
      result.raw.pointee.colorspace = AVCOL_SPC_UNSPECIFIED
      result.raw.pointee.color_range = AVCOL_RANGE_JPEG
    } else {
      result.raw.pointee.colorspace = frame.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M
      result.raw.pointee.color_range = format.impliesFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
    }
  }
}
