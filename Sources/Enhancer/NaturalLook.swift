internal import Foundation
internal import Frames

/// Chooses how bright a picture becomes, and by what: exposure as far as its lights allow, the curve for the rest.
///
/// The network's curve lifts shadows by bending every tone towards the light, which costs contrast. Most dark footage
/// leaves the upper half of its range empty; there a plain gain, as of a longer exposure, makes the same brightness
/// and keeps contrast. So the picture's brightest tones are brought up to `white` first, and the network's map is
/// weakened until the mean is the wanted one: that of the network alone, drawn towards what pictures by day have.
/// Where lamps or the sky leave no room, the gain is 1 and the map does it alone.
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
  /// The mean of well-exposed pictures, and how far the wanted mean is drawn towards it, in logarithms. The network's
  /// own is a function of how dark the picture is: too bright for mild nights, too dark for deep ones.
  private static let usualMean = 0.34, usualWeight = 0.35
  /// Means of pictures from which on the wanted one is drawn ever less, and not at all.
  private static let lit = 0.3...0.5
  /// Factor on the network's curves, at most.
  private static let largestShare: Float = 1.3
  /// Exposures that are this close to the wanted one stay, and others come this close: nothing is to pulse with what
  /// passes by.
  private static let tolerance: Float = 0.08
  /// Where the brightest tones may go before the gain is changed for them; the roll-off takes care of them so far.
  private static let bearable: ClosedRange<Float> = 0.6...1.1
  /// Seconds in which the brightest tones are followed while the median stays within `switchShare` of what it was.
  private static let lightsTime = 3.0, switchShare: Float = 0.25
  /// What the pictures before this one of a scene got.
  private var exposure: (gain: Float, share: Float, scene: Int)?
  /// The brightest tones, which `brighterShare` of the cells exceed, without those that only pass.
  private var lights: Float = 0
  /// The same when a map was settled last.
  private var settledLights: Float = 0
  private var usualMedian: Float = 0
  private let samples: ToneSamples
  private let histograms: ToneHistograms

  init(kernels: Kernels) {
    samples = ToneSamples(kernels: kernels)
    histograms = ToneHistograms(kernels: kernels)
  }

  /// Looks at the thumbnail of a frame, whether or not it gets a map of its own.
  /// - Parameters:
  ///   - mean: of all values of the thumbnail.
  ///   - step: seconds since the frame before.
  ///   - isCut: whether it shows another scene.
  /// - Returns: What stands for its brightness in the daylight gate.
  mutating func observe(_ thumbnail: PlanarFrame, mean: Double, step: Double, isCut: Bool) -> Float {
    histograms.count(thumbnail)
    let median = histograms.greatest(exceededBy: 0.5), brightest = histograms.greatest(exceededBy: Self.brighterShare)
    // Lamps that pass change little but the brightest tones: these are followed slowly then, at once with all others.
    if isCut || abs(median - usualMedian) > Self.switchShare * max(median, usualMedian) {
      (usualMedian, lights) = (median, brightest)
    } else {
      let share = Float(1 - exp(-step / Self.lightsTime))
      usualMedian += share * (median - usualMedian)
      lights += share * (brightest - lights)
    }
    // The green channel stands for luma: strong colours are no highlights.
    let green = histograms.green(exceededBy: Self.brighterShare)
    return DaylightGate.brightness(mean: Float(mean), brightest: green)
  }

  /// Whether the lights are still as they were when a map was settled last.
  var isCurrent: Bool { abs(lights - settledLights) <= Self.tolerance * max(lights, settledLights) }

  /// Sets the tone of `map`, made from `thumbnail`, and weakens its curves accordingly.
  /// - Parameters:
  ///   - amount: how much of the look the picture gets.
  ///   - strength: the factor on the curves that the map was made with.
  mutating func settle(_ map: CurveMap, for thumbnail: PlanarFrame, amount: Float, strength: Double, scene: Int) {
    if Self.isGrey(thumbnail) { map.joinChannels() }
    samples.take(thumbnail, map)
    let exposure = exposure(strength: strength, scene: scene)
    self.exposure = exposure
    settledLights = lights
    map.scale(by: Double(exposure.share * amount))
    map.tone = Tone(gain: 1 + (exposure.gain - 1) * amount, amount: amount, scene: scene)
  }

  private func exposure(strength: Double, scene: Int) -> (gain: Float, share: Float, scene: Int) {
    let lights = max(lights, 1e-3)
    var wanted = wantedMean(strength: strength)
    var gain = Self.white / lights
    if let exposure, exposure.scene == scene {
      gain = min(max(exposure.gain, Self.bearable.lowerBound / lights), Self.bearable.upperBound / lights)
      let mean = samples.mean(gain: exposure.gain, share: exposure.share)
      let nearest = min(max(mean, wanted * (1 - Self.tolerance)), wanted * (1 + Self.tolerance))
      if nearest == mean, gain == exposure.gain { return exposure }
      wanted = nearest
    }
    gain = min(max(gain, 1), Self.largestGain)
    if samples.mean(gain: gain, share: 0) >= wanted {
      return (Self.bisect(1...gain) { samples.mean(gain: $0, share: 0) < wanted }, 0, scene)
    }
    return (gain, Self.bisect(0...Self.largestShare) { samples.mean(gain: gain, share: $0) < wanted }, scene)
  }

  /// The mean that the picture is to get: never less than it has. What `strength` adds to the network's is kept.
  private func wantedMean(strength: Double) -> Float {
    let network = Double(samples.mean(gain: 1, share: strength > 0 ? Float(1 / strength) : 1))
    let way = (Double(samples.brightness) - Self.lit.lowerBound) / (Self.lit.upperBound - Self.lit.lowerBound)
    let weight = Self.usualWeight * (1 - min(max(way, 0), 1))
    let drawn = pow(max(network, 1e-3), 1 - weight) * pow(Self.usualMean, weight)
    let factor = Double(samples.mean(gain: 1, share: 1)) / max(network, 1e-3)
    return max(Float(drawn * factor), samples.brightness)
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
}
