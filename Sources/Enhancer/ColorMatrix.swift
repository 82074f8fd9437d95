internal import CKernels
internal import Frames

extension zdk_matrix {
  /// Between the codes of a direct YUV or grey format and RGB in [0, 1] (ITU-T H.273, 8.3).
  init(color: ColorDescription, format: PixelFormat, layout: PixelLayout, height: Int) {
    let (kr, kb) = color.lumaWeights(height: height)
    let kg = 1 - kr - kb
    let isFull = color.isFullRange(format, layout: layout)
    let unit = Double(1 << (layout.depth - 8))
    let largest = Double(1 << layout.depth - 1)
    self.init(
      y_offset: isFull ? 0 : Float(16 * unit), y_scale: Float(1 / (isFull ? largest : 219 * unit)),
      c_offset: Float(128 * unit), c_scale: Float(1 / (isFull ? largest : 224 * unit)),
      r_cr: Float(2 * (1 - kr)), g_cb: Float(-2 * kb * (1 - kb) / kg), g_cr: Float(-2 * kr * (1 - kr) / kg),
      b_cb: Float(2 * (1 - kb)), kr: Float(kr), kg: Float(kg), kb: Float(kb))
  }

  /// RGB of one pixel or mean, each clamped to [0, 1]; arguments in codes.
  func rgb(y: Float, u: Float, v: Float) -> SIMD3<Float> {
    let luma = (y - y_offset) * y_scale
    let cb = (u - c_offset) * c_scale
    let cr = (v - c_offset) * c_scale
    return SIMD3(luma + r_cr * cr, luma + g_cb * cb + g_cr * cr, luma + b_cb * cb)
      .clamped(lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 1))
  }
}
