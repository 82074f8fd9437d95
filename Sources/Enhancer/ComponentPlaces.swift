internal import Frames

/// Where the rows of a picture's components are: nothing is retained for each of them. Valid while the picture lives, which
/// is for whoever works on it to see to.
///
/// `@unchecked Sendable`: addresses within a frame, which is Sendable.
struct ComponentPlaces: @unchecked Sendable {
  enum Kind { case native, planar, draft }

  private(set) var kind = Kind.draft
  /// Bits and unused low bits of native samples.
  private(set) var depth: Int32 = 8, shift: Int32 = 0
  /// Whether samples are bytes that follow each other, of components that are converted one by one.
  private(set) var isNarrow = false
  private var starts: (UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?) = (nil, nil, nil)
  private var strides = (0, 0, 0)
  private var steps: (Int32, Int32, Int32) = (1, 1, 1)

  init() {}

  init(_ frame: VideoFrame, _ layout: PixelLayout) {
    kind = .native
    (depth, shift) = (Int32(layout.depth), Int32(layout.shift))
    func place(_ index: Int) -> (start: UnsafeRawPointer?, stride: Int, step: Int32) {
      guard index < layout.components.count else { return (nil, 0, 1) }
      let component = layout.components[index]
      return (
        UnsafeRawPointer(frame.plane(component.plane) + component.offset * layout.bytesPerSample),
        frame.stride(ofPlane: component.plane), Int32(component.step)
      )
    }
    isNarrow = layout.model != .rgb && layout.bytesPerSample == 1 && layout.components.allSatisfy { $0.step == 1 }
    let (a, b, c) = (place(0), place(1), place(2))
    starts = (a.start, b.start, c.start)
    strides = (a.stride, b.stride, c.stride)
    steps = (a.step, b.step, c.step)
  }

  init(_ frame: PlanarFrame) {
    kind = .planar
    let stride = frame.stride * MemoryLayout<Float>.stride
    starts = (
      UnsafeRawPointer(frame.plane(0)), UnsafeRawPointer(frame.plane(1)), UnsafeRawPointer(frame.plane(2))
    )
    strides = (stride, stride, stride)
  }

  /// First sample of a component in one of its own rows.
  func row(_ y: Int, _ index: Int) -> UnsafeRawPointer {
    switch index {
    case 0: starts.0! + y * strides.0
    case 1: starts.1! + y * strides.1
    default: starts.2! + y * strides.2
    }
  }

  func step(_ index: Int) -> Int32 { index == 0 ? steps.0 : index == 1 ? steps.1 : steps.2 }
}
