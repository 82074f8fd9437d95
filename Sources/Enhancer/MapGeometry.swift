/// How the cells of a curve map lie over a picture.
public struct MapGeometry: Sendable, Hashable {
  /// Size of the picture in pixels, at least 1 each.
  public let pictureWidth: Int, pictureHeight: Int
  /// Pixels per cell in each direction: 1...64.
  public let scale: Int
  /// How cells and pixels hang together.
  public let sampling: Sampling

  /// Sizes are at least 1.
  public init(pictureWidth: Int, pictureHeight: Int, scale: Int, sampling: Sampling) {
    precondition(pictureWidth > 0 && pictureHeight > 0, "a picture has at least one pixel")
    precondition((1...64).contains(scale), "scales are between 1 and 64")
    self.pictureWidth = pictureWidth
    self.pictureHeight = pictureHeight
    self.scale = scale
    self.sampling = sampling
  }

  /// Cells per row.
  public var width: Int { cells(along: pictureWidth) }
  /// Rows of cells.
  public var height: Int { cells(along: pictureHeight) }

  private func cells(along pixels: Int) -> Int {
    switch sampling {
    case .area: max(1, (pixels + scale / 2) / scale)
    case .reference: max(1, pixels / scale)
    }
  }

  /// The pixels of column `cell`, for the area mean. The last column takes what is left: half to one and a half cells.
  func columns(ofCell cell: Int) -> Range<Int> {
    cell * scale..<(cell == width - 1 ? pictureWidth : (cell + 1) * scale)
  }

  /// The pixels of row `cell`; likewise.
  func rows(ofCell cell: Int) -> Range<Int> {
    cell * scale..<(cell == height - 1 ? pictureHeight : (cell + 1) * scale)
  }
}

/// Where each pixel of one axis lies between two neighbouring cells; computed once per geometry.
struct MapAxis: Sendable {
  /// For each pixel, the cells on either side; the same one outside the outermost centres.
  let lower: [Int32], upper: [Int32]
  /// For each pixel, the way from the lower to the upper cell: [0, 1].
  let weights: [Float]
  /// One cell per pixel: nothing to interpolate.
  let isIdentity: Bool
  private let positions: [Double]
  private let cells: Int

  init(pixels: Int, cells: Int, scale: Int, sampling: Sampling) {
    let positions = (0..<pixels).map { pixel in
      switch sampling {
      case .area: (Double(pixel) - Double(scale - 1) / 2) / Double(scale)
      case .reference: pixels == 1 ? 0 : Double(pixel) * Double(cells - 1) / Double(pixels - 1)
      }
    }
    self.init(positions: positions, cells: cells)
  }

  /// `positions`: where each pixel lies, in cells from the first one's centre.
  private init(positions: [Double], cells: Int) {
    var lower: [Int32] = []
    var upper: [Int32] = []
    var weights: [Float] = []
    for position in positions {
      let clamped = min(max(position, 0), Double(cells - 1))
      let cell = Int(clamped)
      lower.append(Int32(cell))
      upper.append(Int32(position <= 0 ? 0 : min(cell + 1, cells - 1)))
      weights.append(Float(clamped - Double(cell)))
    }
    self.lower = lower
    self.upper = upper
    self.weights = weights
    self.positions = positions
    self.cells = cells
    isIdentity = positions.indices.elementsEqual(positions, by: { Double($0) == $1 }) && positions.count == cells
  }

  /// The axis of samples that each stand for two pixels, and the last one for what is left.
  func halved() -> MapAxis {
    let halves = stride(from: 0, to: positions.count, by: 2).map {
      (positions[$0] + positions[min($0 + 1, positions.count - 1)]) / 2
    }
    return MapAxis(positions: halves, cells: cells)
  }

  /// The cells on either side of a pixel, and the way from the lower to the upper one.
  func position(ofPixel pixel: Int) -> (lower: Int, upper: Int, weight: Float) {
    (Int(lower[pixel]), Int(upper[pixel]), weights[pixel])
  }

  /// The same for the middle between two pixels.
  func position(between a: Int, _ b: Int) -> (lower: Int, upper: Int, weight: Float) {
    if a == b { return position(ofPixel: a) }
    let position = min(max((positions[a] + positions[b]) / 2, 0), Double(cells - 1))
    let lower = Int(position)
    return (lower, min(lower + 1, cells - 1), Float(position - Double(lower)))
  }
}

extension MapGeometry {
  /// The axis across.
  func horizontalAxis() -> MapAxis {
    MapAxis(pixels: pictureWidth, cells: width, scale: scale, sampling: sampling)
  }

  /// The axis down.
  func verticalAxis() -> MapAxis {
    MapAxis(pixels: pictureHeight, cells: height, scale: scale, sampling: sampling)
  }
}
