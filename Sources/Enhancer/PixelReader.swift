internal import CKernels
internal import Frames

/// Reads single pixels of a direct format as RGB; for the few that reference sampling looks at.
struct PixelReader {
  private let frame: VideoFrame
  private let layout: PixelLayout
  private let matrix: zdk_matrix

  init(_ frame: VideoFrame, layout: PixelLayout) {
    self.frame = frame
    self.layout = layout
    matrix = zdk_matrix(color: frame.color, format: frame.format, layout: layout, height: frame.height)
  }

  /// RGB in [0, 1]; chroma is that of the nearest sample.
  func pixel(x: Int, y: Int) -> SIMD3<Float> {
    switch layout.model {
    case .gray: matrix.rgb(y: code(0, x, y), u: matrix.c_offset, v: matrix.c_offset)
    case .yuv:
      matrix.rgb(
        y: code(0, x, y), u: code(1, x >> layout.chromaShiftX, y >> layout.chromaShiftY),
        v: code(2, x >> layout.chromaShiftX, y >> layout.chromaShiftY))
    case .rgb: SIMD3(code(0, x, y), code(1, x, y), code(2, x, y)) / Float(1 << layout.depth - 1)
    }
  }

  /// One sample as a code in [0, 2^depth); `x` and `y` count the samples of its component.
  private func code(_ index: Int, _ x: Int, _ y: Int) -> Float {
    let component = layout.components[index]
    let row = UnsafeRawPointer(frame.plane(component.plane) + y * frame.stride(ofPlane: component.plane))
    let sample = x * component.step + component.offset
    return layout.bytesPerSample == 1
      ? Float(row.load(fromByteOffset: sample, as: UInt8.self))
      : Float(row.load(fromByteOffset: 2 * sample, as: UInt16.self) >> layout.shift)
  }
}

extension PixelLayout {
  /// Whether a plane has other samples than alpha.
  func holdsColor(_ plane: Int) -> Bool { components.contains { $0.plane == plane } }

  /// Samples of one row of a plane, from the first to the last one that means something.
  func samplesPerRow(ofPlane plane: Int, width: Int) -> Int {
    var samples = 0
    for (index, component) in components.enumerated() where component.plane == plane {
      let columns = index > 0 ? (width + (1 << chromaShiftX) - 1) >> chromaShiftX : width
      samples = max(samples, (columns - 1) * component.step + component.offset + 1)
    }
    return samples
  }

  /// Whether each row of a plane belongs to two rows of the picture.
  func halvesRows(ofPlane plane: Int) -> Bool { chromaShiftY == 1 && plane != components[0].plane }
}

/// The layout of the format asked for last: making one allocates, and streams rarely change their format.
struct LayoutCache {
  private var last: (format: PixelFormat, layout: PixelLayout?)?

  mutating func layout(of format: PixelFormat) -> PixelLayout? {
    if let last, last.format == format { return last.layout }
    let layout = format.layout
    last = (format, layout)
    return layout
  }
}

extension Thumbnailer {
  /// `F.interpolate(x, scale_factor=1/scale, mode="bilinear", align_corners=False)` of PyTorch: between the four pixels
  /// round the centre of each cell, without anti-aliasing. Pixels past the edge are those of the edge.
  func interpolate(into thumbnail: PlanarFrame, geometry: MapGeometry, pixel: (_ x: Int, _ y: Int) -> SIMD3<Float>) {
    func position(_ cell: Int, _ pixels: Int) -> (first: Int, second: Int, weight: Float) {
      let source = max(Float(geometry.scale) * (Float(cell) + 0.5) - 0.5, 0)
      let first = min(Int(source), pixels - 1)
      return (first, min(first + 1, pixels - 1), min(source - Float(first), 1))
    }
    for cy in 0..<geometry.height {
      let (top, bottom, down) = position(cy, geometry.pictureHeight)
      for cx in 0..<geometry.width {
        let (left, right, across) = position(cx, geometry.pictureWidth)
        let above = pixel(left, top) * (1 - across) + pixel(right, top) * across
        let below = pixel(left, bottom) * (1 - across) + pixel(right, bottom) * across
        let value = above * (1 - down) + below * down
        for channel in 0..<3 { thumbnail[channel, cy, cx] = value[channel] }
      }
    }
  }
}
