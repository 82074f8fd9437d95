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
  /// Rows of fields alternate.
  let isInterlaced: Bool

  init(_ frame: VideoFrame, layout: PixelLayout) {
    picture = .native(frame, layout)
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
    isInterlaced = false
    groups = [Group(components: 0..<3, width: frame.width, height: frame.height, isLuma: true)]
  }

  /// The same picture, as `draft` has it.
  func with(_ draft: Denoiser.Draft) -> FineSource { FineSource(.draft(draft), groups, isInterlaced) }

  private init(_ picture: Picture, _ groups: [Group], _ isInterlaced: Bool) {
    self.picture = picture
    self.groups = groups
    self.isInterlaced = isInterlaced
  }

  /// Fills fine rows, one for each component of `group`, with row `y`.
  func widen(_ y: Int, of group: Group, into rows: [UnsafeMutablePointer<UInt16>], _ kernels: Kernels) {
    let table = kernels.table.pointee
    switch picture {
    case .planar(let frame):
      withThree({ rows[$0] }) { targets in
        withThree({ UnsafePointer(frame.row(y, channel: $0)) }) { table.widen_float(targets, $0, group.width) }
      }
    case .draft(let draft):
      for (row, component) in zip(rows, group.components) {
        row.update(from: draft.row(y, component: component), count: group.width)
      }
    case .native(let frame, let layout):
      let first = group.components.lowerBound
      let step = Int32(layout.components[first].step)
      let (depth, shift) = (Int32(layout.depth), Int32(layout.shift))
      if group.components.count == 1 {
        table.widen(rows[0], frame.sample(first, row: y, layout: layout), step, group.width, depth, shift)
      } else {
        withThree({ rows[$0] }) { targets in
          withThree({ UnsafeRawPointer(frame.sample($0, row: y, layout: layout)) }) {
            table.widen_rgb(targets, $0, step, group.width, depth, shift)
          }
        }
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

extension VideoFrame {
  /// First sample of a component in one of its own rows.
  func sample(_ index: Int, row: Int, layout: PixelLayout) -> UnsafeMutableRawPointer {
    let component = layout.components[index]
    return UnsafeMutableRawPointer(
      plane(component.plane) + row * stride(ofPlane: component.plane) + component.offset * layout.bytesPerSample)
  }
}
