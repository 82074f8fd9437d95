internal import CFFmpeg

/// Where the samples of a direct pixel format lie: one that the kernels read and write without conversion.
///
/// Direct are whole-byte samples of 8 to 16 bits in native byte order, all components of one depth: grey, planar,
/// semi-planar and packed YUV with chroma halved at most once in each direction, planar and packed RGB.
public struct PixelLayout: Sendable, Hashable {
  /// What the components mean.
  public enum Model: Sendable { case gray, yuv, rgb }

  /// One component. All in samples of `bytesPerSample`, so that kernels need no byte arithmetic.
  public struct Component: Sendable, Hashable {
    /// Which plane holds it.
    public let plane: Int
    /// Distance between the samples of neighbouring pixels: 1 planar, 2 semi-planar, 2 to 4 packed.
    public let step: Int
    /// First sample of a row.
    public let offset: Int
  }

  /// What the components mean.
  public let model: Model
  /// Y; Y, U, V; or R, G, B. Alpha is not among them.
  public let components: [Component]
  /// Where transparency lies, if pixels have any.
  public let alpha: Component?
  /// How many planes a frame has.
  public let planeCount: Int
  /// 1 or 2.
  public let bytesPerSample: Int
  /// Significant bits: 8 to 16.
  public let depth: Int
  /// Unused low bits of a sample: 6 for P010.
  public let shift: Int
  /// log2 of luma columns per chroma column: 0 or 1.
  public let chromaShiftX: Int
  /// log2 of luma rows per chroma row: 0 or 1.
  public let chromaShiftY: Int

  init?(_ format: AVPixelFormat) {
    guard let descriptor = av_pix_fmt_desc_get(format)?.pointee else { return nil }
    let refused =
      AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER
      | AV_PIX_FMT_FLAG_FLOAT
    guard descriptor.flags & UInt64(refused) == 0, descriptor.log2_chroma_w <= 1, descriptor.log2_chroma_h <= 1 else {
      return nil
    }
    let raw = [descriptor.comp.0, descriptor.comp.1, descriptor.comp.2, descriptor.comp.3]
      .prefix(Int(descriptor.nb_components))
    guard let first = raw.first, (8...16).contains(first.depth),
      raw.allSatisfy({ $0.depth == first.depth && $0.shift == first.shift })
    else { return nil }
    let bytes = first.depth + first.shift > 8 ? 2 : 1
    guard bytes == 1 || descriptor.flags & UInt64(AV_PIX_FMT_FLAG_BE) == 0,
      raw.allSatisfy({ Int($0.step) % bytes == 0 && Int($0.offset) % bytes == 0 })
    else { return nil }

    let all = raw.map {
      Component(plane: Int($0.plane), step: Int($0.step) / bytes, offset: Int($0.offset) / bytes)
    }
    let hasAlpha = descriptor.flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0
    let colors = Array(hasAlpha ? all.dropLast() : all)
    if descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 {
      guard colors.count == 3, [1, 3, 4].contains(colors[0].step) else { return nil }
      model = .rgb
    } else if colors.count == 3 {
      guard Set(colors.dropFirst().map(\.step)).count == 1,
        [[1, 1], [1, 2], [2, 4]].contains([colors[0].step, colors[1].step])
      else { return nil }
      model = .yuv
    } else {
      guard colors.count == 1, colors[0].step == 1 else { return nil }
      model = .gray
    }
    // xyz12 has the shape of RGB but not its meaning.
    guard format != AV_PIX_FMT_XYZ12LE, format != AV_PIX_FMT_XYZ12BE else { return nil }
    components = colors
    alpha = hasAlpha ? all.last : nil
    planeCount = Int(av_pix_fmt_count_planes(format))
    bytesPerSample = bytes
    depth = Int(first.depth)
    shift = Int(first.shift)
    chromaShiftX = model == .yuv ? Int(descriptor.log2_chroma_w) : 0
    chromaShiftY = model == .yuv ? Int(descriptor.log2_chroma_h) : 0
  }

  /// Width of plane `plane` in samples of its first component, for a picture `width` pixels wide.
  public func width(ofPlane plane: Int, picture width: Int) -> Int {
    isChroma(plane) ? (width + (1 << chromaShiftX) - 1) >> chromaShiftX : width
  }

  /// Rows of plane `plane` for a picture of `height` rows.
  public func height(ofPlane plane: Int, picture height: Int) -> Int {
    isChroma(plane) ? (height + (1 << chromaShiftY) - 1) >> chromaShiftY : height
  }

  private func isChroma(_ plane: Int) -> Bool {
    model == .yuv && components[0].plane != plane && alpha?.plane != plane
  }
}

extension PixelLayout {
  /// Bytes from one sample position of a plane to the next, as counted by `width(ofPlane:picture:)`.
  package func unitBytes(ofPlane plane: Int) -> Int {
    let component = components.first { $0.plane == plane } ?? alpha
    return (component?.step ?? 1) * bytesPerSample
  }
}
