extension CurveMap {
  /// Draws one map as it is applied, interpolated to the picture's size: -1...1 become 0...255, rounded, 0 becomes 128.
  ///
  /// - Parameters:
  ///   - map: `0..<maps`.
  ///   - pixels: packed RGB, 8 bits; as many rows and columns as the geometry's picture.
  ///   - stride: bytes from one row to the next, at least three times the picture's width.
  package func draw(_ map: Int, into pixels: UnsafeMutablePointer<UInt8>, stride: Int) {
    precondition((0..<maps).contains(map) && stride >= 3 * geometry.pictureWidth, "no such map, or too narrow rows")
    let axes = MapAxes(geometry)
    let width = geometry.pictureWidth
    // Rows of cells at full width: the one above and the one below, for each channel.
    var above = [Float](repeating: 0, count: 3 * width)
    var below = above
    var cells = (above: -1, below: -1)
    func expand(_ cell: Int, into rows: inout [Float]) {
      rows.withUnsafeMutableBufferPointer { rows in
        for channel in 0..<3 {
          axes.horizontal.expand(
            row(cell, plane: map * 3 + channel), into: rows.baseAddress! + channel * width, .best)
        }
      }
    }
    for y in 0..<geometry.pictureHeight {
      let (upper, lower, weight) = axes.vertical.position(ofPixel: y)
      if upper != cells.above { expand(upper, into: &above) }
      if lower != cells.below { expand(lower, into: &below) }
      cells = (upper, lower)
      let line = pixels + y * stride
      for channel in 0..<3 {
        for x in 0..<width {
          let start = above[channel * width + x]
          let value = start + weight * (below[channel * width + x] - start)
          line[3 * x + channel] = UInt8(max(0, min(255, value * 127.5 + 128)))
        }
      }
    }
  }
}
