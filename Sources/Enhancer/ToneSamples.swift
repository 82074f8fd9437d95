internal import Frames

/// Some cells of a thumbnail with their curves, evenly spread: what gain and curve make of them stands for what they make
/// of the picture.
///
/// Keeps its memory between pictures. For one thread at a time.
final class ToneSamples {
  /// Mean of R, G and B.
  private(set) var brightness: Float = 0

  /// Cells at most: enough for the third digit of a mean.
  private static let most = 1024
  private let kernels: Kernels
  private var count = 0
  private var maps = 1
  /// Values; then gained ones, and results. R, G and B of a cell follow each other; each part has room for all.
  private let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: 3 * room)
  /// Curves of each map, and the same weakened.
  private let curves = UnsafeMutableBufferPointer<Float>.allocate(capacity: 2 * CurveMap.iterations * room)
  /// The grid has at most twice as many cells as are asked for in each direction.
  private static let room = 3 * 4 * most

  init(kernels: Kernels) {
    self.kernels = kernels
    values.initialize(repeating: 0)
    curves.initialize(repeating: 0)
  }

  deinit {
    values.deallocate()
    curves.deallocate()
  }

  func take(_ thumbnail: PlanarFrame, _ map: CurveMap) {
    maps = map.maps
    count = 0
    var sum: Float = 0
    var step = max(1, Int((Double(thumbnail.width * thumbnail.height) / Double(Self.most)).squareRoot()))
    // Of long and narrow pictures.
    while 3 * (thumbnail.width / step + 1) * (thumbnail.height / step + 1) > Self.room { step += 1 }
    for y in stride(from: min(step / 2, thumbnail.height - 1), to: thumbnail.height, by: step) {
      for x in stride(from: min(step / 2, thumbnail.width - 1), to: thumbnail.width, by: step) {
        for channel in 0..<3 {
          // What is no number, and the curve that the network makes of it, count as nothing.
          let value = thumbnail.row(y, channel: channel)[x]
          values[count] = value.isNaN ? 0 : value
          sum += values[count]
          for index in 0..<maps {
            let curve = map.row(y, plane: index * 3 + channel)[x]
            curves[index * Self.room + count] = curve.isNaN ? 0 : curve
          }
          count += 1
        }
      }
    }
    brightness = sum / Float(max(count, 1))
  }

  /// Mean of the results with a gain, and curves of a share of their values.
  func mean(gain: Float, share: Float) -> Float {
    let values = values.baseAddress!, gained = values + Self.room, results = gained + Self.room
    for index in 0..<count { gained[index] = min(values[index] * gain, 1) }
    // The kernel works sample by sample, so it does not matter which third of them goes as which channel.
    let third = count / 3, curves = curves.baseAddress!, weakened = curves + CurveMap.iterations * Self.room
    for map in 0..<maps {
      let own = map * Self.room
      for index in own..<own + count { weakened[index] = min(max(share * curves[index], -1), 1) }
    }
    kernels.curve(gained, into: results, width: third, maps: maps) { weakened + $0 / 3 * Self.room + $0 % 3 * third }
    var sum: Float = 0
    for index in 0..<count { sum += results[index] }
    return sum / Float(max(count, 1))
  }
}
