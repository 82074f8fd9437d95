public import Enhancer
internal import Foundation

/// Everything that a run of training depends on, besides the photographs.
public struct TrainingOptions: Sendable, Hashable {
  /// The network to train.
  public var model = Weights.Model.zeroDCEPlusPlus
  /// Steps of the optimiser.
  public var steps = 6000
  /// Crops per step.
  public var batch = 8
  /// Side of a crop in pixels. The network sees pictures 12 times smaller than footage, so crops are small too.
  public var crop = 96
  /// Sizes of the shorter side to which photographs are made small, before they are cropped.
  public var sides = [160]
  /// One photograph of so many is held out for validation.
  public var holdOut = 10
  /// Largest learning rate; it rises for `warmUp` steps and falls to zero as a cosine.
  public var rate = 2e-3
  /// Steps until the learning rate is at its largest.
  public var warmUp = 100
  /// L2 weight decay, added to the gradient.
  public var weightDecay = 0.0
  /// Largest length of the gradient; longer ones are scaled down.
  public var gradientLimit = 1.0
  /// The loss.
  public var losses = LossWeights()
  /// How scenes are made.
  public var scenes = SceneOptions()
  /// Of all random numbers.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  /// The learning rate of a step, from 0.
  func rate(at step: Int) -> Double {
    let rise = min(1, Double(step + 1) / Double(max(1, warmUp)))
    return rate * rise * 0.5 * (1 + cos(.pi * Double(step) / Double(steps)))
  }

  /// Throws an `invalidOption` if a value is outside its range.
  public func validate() throws(TrainingError) {
    func check(_ isFine: Bool, _ name: String, _ reason: String) throws(TrainingError) {
      if !isFine { throw .invalidOption(name: name, reason: reason) }
    }
    try check(steps > 0, "steps", "\(steps) is not at least 1")
    try check((1...1024).contains(batch), "batch", "\(batch) is not between 1 and 1024")
    try check((16...1024).contains(crop), "crop", "\(crop) is not between 16 and 1024")
    try check(
      !sides.isEmpty && sides.allSatisfy { $0 >= crop }, "sides", "each must be at least the crop's \(crop) pixels")
    try check(holdOut >= 2, "hold-out", "\(holdOut) is not at least 2")
    try check(rate > 0 && rate.isFinite, "rate", "\(rate) is not above 0")
    try check(warmUp >= 0, "warm-up", "\(warmUp) is not at least 0")
    try check(weightDecay >= 0 && weightDecay.isFinite, "weight-decay", "\(weightDecay) is not at least 0")
    try check(gradientLimit > 0, "gradient-limit", "\(gradientLimit) is not above 0")
    for (name, value) in [
      ("spatial", losses.spatial), ("exposure", losses.exposure), ("colour", losses.colour),
      ("smoothness", losses.smoothness),
    ] {
      try check(value >= 0 && value.isFinite, name, "\(value) is not a finite number of at least 0")
    }
    let level = losses.exposureLevel
    try check(level > 0 && level < 1, "exposure-level", "\(level) is not between 0 and 1")
    try check((1...crop).contains(losses.spatialPatch), "spatial-patch", "it is not between 1 and the crop's \(crop)")
    try check((1...crop).contains(losses.exposurePatch), "exposure-patch", "it is not between 1 and the crop's \(crop)")
    for (name, share) in [
      ("bright-share", scenes.brightShare), ("lamp-share", scenes.lampShare),
      ("chroma-loss-share", scenes.chromaLossShare),
    ] {
      try check((0...1).contains(share), name, "\(share) is not between 0 and 1")
    }
    try check(scenes.noise >= 0 && scenes.noise < 1, "noise", "\(scenes.noise) is not between 0 and 1")
  }
}
