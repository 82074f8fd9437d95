internal import Enhancer
internal import Frames

/// Draws curve maps as frames, in the format of the frames that they are for; grey ones become RGB.
struct CurvePicture {
  private var pool: FramePool?
  private var scaler: Scaler?
  private static let columns = 4

  /// A frame with the maps of `map` as tiles, and the time of `frame`, whose size each tile has.
  mutating func draw(_ map: CurveMap, for frame: VideoFrame) throws(FFmpegError) -> VideoFrame {
    let columns = min(map.maps, Self.columns)
    let (width, height) = (columns * frame.width, (map.maps + columns - 1) / columns * frame.height)
    if pool?.width != width || pool?.height != height {
      pool = try FramePool(width: width, height: height, format: .rgb24)
    }
    let picture = try pool!.frame(describedBy: frame)
    picture.describeAsRGB()
    let stride = picture.stride(ofPlane: 0)
    for index in 0..<map.maps {
      let start = index / columns * frame.height * stride + index % columns * frame.width * 3
      map.draw(index, into: picture.plane(0) + start, stride: stride)
    }
    guard frame.format.layout?.model != .gray, frame.format != .rgb24 else { return picture }
    if scaler?.width != width || scaler?.height != height || scaler?.format != frame.format {
      scaler = try Scaler(width: width, height: height, format: frame.format)
    }
    return try scaler!.convert(picture)
  }
}
