internal import CKernels
internal import Frames

/// One frame on its way through the native kernels: where its rows lie, in and out, and which belong together.
struct NativeBands: Sendable {
  let source: VideoFrame
  let result: VideoFrame
  /// Of both.
  let layout: PixelLayout
  let sourcePlaces: ComponentPlaces, resultPlaces: ComponentPlaces
  let map: CurveMap
  let axes: MapAxes
  let kernels: Kernels
  /// Holds the samples to be read, for looks that have a tone; nil to read those of `source`.
  let denoiser: Denoiser?
  /// Says what of the frame before serves again; nil where nothing does.
  let tiles: StillTiles?
  /// Of YUV and grey.
  let matrix: zdk_matrix

  /// Enhances picture rows; `rows` starts at a multiple of 8 and ends at one, or with the picture.
  func enhance(rows: Range<Int>, curves: CurveRows) {
    copyAlpha(rows)
    switch layout.model {
    case .rgb: enhanceRGB(rows, curves)
    case .gray, .yuv: enhanceYUV(rows, curves)
    }
  }

  // MARK: RGB

  private func enhanceRGB(_ rows: Range<Int>, _ curves: CurveRows) {
    var terms = zdk_rgb_row()
    terms.width = Int32(source.width)
    terms.step = Int32(layout.components[0].step)
    terms.depth = Int32(layout.depth)
    terms.shift = Int32(layout.shift)
    terms.maps = Int32(map.maps)
    terms.iterations = Int32(CurveMap.iterations)
    if denoiser != nil, let tone = map.tone {
      terms.fine = 1
      terms.tone = tone.terms(depth: layout.depth, black: 0)
    }
    // In place: it is too large to be copied for every row.
    withUnsafeMutablePointer(to: &terms) { row in
      for y in rows {
        // Alpha and padding bytes between the colours.
        if row.pointee.step == 4 { copyRow(y, plane: layout.components[0].plane, samples: 4 * source.width) }
        row.pointee.rgb = (input(0, row: y), input(1, row: y), input(2, row: y))
        row.pointee.rgb_out = (
          output(0, row: y), output(1, row: y), output(2, row: y)
        )
        curves.point(&row.pointee.curve, to: y, of: map, axes: axes)
        kernels.table.pointee.enhance_rgb(row)
      }
    }
  }

  // MARK: YUV and grey

  /// Rows that share their chroma, and the row of that.
  private struct YUVGroup {
    var luma: Int, second: Int?, chroma: Int
  }

  private func enhanceYUV(_ rows: Range<Int>, _ curves: CurveRows) {
    // In place: they are too large to be copied for every row.
    let calls = curves.groups
    calls.update(repeating: common, count: Int(ZDK_YUV_GROUPS))
    for top in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.unit) {
      let held = tiles?.leastHeld(top) ?? ZDK_MAKE
      if held == ZDK_LEAVE { continue }
      var count = 0
      forEachGroup(top..<min(top + Self.unit, rows.upperBound)) { group in
        point(&calls[count], to: group, held, curves)
        count += 1
      }
      // At the lower edge, the last group may be a row of its own.
      let alike = calls[count - 1].rows == calls[0].rows ? count : count - 1
      kernels.table.pointee.enhance_yuv(calls, alike)
      if alike < count { kernels.table.pointee.enhance_yuv(calls + alike, 1) }
    }
  }

  /// Picture rows that are enhanced at a time: those of a row of tiles.
  private static let unit = StillTiles.rows

  /// What all rows have in common.
  private var common: zdk_yuv_rows {
    var group = zdk_yuv_rows()
    group.width = Int32(source.width)
    group.chroma_shift_x = Int32(layout.chromaShiftX)
    group.y_step = Int32(layout.components[0].step)
    group.c_step = layout.model == .yuv ? Int32(layout.components[1].step) : 0
    group.depth = Int32(layout.depth)
    group.shift = Int32(layout.shift)
    group.maps = Int32(map.maps)
    group.iterations = Int32(CurveMap.iterations)
    group.matrix = matrix
    if denoiser != nil, let tone = map.tone {
      group.fine = 1
      group.tone = tone.terms(depth: layout.depth, black: group.matrix.y_offset)
    }
    return group
  }

  /// Calls `body` with the groups of a unit of rows, which begins at a multiple of 8.
  private func forEachGroup(_ rows: Range<Int>, _ body: (YUVGroup) -> Void) {
    guard layout.chromaShiftY == 1 else {
      for y in rows { body(YUVGroup(luma: y, second: nil, chroma: y)) }
      return
    }
    var y = rows.lowerBound
    while y < rows.upperBound {
      let left = rows.upperBound - y
      if source.isInterlaced, left >= 3 {
        // Chroma rows belong to fields, as luma rows do: 0 and 2 with the first, 1 and 3 with the second.
        body(YUVGroup(luma: y, second: y + 2, chroma: y / 2))
        body(YUVGroup(luma: y + 1, second: left >= 4 ? y + 3 : nil, chroma: y / 2 + 1))
        y += 4
      } else {
        body(YUVGroup(luma: y, second: left >= 2 ? y + 1 : nil, chroma: y / 2))
        y += 2
      }
    }
  }

  /// Points `call` to the rows of a group, of whose tiles `held` is the most work, and to their curves.
  private func point(_ call: inout zdk_yuv_rows, to group: YUVGroup, _ held: Int, _ curves: CurveRows) {
    let isYUV = layout.model == .yuv
    call.rows = group.second == nil ? 1 : 2
    call.y.0 = input(0, row: group.luma)
    call.y_out.0 = output(0, row: group.luma)
    if let second = group.second {
      call.y.1 = input(0, row: second)
      call.y_out.1 = output(0, row: second)
    }
    if isYUV {
      (call.u, call.v) = (input(1, row: group.chroma), input(2, row: group.chroma))
      call.u_out = output(1, row: group.chroma)
      call.v_out = output(2, row: group.chroma)
    }
    if held == ZDK_MAKE {
      // Under a tone, one curve serves all pixels of a chroma sample.
      let isShared = call.fine == 1 && isYUV
      curves.point(&call.curve.0, to: group.luma, isShared ? group.second : nil, of: map, axes: axes)
      if let second = group.second, !isShared { curves.point(&call.curve.1, to: second, of: map, axes: axes) }
    }
    if let (held, before) = tiles?.held(group.luma) {
      call.held = held
      call.y_before.0 = before.row(group.luma, 0)
      if let second = group.second { call.y_before.1 = before.row(second, 0) }
      if isYUV {
        call.u_before = before.row(group.chroma, 1)
        call.v_before = before.row(group.chroma, 2)
      }
    }
    // Packed 4:2:2 of odd width ends with a luma sample that belongs to no pixel.
    if layout.components[0].step == 2, source.width % 2 == 1 {
      copyRow(group.luma, plane: layout.components[0].plane, samples: 2 * (source.width + 1))
    }
  }

  // MARK: Samples

  /// First sample of a component in one of its own rows.
  private func output(_ index: Int, row: Int) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(mutating: resultPlaces.row(row, index))
  }

  /// What the kernels read in its place.
  private func input(_ index: Int, row: Int) -> UnsafeRawPointer {
    if let denoiser { return UnsafeRawPointer(denoiser.row(row, component: index)) }
    return sourcePlaces.row(row, index)
  }

  private func copyAlpha(_ rows: Range<Int>) {
    guard let alpha = layout.alpha, !layout.holdsColor(alpha.plane) else { return }
    for y in rows { copyRow(y, plane: alpha.plane, samples: source.width * alpha.step) }
  }

  private func copyRow(_ y: Int, plane: Int, samples: Int) {
    UnsafeMutableRawPointer(result.plane(plane) + y * result.stride(ofPlane: plane)).copyMemory(
      from: source.plane(plane) + y * source.stride(ofPlane: plane), byteCount: samples * layout.bytesPerSample)
  }
}
