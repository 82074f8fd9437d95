internal import CKernels

/// The rows of a curve map at the width of what they are applied to, for one worker: what kernels read while they go down
/// a band.
///
/// Rows of cells are expanded once and kept for all the picture rows between them. Memory is kept from frame to frame.
final class CurveRows {
  /// Rows of cells that eight picture rows can lie between, at the smallest scale.
  private static let slots = 8

  private var storage: UnsafeMutableBufferPointer<Float> = .init(start: nil, count: 0)
  /// The row of cells in each slot; -1 where there is none.
  private let tags = UnsafeMutablePointer<Int>.allocate(capacity: slots)

  private let kernels: Kernels

  /// Room for what kernels are to be told of groups of native rows: `ZDK_YUV_GROUPS` of them.
  let groups = UnsafeMutablePointer<zdk_yuv_rows>.allocate(capacity: Int(ZDK_YUV_GROUPS))

  init(kernels: Kernels) {
    self.kernels = kernels
    tags.initialize(repeating: -1, count: Self.slots)
    groups.initialize(repeating: zdk_yuv_rows(), count: Int(ZDK_YUV_GROUPS))
  }

  deinit {
    UnsafeMutableRawBufferPointer(storage).deallocate()
    tags.deallocate()
    groups.deallocate()
  }

  /// Forgets the rows of the frame before, and makes room for those of a map.
  func begin(_ map: CurveMap, across axis: MapAxis) {
    tags.update(repeating: -1, count: Self.slots)
    let count = axis.isIdentity ? 0 : Self.slots * map.maps * 3 * axis.weights.count
    guard storage.count < count else { return }
    UnsafeMutableRawBufferPointer(storage).deallocate()
    storage = UnsafeMutableRawBufferPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
      .bindMemory(to: Float.self)
  }

  /// Points `row` to the curves of picture row `y`, or of the middle between that and row `other`. They stay valid for
  /// seven further rows.
  func point(_ row: inout zdk_curve_row, to y: Int, _ other: Int? = nil, of map: CurveMap, axes: MapAxes) {
    var (upper, lower, weight) = axes.vertical.position(between: y, other ?? y)
    // Cells that do not count would take the place of others.
    if weight == 0 { lower = upper }
    row.t = weight
    let planes = map.maps * 3
    let above = expanded(upper, planes, map, axes.across), below = expanded(lower, planes, map, axes.across)
    withUnsafeMutableBytes(of: &row.upper) { bytes in
      let pointers = bytes.assumingMemoryBound(to: UnsafePointer<Float>?.self)
      for plane in 0..<planes { pointers[plane] = above.start + plane * above.stride }
    }
    withUnsafeMutableBytes(of: &row.lower) { bytes in
      let pointers = bytes.assumingMemoryBound(to: UnsafePointer<Float>?.self)
      for plane in 0..<planes { pointers[plane] = below.start + plane * below.stride }
    }
  }

  /// A row of cells of all planes at the width of `axis`: that of the first plane, and how far it is to the next.
  private func expanded(
    _ cellRow: Int, _ planes: Int, _ map: CurveMap, _ axis: MapAxis
  ) -> (start: UnsafePointer<Float>, stride: Int) {
    if axis.isIdentity { return (UnsafePointer(map.row(cellRow, plane: 0)), map.planeStride) }
    let slot = cellRow % Self.slots
    let width = axis.weights.count
    let start = storage.baseAddress! + slot * planes * width
    if tags[slot] != cellRow {
      tags[slot] = cellRow
      for plane in 0..<planes { axis.expand(map.row(cellRow, plane: plane), into: start + plane * width, kernels) }
    }
    return (UnsafePointer(start), width)
  }
}

/// Both axes of a geometry, with the tables that bring a map to full size.
struct MapAxes: Sendable {
  let geometry: MapGeometry
  let horizontal: MapAxis
  let vertical: MapAxis
  /// The axis that curves are brought to: the horizontal one, or that of samples that stand for two pixels each.
  let across: MapAxis
  let halvesColumns: Bool

  init(_ geometry: MapGeometry, halvesColumns: Bool = false) {
    self.geometry = geometry
    self.halvesColumns = halvesColumns
    horizontal = geometry.horizontalAxis()
    vertical = geometry.verticalAxis()
    across = halvesColumns ? horizontal.halved() : horizontal
  }
}

extension MapAxis {
  /// Interpolates linearly between cells: `cells` in, one value for each pixel out.
  func expand(_ cells: UnsafePointer<Float>, into row: UnsafeMutablePointer<Float>, _ kernels: Kernels) {
    kernels.table.pointee.expand(row, cells, lower, upper, weights, weights.count)
  }
}
