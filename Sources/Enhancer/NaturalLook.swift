internal import Foundation
internal import Frames

/// Chooses how bright a picture becomes, and by what: exposure as far as its lights allow, the curve for the rest.
///
/// The network's curve lifts shadows by bending every tone towards the light, which costs contrast. Most dark footage
/// leaves the upper half of its range empty; there a plain gain, as of a longer exposure, makes the same brightness
/// and keeps contrast. So the picture's brightest tones are brought up to `white` first, and the network's map is
/// weakened until the mean is the one that the network alone would have given. Where lamps or the sky leave no room,
/// the gain is 1 and the map is the network's own.
///
/// Keeps its samples between pictures. For one thread at a time.
struct NaturalLook {
  /// Largest gain. Beyond it, steps of 8-bit codes would show.
  static let largestGain: Float = 4
  /// Factor on the network's curves in the look `strong`.
  static let strongFactor = 1.3
  /// Where the brightest tones go: below 1, since the curve lifts them further.
  private static let white: Float = 0.8
  /// The share of cells that may become brighter than `white`.
  private static let brighterShare = 0.01
  /// Mean brightness up to which a picture gets the whole look, and from which on none.
  private static let dusk: ClosedRange<Float> = 0.30...0.40
  /// Cells that the mean is taken of, at most: enough for its third digit.
  private static let sampleCount = 1024

  /// Whether well-lit pictures stay as they are.
  let spares: Bool
  private var samples = Samples()
  /// Cells by their largest channel, in equal steps from 0 to 1.
  private var histogram = [Int](repeating: 0, count: histogramSteps + 1)
  private static let histogramSteps = 1024

  init(spares: Bool) { self.spares = spares }

  /// How much of the look a picture of this mean brightness gets.
  func amount(ofMean mean: Float) -> Float {
    guard spares else { return 1 }
    let way = (mean - Self.dusk.lowerBound) / (Self.dusk.upperBound - Self.dusk.lowerBound)
    return 1 - min(max(way, 0), 1)
  }

  /// Sets the tone of `map`, made from `thumbnail`, and weakens its curves accordingly.
  mutating func settle(_ map: CurveMap, for thumbnail: PlanarFrame, scene: Int) {
    if Self.isGrey(thumbnail) { map.joinChannels() }
    samples.take(thumbnail, map, count: Self.sampleCount)
    var tone = Tone(gain: 1, amount: amount(ofMean: samples.brightness), scene: scene)
    let wanted = samples.mean(gain: 1, share: 1)
    var share: Float = 1
    let room = Self.white / max(brightest(thumbnail), 1e-3)
    tone.gain = min(max(room, 1), Self.largestGain)
    if tone.gain > 1 {
      if samples.mean(gain: tone.gain, share: 0) >= wanted {
        tone.gain = Self.bisect(1...tone.gain) { samples.mean(gain: $0, share: 0) < wanted }
        share = 0
      } else {
        share = Self.bisect(0...1) { samples.mean(gain: tone.gain, share: $0) < wanted }
      }
    }
    tone.gain = 1 + (tone.gain - 1) * tone.amount
    map.scale(by: Double(share * tone.amount))
    map.tone = tone
  }

  /// Whether no cell has a colour that could not come from rounding: infrared footage must not get one.
  private static func isGrey(_ thumbnail: PlanarFrame) -> Bool {
    let limit: Float = 1.5 / 255
    for y in 0..<thumbnail.height {
      let r = thumbnail.row(y, channel: 0), g = thumbnail.row(y, channel: 1), b = thumbnail.row(y, channel: 2)
      for x in 0..<thumbnail.width where abs(r[x] - g[x]) > limit || abs(b[x] - g[x]) > limit { return false }
    }
    return true
  }

  /// Where in `range` a rising condition ends, to a thousandth of it.
  private static func bisect(_ range: ClosedRange<Float>, while isBelow: (Float) -> Bool) -> Float {
    var (low, high) = (range.lowerBound, range.upperBound)
    for _ in 0..<10 {
      let middle = (low + high) / 2
      if isBelow(middle) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The value that all but `brighterShare` of the cells' largest channels stay below.
  private mutating func brightest(_ thumbnail: PlanarFrame) -> Float {
    let steps = Self.histogramSteps
    for step in histogram.indices { histogram[step] = 0 }
    for y in 0..<thumbnail.height {
      let r = thumbnail.row(y, channel: 0), g = thumbnail.row(y, channel: 1), b = thumbnail.row(y, channel: 2)
      for x in 0..<thumbnail.width {
        // Not a number is not above zero either.
        let largest = max(r[x], g[x], b[x])
        histogram[largest > 0 ? Int(min(largest, 1) * Float(steps)) : 0] += 1
      }
    }
    var left = Int(Double(thumbnail.width * thumbnail.height) * Self.brighterShare)
    for step in histogram.indices.reversed() {
      left -= histogram[step]
      if left < 0 { return (Float(step) + 1) / Float(steps) }
    }
    return 0
  }

  /// Some cells of a thumbnail with their curves, evenly spread.
  private struct Samples {
    private var values: [Float] = []
    /// All maps of a value follow each other.
    private var curves: [Float] = []
    private var maps = 1
    /// Mean of R, G and B, which stands for luma well enough to tell day from night.
    private(set) var brightness: Float = 0

    mutating func take(_ thumbnail: PlanarFrame, _ map: CurveMap, count: Int) {
      maps = map.maps
      values.removeAll(keepingCapacity: true)
      curves.removeAll(keepingCapacity: true)
      let step = max(1, Int((Double(thumbnail.width * thumbnail.height) / Double(count)).squareRoot()))
      for y in stride(from: min(step / 2, thumbnail.height - 1), to: thumbnail.height, by: step) {
        for x in stride(from: min(step / 2, thumbnail.width - 1), to: thumbnail.width, by: step) {
          for channel in 0..<3 {
            // What is no number, and the curve that the network makes of it, count as nothing.
            let value = thumbnail.row(y, channel: channel)[x]
            values.append(value.isNaN ? 0 : value)
            for index in 0..<maps {
              let curve = map.row(y, plane: index * 3 + channel)[x]
              curves.append(curve.isNaN ? 0 : curve)
            }
          }
        }
      }
      brightness = values.reduce(0, +) / Float(max(values.count, 1))
    }

    /// Mean of the results with a gain, and curves of a share of their values.
    func mean(gain: Float, share: Float) -> Float {
      var sum: Float = 0
      for index in values.indices {
        var x = min(values[index] * gain, 1)
        for iteration in 0..<CurveMap.iterations {
          let a = share * curves[index * maps + (maps == 1 ? 0 : iteration)]
          x *= (1 - a) + a * x
        }
        sum += x
      }
      return sum / Float(max(values.count, 1))
    }
  }
}
