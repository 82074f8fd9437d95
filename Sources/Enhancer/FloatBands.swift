internal import CKernels
internal import Frames

/// One planar frame on its way from the denoiser's fine rows to floats.
struct FloatBands: Sendable {
  let result: PlanarFrame
  /// Whether the result is written past the caches.
  let isStreamed: Bool
  let map: CurveMap
  let tone: Tone
  let axes: MapAxes
  let kernels: Kernels
  let denoiser: Denoiser

  /// Enhances picture rows.
  func enhance(rows: Range<Int>, curves: CurveRows) {
    var terms = zdk_rgb_row()
    terms.width = Int32(result.width)
    terms.depth = 8
    terms.maps = Int32(map.maps)
    terms.iterations = Int32(CurveMap.iterations)
    terms.fine = 1
    terms.streamed = isStreamed ? 1 : 0
    // In 8-bit codes, as which the kernel sees floats.
    terms.tone = tone.terms(depth: 8, black: 0)
    // In place: it is too large to be copied for every row.
    withUnsafeMutablePointer(to: &terms) { row in
      func input(_ y: Int, _ channel: Int) -> UnsafeRawPointer {
        UnsafeRawPointer(denoiser.row(y, component: channel))
      }
      for y in rows {
        row.pointee.rgb = (input(y, 0), input(y, 1), input(y, 2))
        row.pointee.rgb_out = (
          UnsafeMutableRawPointer(result.row(y, channel: 0)), UnsafeMutableRawPointer(result.row(y, channel: 1)),
          UnsafeMutableRawPointer(result.row(y, channel: 2))
        )
        curves.point(&row.pointee.curve, to: y, of: map, axes: axes)
        kernels.table.pointee.enhance_float(row)
      }
    }
  }
}
