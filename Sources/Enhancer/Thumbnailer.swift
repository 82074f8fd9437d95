internal import CKernels
package import Frames

/// Makes the small pictures that curves are estimated from, straight from native samples.
///
/// Keeps its sums between pictures, and allocates only when they grow. For one thread at a time.
package final class Thumbnailer {
  private let kernels: Kernels
  private var layouts = LayoutCache()
  /// For each plane, one sum for each sample of its row.
  private var sums: [[UInt32]] = []
  private var floatSums: [Float] = []
  /// Means of the cells of one row, component by component, and sums that they are made from.
  private var means: [Float] = []
  private var totals: [UInt32] = []
  /// The columns of each cell of `columnGeometry`.
  private var columns: [Range<Int>] = []
  private var columnGeometry: MapGeometry?

  package init(kernels: Kernels = .best) { self.kernels = kernels }

  /// Fills `thumbnail`, of the geometry's size, from a frame of that picture size: RGB in [0, 1].
  ///
  /// Area sampling gives exact means of all pixels, with chroma replicated; conversion to RGB comes after the mean,
  /// which is the same since it is linear.
  package func fill(_ thumbnail: PlanarFrame, from frame: VideoFrame, geometry: MapGeometry) throws(EnhancerError) {
    guard let layout = layouts.layout(of: frame.format) else { throw .unsupportedFormat(frame.format) }
    check(thumbnail, width: frame.width, height: frame.height, geometry)
    switch geometry.sampling {
    case .reference:
      let reader = PixelReader(frame, layout: layout)
      interpolate(into: thumbnail, geometry: geometry) { reader.pixel(x: $0, y: $1) }
    case .area: average(frame, layout: layout, into: thumbnail, geometry: geometry)
    }
  }

  /// The same from a planar frame, whose values are taken as they are.
  package func fill(_ thumbnail: PlanarFrame, from frame: PlanarFrame, geometry: MapGeometry) {
    check(thumbnail, width: frame.width, height: frame.height, geometry)
    switch geometry.sampling {
    case .reference:
      interpolate(into: thumbnail, geometry: geometry) { x, y in
        SIMD3(frame[0, y, x], frame[1, y, x], frame[2, y, x])
      }
    case .area: average(frame, into: thumbnail, geometry: geometry)
    }
  }

  private func check(_ thumbnail: PlanarFrame, width: Int, height: Int, _ geometry: MapGeometry) {
    precondition(geometry.pictureWidth == width && geometry.pictureHeight == height, "the geometry is the picture's")
    precondition(thumbnail.width == geometry.width && thumbnail.height == geometry.height, "a pixel for each cell")
  }

  // MARK: Area

  private func average(_ frame: PlanarFrame, into thumbnail: PlanarFrame, geometry: MapGeometry) {
    if floatSums.count < frame.width { floatSums = [Float](repeating: 0, count: frame.width) }
    for channel in 0..<3 {
      for cy in 0..<geometry.height {
        let rows = geometry.rows(ofCell: cy)
        floatSums.withUnsafeMutableBufferPointer { sums in
          sums.update(repeating: 0)
          kernels.table.pointee.accumulate_float(
            sums.baseAddress!, frame.row(rows.lowerBound, channel: channel), frame.stride, rows.count, frame.width)
          let cells = thumbnail.row(cy, channel: channel)
          var cx = 0
          // All cells but the last have the same width. Each sum waits for the addition before: four side by side.
          let width = geometry.columns(ofCell: 0).count, size = Float(width * rows.count)
          while cx + 4 < geometry.width {
            let first = sums.baseAddress! + cx * width
            var four = SIMD4<Float>()
            for x in 0..<width {
              four += SIMD4(first[x], first[x + width], first[x + 2 * width], first[x + 3 * width])
            }
            UnsafeMutableRawPointer(cells + cx).storeBytes(of: four / size, as: SIMD4<Float>.self)
            cx += 4
          }
          for cx in cx..<geometry.width {
            let columns = geometry.columns(ofCell: cx)
            var sum: Float = 0
            for x in columns { sum += sums[x] }
            cells[cx] = sum / Float(columns.count * rows.count)
          }
        }
      }
    }
  }

  private func average(
    _ frame: VideoFrame, layout: PixelLayout, into thumbnail: PlanarFrame, geometry: MapGeometry
  ) {
    let planes = 0..<layout.planeCount
    while sums.count < planes.count { sums.append([]) }
    for plane in planes where layout.holdsColor(plane) {
      let count = layout.samplesPerRow(ofPlane: plane, width: frame.width)
      if sums[plane].count < count { sums[plane] = [UInt32](repeating: 0, count: count) }
    }
    let matrix = zdk_matrix(color: frame.color, format: frame.format, layout: layout, height: frame.height)
    if columnGeometry != geometry {
      columnGeometry = geometry
      columns = (0..<geometry.width).map { geometry.columns(ofCell: $0) }
    }
    if means.count < 3 * columns.count {
      means = [Float](repeating: 0, count: 3 * columns.count)
      totals = [UInt32](repeating: 0, count: columns.count)
    }
    for cy in 0..<geometry.height {
      let rows = geometry.rows(ofCell: cy)
      for plane in planes where layout.holdsColor(plane) {
        accumulate(frame, plane: plane, rows: rows, layout: layout)
      }
      for index in layout.components.indices { reduce(index, columns: columns, rows: rows, layout: layout) }
      means.withUnsafeBufferPointer { convert($0, into: thumbnail, row: cy, by: matrix, layout) }
    }
  }

  /// Makes a row of RGB of the means of a row of cells.
  private func convert(
    _ means: UnsafeBufferPointer<Float>, into thumbnail: PlanarFrame, row: Int, by matrix: zdk_matrix,
    _ layout: PixelLayout
  ) {
    let count = columns.count
    let (first, second, third) = (means.baseAddress!, means.baseAddress! + count, means.baseAddress! + 2 * count)
    let r = thumbnail.row(row, channel: 0), g = thumbnail.row(row, channel: 1), b = thumbnail.row(row, channel: 2)
    func clamped(_ value: Float) -> Float { value < 0 ? 0 : value > 1 ? 1 : value }
    switch layout.model {
    case .rgb:
      let largest = Float(1 << layout.depth - 1)
      for x in 0..<count {
        (r[x], g[x], b[x]) = (clamped(first[x] / largest), clamped(second[x] / largest), clamped(third[x] / largest))
      }
    case .gray:
      for x in 0..<count {
        let luma = clamped((first[x] - matrix.y_offset) * matrix.y_scale)
        (r[x], g[x], b[x]) = (luma, luma, luma)
      }
    case .yuv:
      for x in 0..<count {
        let luma = (first[x] - matrix.y_offset) * matrix.y_scale
        let cb = (second[x] - matrix.c_offset) * matrix.c_scale
        let cr = (third[x] - matrix.c_offset) * matrix.c_scale
        r[x] = clamped(luma + matrix.r_cr * cr)
        g[x] = clamped(luma + matrix.g_cb * cb + matrix.g_cr * cr)
        b[x] = clamped(luma + matrix.b_cb * cb)
      }
    }
  }

  /// Whether picture rows share none of the rows of a plane of half as many with others. Each of these then counts once.
  private static func isEven(_ rows: Range<Int>) -> Bool { rows.lowerBound % 2 == 0 && rows.upperBound % 2 == 0 }

  /// Sums the samples of a plane over picture rows, column by column. Where chroma has half the rows, each counts once
  /// for every luma row of the cell that it colours, unless these are even.
  private func accumulate(_ frame: VideoFrame, plane: Int, rows: Range<Int>, layout: PixelLayout) {
    let count = layout.samplesPerRow(ofPlane: plane, width: frame.width)
    let base = frame.plane(plane)
    let stride = frame.stride(ofPlane: plane)
    func add(_ rows: Range<Int>, to sums: UnsafeMutablePointer<UInt32>) {
      let samples = UnsafeRawPointer(base + rows.lowerBound * stride)
      if layout.bytesPerSample == 1 {
        let samples = samples.assumingMemoryBound(to: UInt8.self)
        kernels.table.pointee.accumulate8(sums, samples, stride, rows.count, count)
      } else {
        let samples = samples.assumingMemoryBound(to: UInt16.self)
        kernels.table.pointee.accumulate16(sums, samples, stride / 2, rows.count, count)
      }
    }
    sums[plane].withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress!
      sums.update(repeating: 0, count: count)
      guard layout.halvesRows(ofPlane: plane) else { return add(rows, to: sums) }
      let first = rows.lowerBound, end = rows.upperBound
      if (first + 1) / 2 < end / 2 { add((first + 1) / 2..<end / 2, to: sums) }
      guard !Self.isEven(rows) else { return }
      for index in 0..<count { sums[index] &*= 2 }
      // Rows shared with the cell above or below, or with nothing at the bottom of an odd height.
      if first % 2 == 1 { add(first / 2..<first / 2 + 1, to: sums) }
      if end % 2 == 1 { add(end / 2..<end / 2 + 1, to: sums) }
    }
  }

  /// Means of a component over the pixels of each cell, after `accumulate`, in codes; chroma is that of each pixel.
  private func reduce(_ index: Int, columns: [Range<Int>], rows: Range<Int>, layout: PixelLayout) {
    let component = layout.components[index]
    let step = component.step
    let isHalved = index > 0 && layout.chromaShiftX == 1
    let isOnce = layout.halvesRows(ofPlane: component.plane) && Self.isEven(rows)
    let unit = Float((isOnce ? rows.count / 2 : rows.count) << layout.shift)
    let width = columns[0].count
    // All cells but the last have the same width; where a chroma sample belongs to two of them, they do not line up.
    let isRegular = step == 1 && (!isHalved || width % 2 == 0)
    sums[component.plane].withUnsafeBufferPointer { sums in
      let start = sums.baseAddress! + component.offset
      totals.withUnsafeMutableBufferPointer { totals in
        let whole = isRegular ? columns.count - 1 : 0
        let divisor = isHalved ? 2 : 1
        kernels.table.pointee.cell_sums(totals.baseAddress!, start, whole, width / divisor)
        for cell in whole..<columns.count {
          let pixels = columns[cell]
          totals[cell] =
            isHalved
            ? Self.halvedSum(start, pixels, step: step)
            : Self.sum(start + pixels.lowerBound * step, count: pixels.count, step: step)
        }
        means.withUnsafeMutableBufferPointer { means in
          let means = means.baseAddress! + index * columns.count
          let size = Float(whole > 0 ? width / divisor : width) * unit
          for cell in 0..<columns.count - 1 { means[cell] = Float(Int32(bitPattern: totals[cell])) / size }
          let last = columns.count - 1
          means[last] = Float(totals[last]) / (Float(columns[last].count) * unit)
        }
      }
    }
  }

  /// The sum over some pixels, where each sample belongs to two neighbours.
  private static func halvedSum(_ start: UnsafePointer<UInt32>, _ pixels: Range<Int>, step: Int) -> UInt32 {
    let first = pixels.lowerBound
    let end = pixels.upperBound
    var total = 2 &* sum(start + (first + 1) / 2 * step, count: end / 2 - (first + 1) / 2, step: step)
    // Columns shared with the cell to the left or right, or with nothing at the edge of an odd width.
    if first % 2 == 1 { total &+= start[first / 2 * step] }
    if end % 2 == 1 { total &+= start[end / 2 * step] }
    return total
  }

  /// 32 bits hold any sum: a cell has at most 95 × 95 pixels of 16 bits.
  private static func sum(_ start: UnsafePointer<UInt32>, count: Int, step: Int) -> UInt32 {
    var total: UInt32 = 0
    if step == 1 {
      // On its own, so that the compiler uses vectors.
      for index in 0..<count { total &+= start[index] }
    } else {
      for index in 0..<count { total &+= start[index * step] }
    }
    return total
  }
}
