package import CFFmpeg

/// How codes become colours, as the stream says: what is unknown stays unknown, and goes back out as unknown.
public struct ColorDescription: Sendable, Hashable {
  package var matrix: AVColorSpace
  package var range: AVColorRange
  package var primaries: AVColorPrimaries
  package var transfer: AVColorTransferCharacteristic
  package var chromaLocation: AVChromaLocation

  package init(_ frame: AVFrame) {
    matrix = frame.colorspace
    range = frame.color_range
    primaries = frame.color_primaries
    transfer = frame.color_trc
    chromaLocation = frame.chroma_location
  }

  package init(_ parameters: AVCodecParameters) {
    matrix = parameters.color_space
    range = parameters.color_range
    primaries = parameters.color_primaries
    transfer = parameters.color_trc
    chromaLocation = parameters.chroma_location
  }

  /// The name of the transfer where it is a high-dynamic-range one (PQ, HLG), whose codes the curve does not fit.
  public var highDynamicRangeTransfer: String? {
    switch transfer {
    case AVCOL_TRC_SMPTE2084: "PQ (SMPTE ST 2084)"
    case AVCOL_TRC_ARIB_STD_B67: "HLG (ARIB STD-B67)"
    default: nil
    }
  }

  /// Luma weights (kr, kb) of the stream's matrix, for a picture of `height` rows (ITU-T H.273, table 4).
  ///
  /// An unknown matrix is taken as BT.709 from 720 rows up, else as BT.601: what players do.
  public func lumaWeights(height: Int) -> (kr: Double, kb: Double) {
    switch matrix {
    case AVCOL_SPC_BT709: (0.2126, 0.0722)
    case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: (0.299, 0.114)
    case AVCOL_SPC_FCC: (0.30, 0.11)
    case AVCOL_SPC_SMPTE240M: (0.212, 0.087)
    case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: (0.2627, 0.0593)
    default: height >= 720 ? (0.2126, 0.0722) : (0.299, 0.114)
    }
  }

  /// Whether codes use all values (0 to 255) rather than the limited ones (16 to 235, chroma 16 to 240).
  public func isFullRange(_ format: PixelFormat) -> Bool {
    isFullRange(format, layout: format.layout) || (range == AVCOL_RANGE_UNSPECIFIED && format.isGray)
  }

  /// The same for a format whose layout, if it has one, is at hand: making one allocates.
  package func isFullRange(_ format: PixelFormat, layout: PixelLayout?) -> Bool {
    range == AVCOL_RANGE_JPEG || format.impliesFullRange
      // RGB is full range unless it says otherwise; grey without a tag comes from pictures, and is too.
      || (range == AVCOL_RANGE_UNSPECIFIED && (format.isRGB || layout?.model == .gray))
  }
}
