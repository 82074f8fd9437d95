package import CFFmpeg
internal import CFFmpegShims

/// One picture of a stream in its native sample format, with its time and its colour description.
///
/// Reference-counted; planes may be shared with a decoder or a pool and go back there when the last reference ends.
///
/// `@unchecked Sendable`: whoever creates a frame fills it before handing it on, through `package` functions; from then
/// on it is only read. FFmpeg's own reference counts are atomic.
public final class VideoFrame: @unchecked Sendable {
  /// Owned: freed with this object.
  package let raw: UnsafeMutablePointer<AVFrame>
  /// Seconds per tick of the frame's timestamps.
  public let timeBase: Rational

  /// Takes ownership of `raw`.
  package init(owning raw: UnsafeMutablePointer<AVFrame>, timeBase: Rational) {
    self.raw = raw
    self.timeBase = timeBase
  }

  deinit {
    var pointer: UnsafeMutablePointer<AVFrame>? = raw
    av_frame_free(&pointer)
  }

  /// Width in pixels, before any display rotation.
  public var width: Int { Int(raw.pointee.width) }
  /// Height in pixels, before any display rotation.
  public var height: Int { Int(raw.pointee.height) }
  /// How its samples are stored.
  public var format: PixelFormat { PixelFormat(AVPixelFormat(raw.pointee.format)) }
  /// How its codes become colours.
  public var color: ColorDescription { ColorDescription(raw.pointee) }
  /// Width of a pixel over its height; 0/1 where unknown.
  public var sampleAspectRatio: Rational { Rational(raw.pointee.sample_aspect_ratio) }
  /// Whether odd and even rows were taken at different times.
  public var isInterlaced: Bool { raw.pointee.interlaced_frame != 0 }
  /// Whether the decoder had to guess at parts of it.
  public var isDamaged: Bool {
    raw.pointee.decode_error_flags != 0 || raw.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
  }

  /// When it is shown, on the stream's own clock.
  public var timestamp: Timestamp { Timestamp(ticks: raw.pointee.pts, timeBase: timeBase) }
  /// How long it is shown; nil where the stream does not say.
  public var duration: Timestamp? {
    raw.pointee.pkt_duration > 0 ? Timestamp(ticks: raw.pointee.pkt_duration, timeBase: timeBase) : nil
  }

  /// First byte of a plane. Valid while the frame lives; only for reading unless the frame is new.
  public func plane(_ index: Int) -> UnsafeMutablePointer<UInt8> {
    withUnsafeBytes(of: raw.pointee.data) { bytes in
      bytes.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)[index]!
    }
  }

  /// Distance between the rows of a plane, in bytes; negative for pictures stored bottom up.
  public func stride(ofPlane index: Int) -> Int {
    withUnsafeBytes(of: raw.pointee.linesize) { bytes in
      Int(bytes.assumingMemoryBound(to: Int32.self)[index])
    }
  }
}

extension VideoFrame {
  /// Says that the codes are RGB, of a new frame that was described by one with luma and chroma.
  package func describeAsRGB() {
    raw.pointee.colorspace = AVCOL_SPC_RGB
    raw.pointee.color_range = AVCOL_RANGE_JPEG
  }

  /// Says by which matrix luma and chroma are to be read where that was left to the height of the picture, `height` rows,
  /// of which this new frame has another.
  package func settleMatrix(height: Int) {
    guard !format.isRGB, raw.pointee.colorspace == AVCOL_SPC_UNSPECIFIED else { return }
    raw.pointee.colorspace = height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M
  }
}

extension VideoFrame {
  /// The same picture, shown at `ticks` of its own time base; itself if there is no memory for that.
  package func shown(at ticks: Int64) -> VideoFrame {
    guard let copy = av_frame_clone(raw) else { return self }
    copy.pointee.pts = ticks
    return VideoFrame(owning: copy, timeBase: timeBase)
  }

  /// The same picture with its times in ticks of `timeBase`; itself if they are.
  package func counted(in timeBase: Rational) -> VideoFrame {
    guard timeBase != self.timeBase, let copy = av_frame_clone(raw) else { return self }
    copy.pointee.pts = av_rescale_q(raw.pointee.pts, self.timeBase.raw, timeBase.raw)
    copy.pointee.pkt_duration = av_rescale_q(raw.pointee.pkt_duration, self.timeBase.raw, timeBase.raw)
    return VideoFrame(owning: copy, timeBase: timeBase)
  }
}

extension Rational {
  package init(_ raw: AVRational) { self.init(raw.num, raw.den) }
  package var raw: AVRational { AVRational(num: numerator, den: denominator) }
}
