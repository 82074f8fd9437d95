internal import CKernels
internal import Frames

/// A picture as the denoiser reads it: components brought to fine rows, in groups that are converted together.
struct FineSource: Sendable {
  /// Where the samples are.
  enum Picture: Sendable {
    case native(VideoFrame, PixelLayout)
    case planar(PlanarFrame)
    /// What a pass before this one made.
    case draft(Denoiser.Draft)
  }

  /// Components of one size whose rows are converted at once: each of Y, U and V for itself, R, G and B together.
  struct Group: Sendable, Hashable {
    let components: Range<Int>
    let width: Int, height: Int
    /// Whether the first component is luma, or green in its place; the others are colour.
    let isLuma: Bool
  }

  let picture: Picture
  let groups: [Group]
  /// Where the components are. Rows are found by it alone: nothing is retained for each of them.
  private let places: ComponentPlaces
  /// Rows of fields alternate.
  let isInterlaced: Bool

  init(_ frame: VideoFrame, layout: PixelLayout) {
    picture = .native(frame, layout)
    places = ComponentPlaces(frame, layout)
    isInterlaced = frame.isInterlaced
    switch layout.model {
    case .rgb: groups = [Group(components: 0..<3, width: frame.width, height: frame.height, isLuma: true)]
    case .gray: groups = [Group(components: 0..<1, width: frame.width, height: frame.height, isLuma: true)]
    case .yuv:
      groups = (0..<3).map { index in
        let (x, y) = index == 0 ? (0, 0) : (layout.chromaShiftX, layout.chromaShiftY)
        return Group(
          components: index..<index + 1, width: (frame.width + x) >> x, height: (frame.height + y) >> y,
          isLuma: index == 0)
      }
    }
  }

  init(_ frame: PlanarFrame) {
    picture = .planar(frame)
    places = ComponentPlaces(frame)
    isInterlaced = false
    groups = [Group(components: 0..<3, width: frame.width, height: frame.height, isLuma: true)]
  }

  /// The same picture, as `draft` has it.
  func with(_ draft: Denoiser.Draft) -> FineSource { FineSource(.draft(draft), groups, isInterlaced) }

  private init(_ picture: Picture, _ groups: [Group], _ isInterlaced: Bool) {
    self.picture = picture
    places = ComponentPlaces()
    self.groups = groups
    self.isInterlaced = isInterlaced
  }

  /// Whether rows are those of 8-bit components, sample by sample: denoising takes them as they are.
  var isNarrow: Bool { places.isNarrow }

  /// Row `y` of the only component of `group`, where the source is narrow.
  func codes(_ y: Int, of group: Group) -> UnsafePointer<UInt8> {
    places.row(y, group.components.lowerBound).assumingMemoryBound(to: UInt8.self)
  }

  /// Fills fine rows, one for each component of `group`, with row `y`.
  func widen(_ y: Int, of group: Group, into rows: UnsafePointer<UnsafeMutablePointer<UInt16>>, _ kernels: Kernels) {
    let table = kernels.table
    switch places.kind {
    case .native where group.components.count == 1:
      let index = group.components.lowerBound
      table.pointee.widen(
        rows[0], places.row(y, index), places.step(index), group.width, places.depth, places.shift)
    case .native:
      withThree({ rows[$0] }) { targets in
        withThree({ places.row(y, $0) }) {
          table.pointee.widen_rgb(targets, $0, places.step(0), group.width, places.depth, places.shift)
        }
      }
    case .planar:
      withThree({ rows[$0] }) { targets in
        withThree({ places.row(y, $0).assumingMemoryBound(to: Float.self) }) {
          table.pointee.widen_float(targets, $0, group.width)
        }
      }
    case .draft:
      guard case .draft(let draft) = picture else { return }
      for (index, component) in group.components.enumerated() {
        rows[index].update(from: draft.row(y, component: component), count: group.width)
      }
    }
  }
}

/// Three pointers as the kernels take them; on the stack, since this happens for every row.
private func withThree<Pointer>(_ pointer: (Int) -> Pointer, _ body: (UnsafePointer<Pointer?>) -> Void) {
  withUnsafeTemporaryAllocation(of: Pointer?.self, capacity: 3) { three in
    for index in 0..<3 { three.initializeElement(at: index, to: pointer(index)) }
    body(UnsafePointer(three.baseAddress!))
  }
}
