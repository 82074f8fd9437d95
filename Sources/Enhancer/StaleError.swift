internal import Frames

/// How far a picture comes to be from what it would be if its curve map is an earlier one: predicted from how far its
/// thumbnail is from that of the map.
///
/// The network gives dark pictures steep curves and bright ones flat ones, and what moves counts more in one than in the
/// other. So the ratio is learned from the footage itself: whenever a map is replaced, both it and its successor are at hand.
///
/// Keeps its memory between pictures. For one thread at a time.
struct StaleError {
  /// Of a picture of which nothing is known: the median of six clips, from 0.4 to 1.1.
  private static let usualRatio = 0.7
  /// A ratio beyond these comes from too little to be measured.
  private static let ratios = 0.1...4
  private static let leastShift = 0.0005
  /// Every so many rows of cells are looked at.
  private static let rowStep = 4

  private let kernels: Kernels
  private var ratio = usualRatio
  /// A row of R, G and B, and of what two maps make of it.
  private var rows: [Float] = []

  init(kernels: Kernels) { self.kernels = kernels }

  /// The root mean square difference of luma in [0, 1] that a shift (see `CurveReuse.Difference`) is likely to stand for.
  func predicted(for shift: Double) -> Double { ratio * shift }

  /// Forgets what was learned, which is of another scene.
  mutating func forget() { ratio = Self.usualRatio }

  /// Learns from what `earlier`, which served until now, and `map`, which is made from `thumbnail`, make of that.
  mutating func learn(from earlier: CurveMap, to map: CurveMap, thumbnail: PlanarFrame, shift: Double) {
    guard shift >= Self.leastShift else { return }
    let error = error(earlier, map, thumbnail)
    guard error.isFinite else { return }
    let seen = min(max(error / shift, Self.ratios.lowerBound), Self.ratios.upperBound)
    ratio = (ratio * seen).squareRoot()
  }

  private mutating func error(_ earlier: CurveMap, _ map: CurveMap, _ thumbnail: PlanarFrame) -> Double {
    let width = thumbnail.width
    if rows.count != 9 * width { rows = Array(repeating: 0, count: 9 * width) }
    let gain = map.tone?.gain ?? 1, kernels = kernels
    var sum: Float = 0, count = 0
    rows.withUnsafeMutableBufferPointer { rows in
      let x = rows.baseAddress!, old = x + 3 * width, new = old + 3 * width
      for y in stride(from: min(Self.rowStep / 2, thumbnail.height - 1), to: thumbnail.height, by: Self.rowStep) {
        for channel in 0..<3 {
          let row = thumbnail.row(y, channel: channel), gained = x + channel * width
          for column in 0..<width { gained[column] = min(gain * row[column], 1) }
        }
        kernels.curve(x, into: old, width: width, maps: earlier.maps) { earlier.row(y, plane: $0) }
        kernels.curve(x, into: new, width: width, maps: map.maps) { map.row(y, plane: $0) }
        for column in 0..<width {
          let red = new[column] - old[column], green = new[width + column] - old[width + column]
          let blue = new[2 * width + column] - old[2 * width + column]
          let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
          sum += luma * luma
        }
        count += width
      }
    }
    return (Double(sum) / Double(count)).squareRoot()
  }
}
