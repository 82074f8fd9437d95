import CKernels
import Foundation
import Testing

/// A matrix as the standards define it, for a depth and range.
func makeMatrix(kr: Double, kb: Double, depth: Int, full: Bool) -> zdk_matrix {
  let kg = 1 - kr - kb
  let unit = Double(1 << (depth - 8))
  let maximum = Double((1 << depth) - 1)
  return zdk_matrix(
    y_offset: full ? 0 : Float(16 * unit), y_scale: Float(1 / (full ? maximum : 219 * unit)),
    c_offset: Float(128 * unit), c_scale: Float(1 / (full ? maximum : 224 * unit)),
    r_cr: Float(2 * (1 - kr)), g_cb: Float(-2 * (1 - kb) * kb / kg), g_cr: Float(-2 * (1 - kr) * kr / kg),
    b_cb: Float(2 * (1 - kb)), kr: Float(kr), kg: Float(kg), kb: Float(kb))
}

/// BT.709, limited range.
func limited709(_ depth: Int) -> zdk_matrix { makeMatrix(kr: 0.2126, kb: 0.0722, depth: depth, full: false) }
/// BT.601, full range.
func full601(_ depth: Int) -> zdk_matrix { makeMatrix(kr: 0.299, kb: 0.114, depth: depth, full: true) }

/// What `enhance_yuv` is to be called with for one group; `output` may be `input`. With a tone, `input` holds fine rows.
func makeCall(
  _ input: YUVSamples, into output: YUVSamples, curves: [CurveFixture], matrix: zdk_matrix, tone: zdk_tone? = nil
) -> zdk_yuv_rows {
  let layout = output.layout
  var call = zdk_yuv_rows()
  call.y.0 = UnsafeRawPointer(input.address(input.layout.y[0]))
  call.y_out.0 = output.address(layout.y[0])
  if layout.rows == 2 {
    call.y.1 = UnsafeRawPointer(input.address(input.layout.y[1]))
    call.y_out.1 = output.address(layout.y[1])
    if curves.count > 1 { call.curve.1 = curves[1].row }
  }
  call.curve.0 = curves[0].row
  if layout.chroma.count == 2 {
    call.u = UnsafeRawPointer(input.address(input.layout.chroma[0]))
    call.v = UnsafeRawPointer(input.address(input.layout.chroma[1]))
    call.u_out = output.address(layout.chroma[0])
    call.v_out = output.address(layout.chroma[1])
    call.c_step = Int32(layout.chroma[0].step)
  }
  call.rows = Int32(layout.rows)
  call.width = Int32(input.width)
  call.chroma_shift_x = Int32(layout.chromaShiftX)
  call.y_step = Int32(layout.y[0].step)
  call.depth = Int32(layout.depth)
  call.shift = Int32(layout.shift)
  call.maps = Int32(curves[0].shape.maps)
  call.iterations = Int32(curves[0].shape.iterations)
  call.matrix = matrix
  if let tone {
    call.fine = 1
    call.tone = tone
  }
  return call
}

/// Runs `enhance_yuv` of a table for one group; arguments as of `makeCall`.
func enhance(
  _ table: Table, _ input: YUVSamples, into output: YUVSamples, curves: [CurveFixture], matrix: zdk_matrix,
  tone: zdk_tone? = nil, held: (marks: [UInt8], before: YUVSamples)? = nil
) {
  let layout = output.layout
  var call = makeCall(input, into: output, curves: curves, matrix: matrix, tone: tone)
  let marks = held.map { Guarded($0.marks, .atEnd) }
  if let before = held?.before {
    call.held = marks.map { UnsafePointer($0.start) }
    call.y_before.0 = UnsafeRawPointer(before.address(layout.y[0]))
    if layout.rows == 2 { call.y_before.1 = UnsafeRawPointer(before.address(layout.y[1])) }
    if layout.chroma.count == 2 {
      call.u_before = UnsafeRawPointer(before.address(layout.chroma[0]))
      call.v_before = UnsafeRawPointer(before.address(layout.chroma[1]))
    }
  }
  withExtendedLifetime((curves, marks)) { table.kernels.enhance_yuv(&call, 1) }
}

/// What `enhance_yuv` should give before rounding, per component, in codes: in double precision, from the header's
/// words, a picture at a time rather than a pixel at a time.
func exactYUV(_ input: YUVSamples, curves: [CurveFixture], matrix m: zdk_matrix) -> [[Double]] {
  let layout = input.layout
  let codes = input.components.map { $0.map { Double($0 >> layout.shift) } }
  let hasChroma = !layout.chroma.isEmpty
  var luma = Array(codes[..<layout.rows])
  var requests = Array(
    repeating: [[Double]](repeating: [], count: layout.chromaWidth(input.width)), count: hasChroma ? 2 : 0)
  for row in 0..<layout.rows {
    for x in 0..<input.width {
      let y = (codes[row][x] - Double(m.y_offset)) * Double(m.y_scale)
      let site = x >> layout.chromaShiftX
      let cb = hasChroma ? (codes[layout.rows][site] - Double(m.c_offset)) * Double(m.c_scale) : 0
      let cr = hasChroma ? (codes[layout.rows + 1][site] - Double(m.c_offset)) * Double(m.c_scale) : 0
      let rgb = [
        y + Double(m.r_cr) * cr, y + Double(m.g_cb) * cb + Double(m.g_cr) * cr, y + Double(m.b_cb) * cb,
      ].map { min(max($0, 0), 1) }
      let added = (0..<3).map { curves[row].exact(rgb[$0], channel: $0, x: x) - rgb[$0] }
      let brighter = Double(m.kr) * added[0] + Double(m.kg) * added[1] + Double(m.kb) * added[2]
      luma[row][x] += brighter / Double(m.y_scale)
      if hasChroma {
        requests[0][site].append((added[2] - brighter) / Double(m.b_cb) / Double(m.c_scale))
        requests[1][site].append((added[0] - brighter) / Double(m.r_cr) / Double(m.c_scale))
      }
    }
  }
  let chroma = requests.enumerated().map { number, sites in
    zip(codes[layout.rows + number], sites).map { $0 + $1.reduce(0, +) / Double($1.count) }
  }
  return (luma + chroma).map { $0.map { min(max($0, 0), Double(layout.maximum)) } }
}

/// The same for fine rows under a tone, in codes of `layout`.
func exactFineYUV(
  _ input: YUVSamples, _ layout: YUVLayout, curves: [CurveFixture], matrix m: zdk_matrix, tone: zdk_tone
) -> [[Double]] {
  let codes = input.components.map { $0.map { Double($0) * Double(1 << layout.depth) / 32768 } }
  let hasChroma = !layout.chroma.isEmpty
  let shares = [Double(m.kr), Double(m.kg), Double(m.kb)]
  func toned(_ value: Double) -> Double {
    let knee = Double(tone.knee), x = min(max(value * Double(tone.gain), 0), 2 - knee)
    return x <= knee || knee >= 1 ? x : x - (x - knee) * (x - knee) / (4 * (1 - knee))
  }
  func plain(_ value: Double) -> Double { min(max(value, 0), 1) }
  /// What luma gains by the mean of the three curves at `x`.
  func lumaGain(_ value: Double, _ curve: CurveFixture, _ x: Int) -> Double {
    let bent = (0..<curve.shape.iterations).reduce(toned(value)) { value, iteration in
      let a = (0..<3).reduce(0.0) { sum, channel in
        let plane = (curve.shape.maps == 1 ? 0 : iteration) * 3 + channel, t = Double(curve.t)
        let above = Double(curve.upper[plane].elements[x]), below = Double(curve.lower[plane].elements[x])
        return sum + shares[channel] * ((1 - t) * above + t * below)
      }
      return value + a * (value * value - value)
    }
    return bent - plain(value)
  }
  func luma(_ code: Double) -> Double { (code - Double(m.y_offset)) * Double(m.y_scale) }

  var result = codes
  guard hasChroma else {
    for row in 0..<layout.rows {
      for x in 0..<input.width {
        result[row][x] += lumaGain(luma(codes[row][x]), curves[row], x) / Double(m.y_scale)
      }
    }
    return result.map { $0.map { min(max($0, 0), Double(layout.maximum)) } }
  }
  for site in 0..<layout.chromaWidth(input.width) {
    let columns = (0..<input.width).filter { $0 >> layout.chromaShiftX == site }
    let group = (0..<layout.rows).flatMap { row in columns.map { codes[row][$0] } }
    let mean = group.reduce(0, +) / Double(group.count)
    let root = (mean - Double(tone.trust_from)) * Double(tone.trust_slope)
    let kept = pow(min(max(root, Double(tone.trust_least)), 1), 2)
    let u = kept * (codes[layout.rows][site] - Double(m.c_offset)) * Double(m.c_scale)
    let v = kept * (codes[layout.rows + 1][site] - Double(m.c_offset)) * Double(m.c_scale)
    let y = luma(mean)
    let rgb = [y + Double(m.r_cr) * v, y + Double(m.g_cb) * u + Double(m.g_cr) * v, y + Double(m.b_cb) * u]
    let gains = (0..<3).map { curves[0].exact(toned(rgb[$0]), channel: $0, x: site) - plain(rgb[$0]) }
    let gain = zip(shares, gains).reduce(0) { $0 + $1.0 * $1.1 }
    result[layout.rows][site] = Double(m.c_offset) + (u + (gains[2] - gain) / Double(m.b_cb)) / Double(m.c_scale)
    result[layout.rows + 1][site] = Double(m.c_offset) + (v + (gains[0] - gain) / Double(m.r_cr)) / Double(m.c_scale)
    for row in 0..<layout.rows {
      for x in columns {
        let own = luma(codes[row][x])
        if group.count == 1 {
          result[row][x] += gain / Double(m.y_scale)
        } else {
          let share = min(1, (plain(own) + 1e-5) / (plain(y) + 1e-5))
          let added = lumaGain(own, curves[0], site) + share * (gain - lumaGain(y, curves[0], site))
          result[row][x] += added / Double(m.y_scale)
        }
      }
    }
  }
  return result.map { $0.map { min(max($0, 0), Double(layout.maximum)) } }
}

/// Every code must be its exact value rounded: at most half a code away, but for what single precision adds.
func expectRounded(
  _ output: YUVSamples, _ exact: [[Double]], _ place: @autoclosure () -> String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let layout = output.layout, slack = 0.005 * Double(layout.maximum) / 255
  for (codes, values) in zip(output.components, exact) {
    for (code, value) in zip(codes, values) {
      let distance = abs(Double(code) / Double(1 << layout.shift) - value)
      #expect(distance <= 0.5 + slack, "\(value) gave \(code), \(place())", sourceLocation: sourceLocation)
    }
  }
}
