internal import Foundation

/// What is measured on photographs that were never trained on.
public struct ValidationResult: Sendable {
  /// Losses of held-out scenes.
  public let losses: LossValues
  /// Weighted sum of `losses`.
  public let total: Double
  /// For each number of stops of `Validation.stops`, how close the enhanced dark crop comes to the well-exposed
  /// original it was made from: peak signal to noise in dB, mean over crops.
  public let restored: [Double]
  /// Mean of what well-exposed originals become, in [0, 1], and their own mean.
  public let daylight: (enhanced: Double, original: Double)
}

/// Fixed scenes from held-out photographs, and what the network makes of them.
final class Validation {
  /// Darkening of the well-exposed crops that are to be restored.
  static let stops: [Float] = [2, 4, 6]

  /// `3 × side × side` each.
  let scenes: [[Float]]
  private let originals: [[Float]]
  private let darkened: [[[Float]]]
  private let options: TrainingOptions
  private let losses: BatchGradient
  private let pass: SamplePass
  private static let sceneCount = 64

  init(photos: PhotoSet, options: TrainingOptions, layout: ParameterLayout, threads: Int) {
    self.options = options
    let side = options.crop
    let maker = SceneMaker(options: options.scenes, side: side)
    func picture(_ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
      var values = [Float](repeating: 0, count: 3 * side * side)
      values.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
      return values
    }
    scenes = (0..<Self.sceneCount).map { index in
      var random = RandomStream(seed: 0, purpose: .validation, index: UInt64(index))
      return picture { maker.make(from: photos.heldOut, random: &random, into: $0) }
    }
    var plain = options.scenes
    plain.chromaLossShare = 0
    let plainMaker = SceneMaker(options: plain, side: side)
    var originals: [[Float]] = []
    var darkened: [[[Float]]] = []
    for index in 0..<4 * Self.sceneCount where originals.count < Self.sceneCount / 2 {
      var random = RandomStream(seed: 0, purpose: .restoration, index: UInt64(index))
      let light = picture { plainMaker.cut(from: photos.heldOut, random: &random, into: $0) }
      let original = LightTransfer.ofLight.withUnsafeBufferPointer { table in
        light.map { LightTransfer.display($0, table.baseAddress!) }
      }
      let mean = original.reduce(0, +) / Float(original.count)
      guard (0.3...0.6).contains(mean) else { continue }
      originals.append(original)
      darkened.append(
        Self.stops.map { stops in
          var dark = light
          dark.withUnsafeMutableBufferPointer { dark in
            for value in dark.indices { dark[value] *= exp2(-stops) }
            plainMaker.addNoise(dark.baseAddress!, random: &random)
            plainMaker.encode(dark.baseAddress!, random: &random)
          }
          return dark
        })
    }
    self.originals = originals
    self.darkened = darkened
    losses = BatchGradient(
      layout: layout, batch: Self.sceneCount, width: side, height: side, weights: options.losses, threads: threads)
    pass = SamplePass(layout: layout, width: side, height: side, weights: options.losses)
  }

  /// Measures a network.
  func run(_ parameters: [Float]) -> ValidationResult {
    let scenes = scenes
    let values = losses.losses(parameters) { index, target in
      scenes[index].withUnsafeBufferPointer { target.update(from: $0.baseAddress!, count: $0.count) }
    }
    var restored = [Double](repeating: 0, count: Self.stops.count)
    var daylight = (enhanced: 0.0, original: 0.0)
    let share = 1 / Double(max(1, originals.count))
    for (original, dark) in zip(originals, darkened) {
      for (index, picture) in dark.enumerated() {
        let enhanced = enhance(picture, parameters)
        let error = zip(enhanced, original).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        restored[index] += share * -10 * log10(max(1e-10, error / Double(original.count)))
      }
      daylight.enhanced += share * Double(enhance(original, parameters).reduce(0, +)) / Double(original.count)
      daylight.original += share * Double(original.reduce(0, +)) / Double(original.count)
    }
    return ValidationResult(
      losses: values, total: options.losses.total(values), restored: restored, daylight: daylight)
  }

  private func enhance(_ picture: [Float], _ parameters: [Float]) -> [Float] {
    let pixels = options.crop * options.crop
    for channel in 0..<3 {
      picture.withUnsafeBufferPointer { pass.picture.load($0.baseAddress! + channel * pixels, plane: channel) }
    }
    parameters.withUnsafeBufferPointer { pass.forward($0.baseAddress!) }
    return pass.enhanced.values
  }
}
