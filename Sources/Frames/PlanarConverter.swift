internal import CFFmpeg

/// Converts decoded frames to planar float RGB and back, with libswscale: for work of one's own on pixels.
///
/// Enhancement needs no such detour: `Enhancer` takes frames as they are decoded, in less time and memory. Subsampled
/// chroma is interpolated on the way to RGB and averaged on the way back, so that what is converted to and fro differs
/// by about a code; a grey format keeps the luma alone. Not for concurrent use. Keeps its contexts while sizes, formats
/// and colours stay the same.
public final class PlanarConverter {
  private var toPlanar: Scaler?
  private var fromPlanar: (scaler: Scaler, pool: FramePool, color: ColorDescription)?
  /// Sixteen bits: not every format has a way to floats in libswscale.
  private static let fine = PixelFormat(AV_PIX_FMT_GBRP16LE)
  private static let greatest: Float = 65535
  /// The planes of `fine`, in the order of a `PlanarFrame`.
  private static let planes = [2, 0, 1]

  /// Does nothing yet.
  public init() {}

  /// A picture of the frame's size, values in [0, 1]: R, G and B as the frame's matrix and range say, in the transfer
  /// (gamma) that the frame has.
  public func planar(_ frame: VideoFrame) throws(FFmpegError) -> PlanarFrame {
    if toPlanar?.width != frame.width || toPlanar?.height != frame.height {
      toPlanar = try Scaler(width: frame.width, height: frame.height, format: Self.fine)
    }
    let converted = try toPlanar!.convert(frame)
    let picture = PlanarFrame(width: frame.width, height: frame.height)
    for (channel, plane) in Self.planes.enumerated() {
      for y in 0..<picture.height {
        let values = picture.row(y, channel: channel)
        UnsafeRawPointer(converted.plane(plane) + y * converted.stride(ofPlane: plane))
          .withMemoryRebound(to: UInt16.self, capacity: picture.width) { row in
            for x in 0..<picture.width { values[x] = Float(UInt16(littleEndian: row[x])) / Self.greatest }
          }
      }
    }
    return picture
  }

  /// A frame of the picture's size with everything else as `frame` has it: format, matrix, range and other tags, time,
  /// duration, side data. Values outside [0, 1] are clamped.
  public func native(_ picture: PlanarFrame, describedBy frame: VideoFrame) throws(FFmpegError) -> VideoFrame {
    let known = fromPlanar
    if known?.scaler.width != picture.width || known?.scaler.height != picture.height
      || known?.scaler.format != frame.format || known?.color != frame.color
    {
      fromPlanar = (
        try Scaler(width: picture.width, height: picture.height, format: frame.format, color: frame.color),
        try FramePool(width: picture.width, height: picture.height, format: Self.fine), frame.color
      )
    }
    let (scaler, pool, _) = fromPlanar!
    let source = try pool.frame(describedBy: frame)
    source.describeAsRGB()
    for (channel, plane) in Self.planes.enumerated() {
      for y in 0..<picture.height {
        let values = picture.row(y, channel: channel)
        UnsafeMutableRawPointer(source.plane(plane) + y * source.stride(ofPlane: plane))
          .withMemoryRebound(to: UInt16.self, capacity: picture.width) { row in
            for x in 0..<picture.width {
              // What is no number becomes black.
              let value = values[x] > 0 ? min(values[x], 1) : 0
              row[x] = UInt16((value * Self.greatest).rounded()).littleEndian
            }
          }
      }
    }
    let result = try scaler.convert(source)
    result.raw.pointee.colorspace = frame.color.matrix
    result.raw.pointee.color_range = frame.color.range
    return result
  }
}
