package import CFFmpeg

/// How the samples of a frame are stored, named as in FFmpeg (`ffmpeg -pix_fmts`).
public struct PixelFormat: Sendable, Hashable, CustomStringConvertible {
  package let raw: AVPixelFormat

  package init(_ raw: AVPixelFormat) { self.raw = raw }

  /// The format of that FFmpeg name, such as `yuv420p10le`; nil if there is none.
  public init?(named name: String) {
    let raw = av_get_pix_fmt(name)
    guard raw != AV_PIX_FMT_NONE else { return nil }
    self.raw = raw
  }

  /// FFmpeg's name.
  public var name: String { av_get_pix_fmt_name(raw).map { String(cString: $0) } ?? "none" }
  /// FFmpeg's name.
  public var description: String { name }

  /// How to reach every sample; nil where the kernels have no direct path, and swscale must convert.
  public var layout: PixelLayout? { PixelLayout(raw) }

  /// Whether pixels carry transparency.
  public var hasAlpha: Bool { flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 }

  /// Whether samples are red, green and blue rather than luma and chroma.
  public var isRGB: Bool { flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) != 0 }

  /// Whether the name itself says full range (`yuvj420p` and its kin, which JPEG decoders return).
  public var impliesFullRange: Bool {
    switch raw {
    case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P: true
    default: false
    }
  }

  /// Bits of the deepest component, such as 8, 10, 12.
  public var depth: Int {
    guard let descriptor = av_pix_fmt_desc_get(raw)?.pointee else { return 0 }
    return Int(max(descriptor.comp.0.depth, descriptor.comp.1.depth, descriptor.comp.2.depth))
  }

  /// Whether samples are grey alone, with or without transparency.
  public var isGray: Bool {
    (1...2).contains(av_pix_fmt_desc_get(raw)?.pointee.nb_components ?? 0) && !isRGB
      && flags & UInt64(AV_PIX_FMT_FLAG_HWACCEL) == 0
  }

  private var flags: UInt64 { av_pix_fmt_desc_get(raw)?.pointee.flags ?? 0 }
}

extension PixelFormat {
  /// Packed, 8 bits.
  package static let rgb24 = PixelFormat(AV_PIX_FMT_RGB24)
  /// Packed, 16 bits, little-endian.
  package static let rgb48 = PixelFormat(AV_PIX_FMT_RGB48LE)

  /// All formats with a layout, the plainest first.
  package static let direct: [PixelFormat] = {
    var found: [PixelFormat] = []
    var descriptor = av_pix_fmt_desc_next(nil)
    while let next = descriptor {
      let format = PixelFormat(av_pix_fmt_desc_get_id(next))
      if format.layout != nil, !format.impliesFullRange { found.append(format) }
      descriptor = av_pix_fmt_desc_next(next)
    }
    return found
  }()

  /// Whether libswscale can produce it.
  package var canBeConvertedTo: Bool { sws_isSupportedOutput(raw) != 0 }

  /// Whether nothing of the depth and of the chroma of `other` is lost in it.
  package func isAsFine(as other: PixelFormat) -> Bool {
    guard depth >= other.depth else { return false }
    return other.isGray || chromaShifts.0 <= other.chromaShifts.0 && chromaShifts.1 <= other.chromaShifts.1
  }

  private var chromaShifts: (UInt8, UInt8) {
    guard let descriptor = av_pix_fmt_desc_get(raw)?.pointee else { return (0, 0) }
    return (descriptor.log2_chroma_w, descriptor.log2_chroma_h)
  }

  /// The one of `candidates` that loses least of this format (FFmpeg's judgement).
  package func closest(among candidates: [PixelFormat]) -> PixelFormat {
    var list = candidates.map(\.raw) + [AV_PIX_FMT_NONE]
    var loss: Int32 = 0
    return PixelFormat(avcodec_find_best_pix_fmt_of_list(&list, raw, hasAlpha ? 1 : 0, &loss))
  }
}
