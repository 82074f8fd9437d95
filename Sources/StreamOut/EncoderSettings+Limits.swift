internal import CFFmpeg
internal import Frames

/// What encoders cannot do, and would say less clearly.
extension EncoderSettings {
  /// MPEG-1, -2 and -4 part 2 code time as a frame rate or a 16-bit clock, and cannot take any time base.
  var countsFrames: Bool {
    [
      AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4, AV_CODEC_ID_H263, AV_CODEC_ID_H263P,
      AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3, AV_CODEC_ID_WMV1, AV_CODEC_ID_WMV2, AV_CODEC_ID_FLV1,
    ].contains(codec.pointee.id)
  }

  /// Theora's times are numbers of frames. Any time base will do for the rate, but a reader takes the first frame for as
  /// long as one tick; so the rate is the frames' own where it can be.
  var statesRate: Bool { codec.pointee.id == AV_CODEC_ID_THEORA }

  /// The rate nearest to `rate` that the codec can state; 25 Hz where the rate is unknown.
  func codedRate(_ rate: Rational) -> Rational {
    let rate = rate.isPositive ? rate : Rational(25, 1)
    if let legal = codec.pointee.supported_framerates {
      return Rational(legal[Int(av_find_nearest_q_idx(rate.raw, legal))])
    }
    var (numerator, denominator): (Int32, Int32) = (0, 0)
    // MPEG-4 part 2 counts in at most 65535 ticks per second.
    av_reduce(&numerator, &denominator, Int64(rate.numerator), Int64(rate.denominator), 65_535)
    return numerator > 0 && denominator > 0 ? Rational(numerator, denominator) : Rational(25, 1)
  }

  /// Whether the encoder knows what interlaced frames are; others code them like any frame.
  var knowsFields: Bool {
    ![AV_CODEC_ID_MJPEG, AV_CODEC_ID_LJPEG, AV_CODEC_ID_AMV, AV_CODEC_ID_RV10, AV_CODEC_ID_RV20].contains(
      codec.pointee.id) && (!countsFrames || [AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4].contains(codec.pointee.id))
  }

  /// Whether decoded frames are interlaced again where they were. (libx265 could, but calls every frame one field.)
  var marksFields: Bool {
    knowsFields
      && ![
        AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_THEORA,
      ].contains(codec.pointee.id)
  }

  /// Whether the encoder is best given colours from a palette, which libswscale cannot make.
  var needsPalette: Bool { codec.pointee.id == AV_CODEC_ID_GIF }

  /// The most threads that the encoder can be given.
  var maximumThreads: Int { name == "libx265" ? 16 : .max }

  /// The least width and height in pixels.
  var minimumSize: Int { name == "libx265" ? 16 : 1 }
}
