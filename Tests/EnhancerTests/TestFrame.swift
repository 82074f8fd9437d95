import CFFmpeg
import Frames

/// Video frames as tests need them: any format, with guard bytes round every plane.
struct TestFrame {
  let frame: VideoFrame
  let layout: PixelLayout

  /// A frame of zeros; with `bottomUp`, rows are stored from the last to the first (negative strides).
  init(
    _ format: String, width: Int, height: Int, color: (matrix: AVColorSpace, range: AVColorRange)? = nil,
    interlaced: Bool = false, bottomUp: Bool = false
  ) throws {
    let raw = try allocated(av_frame_alloc(), "a frame")
    raw.pointee.format = av_get_pix_fmt(format).rawValue
    raw.pointee.width = Int32(width)
    raw.pointee.height = Int32(height)
    raw.pointee.colorspace = color?.matrix ?? AVCOL_SPC_UNSPECIFIED
    raw.pointee.color_range = color?.range ?? AVCOL_RANGE_UNSPECIFIED
    raw.pointee.interlaced_frame = interlaced ? 1 : 0
    try check(av_frame_get_buffer(raw, 0), "allocate", "a frame")
    frame = VideoFrame(owning: raw, timeBase: Rational(1, 25))
    layout = frame.format.layout!
    for plane in 0..<layout.planeCount {
      let rows = layout.height(ofPlane: plane, picture: height)
      let stride = frame.stride(ofPlane: plane)
      frame.plane(plane).update(repeating: 0, count: stride * rows)
      guard bottomUp else { continue }
      let last = frame.plane(plane) + stride * (rows - 1)
      withUnsafeMutableBytes(of: &raw.pointee.data) {
        $0.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)[plane] = last
      }
      withUnsafeMutableBytes(of: &raw.pointee.linesize) {
        $0.assumingMemoryBound(to: Int32.self)[plane] = Int32(-stride)
      }
    }
  }

  init(_ frame: VideoFrame) {
    self.frame = frame
    layout = frame.format.layout!
  }

  /// Size of a component in its own samples.
  func size(_ component: Int) -> (width: Int, height: Int) {
    let isChroma = layout.model == .yuv && (1...2).contains(component)
    let x = isChroma ? layout.chromaShiftX : 0
    let y = isChroma ? layout.chromaShiftY : 0
    return ((frame.width + (1 << x) - 1) >> x, (frame.height + (1 << y) - 1) >> y)
  }

  var componentCount: Int { layout.components.count }

  /// The code of one sample; component 3 is alpha.
  subscript(component: Int, y: Int, x: Int) -> Int {
    get {
      let pointer = address(component, y, x)
      return layout.bytesPerSample == 1
        ? Int(pointer.load(as: UInt8.self)) : Int(pointer.load(as: UInt16.self)) >> layout.shift
    }
    nonmutating set {
      let pointer = address(component, y, x)
      if layout.bytesPerSample == 1 {
        pointer.storeBytes(of: UInt8(newValue), as: UInt8.self)
      } else {
        pointer.storeBytes(of: UInt16(newValue << layout.shift), as: UInt16.self)
      }
    }
  }

  private func address(_ index: Int, _ y: Int, _ x: Int) -> UnsafeMutableRawPointer {
    let component = index == 3 ? layout.alpha! : layout.components[index]
    return UnsafeMutableRawPointer(
      frame.plane(component.plane) + y * frame.stride(ofPlane: component.plane)
        + (x * component.step + component.offset) * layout.bytesPerSample)
  }

  /// Random codes everywhere, alpha too; `range` is a part of all codes, such as 0...0.4 for a dark picture.
  func fill(seed: UInt64, range: ClosedRange<Double> = 0...1) {
    var numbers = Numbers(seed: seed)
    let largest = Double(1 << layout.depth - 1)
    for component in 0..<componentCount + (layout.alpha == nil ? 0 : 1) {
      let index = component == componentCount ? 3 : component
      let (width, height) = size(index)
      for y in 0..<height {
        for x in 0..<width {
          // Chroma stays in the middle, or most pixels would be outside RGB.
          let isChroma = layout.model == .yuv && (1...2).contains(index)
          let bounds = isChroma ? 0.4...0.6 : range
          self[index, y, x] = Int(Double.random(in: bounds, using: &numbers) * largest)
        }
      }
    }
  }

  /// All codes of all components, alpha last.
  var codes: [Int] {
    (0..<componentCount + (layout.alpha == nil ? 0 : 1)).flatMap { component in
      let index = component == componentCount ? 3 : component
      let (width, height) = size(index)
      return (0..<height).flatMap { y in (0..<width).map { x in self[index, y, x] } }
    }
  }

  /// Every direct format of this FFmpeg.
  static let directFormats: [String] = {
    var names: [String] = []
    var descriptor = av_pix_fmt_desc_next(nil)
    while let current = descriptor {
      let format = PixelFormat(av_pix_fmt_desc_get_id(current))
      if format.layout != nil { names.append(format.name) }
      descriptor = av_pix_fmt_desc_next(current)
    }
    return names
  }()
}
