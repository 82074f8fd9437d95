public import ArgumentParser
public import Enhancer
internal import Training

/// What a run of training depends on: every value of `TrainingOptions`, with its default.
struct TrainingArguments: ParsableArguments {
  @Option(help: "The network: zero-dce++ or zero-dce.")
  var model = Weights.Model.zeroDCEPlusPlus

  @Option(help: "Steps of the optimiser.")
  var steps = TrainingOptions().steps

  @Option(help: "Crops per step.")
  var batch = TrainingOptions().batch

  @Option(help: "Side of a crop in pixels.")
  var crop = TrainingOptions().crop

  @Option(help: "Sizes of the shorter side to which photographs are made small, separated by commas.")
  var sides = TrainingOptions().sides.map(String.init).joined(separator: ",")

  @Option(help: "Keep one photograph of so many for validation.")
  var holdOut = TrainingOptions().holdOut

  @Option(help: "Largest learning rate of Adam; it falls to zero as a cosine.")
  var rate = TrainingOptions().rate

  @Option(help: "Steps until the learning rate is at its largest.")
  var warmUp = TrainingOptions().warmUp

  @Option(help: "L2 weight decay, added to the gradient.")
  var weightDecay = TrainingOptions().weightDecay

  @Option(help: "Largest length of the gradient; longer ones are scaled down.")
  var gradientLimit = TrainingOptions().gradientLimit

  @Option(help: "Seed of all random numbers.")
  var seed = TrainingOptions().seed

  @Option(help: "Weight of the spatial consistency loss.")
  var spatial = LossWeights().spatial

  @Option(help: "Weight of the exposure control loss.")
  var exposure = LossWeights().exposure

  @Option(help: "Weight of the colour constancy loss.")
  var colour = LossWeights().colour

  @Option(help: "Weight of the illumination smoothness loss; the authors' is 1600, and 200 for zero-dce.")
  var smoothness = LossWeights().smoothness

  @Option(help: "Brightness E that the exposure control loss asks of every region, 0 to 1.")
  var exposureLevel = LossWeights().exposureLevel

  @Option(help: "Side of the regions of the spatial consistency loss, in pixels.")
  var spatialPatch = LossWeights().spatialPatch

  @Option(help: "Side of the regions of the exposure control loss, in pixels.")
  var exposurePatch = LossWeights().exposurePatch

  @Option(help: "Share of crops that stay well exposed.")
  var brightShare = SceneOptions().brightShare

  @Option(help: "Fewest stops by which the others are darkened.")
  var mildest = SceneOptions().darkStops.lowerBound

  @Option(help: "Most stops by which the others are darkened.")
  var darkest = SceneOptions().darkStops.upperBound

  @Option(help: "Share of crops with lamps in them.")
  var lampShare = SceneOptions().lampShare

  @Option(help: "Largest read noise, as a share of white in linear light.")
  var noise = SceneOptions().noise

  @Option(help: "Share of crops with the coarse colours of a camera's encoder.")
  var chromaLossShare = SceneOptions().chromaLossShare

  /// All of them as one value; nil where `sides` is no list of numbers, or `darkest` not above `mildest`.
  var options: TrainingOptions? {
    let numbers = sides.split(separator: ",").map { Int($0) }
    var options = TrainingOptions()
    guard !numbers.contains(nil), darkest > mildest, mildest.isFinite, darkest.isFinite else { return nil }
    options.model = model
    (options.steps, options.batch, options.crop, options.holdOut) = (steps, batch, crop, holdOut)
    options.sides = numbers.compactMap { $0 }
    (options.rate, options.warmUp, options.weightDecay) = (rate, warmUp, weightDecay)
    (options.gradientLimit, options.seed) = (gradientLimit, seed)
    (options.losses.spatial, options.losses.exposure) = (spatial, exposure)
    (options.losses.colour, options.losses.smoothness) = (colour, smoothness)
    (options.losses.exposureLevel, options.losses.spatialPatch) = (exposureLevel, spatialPatch)
    options.losses.exposurePatch = exposurePatch
    (options.scenes.brightShare, options.scenes.lampShare) = (brightShare, lampShare)
    options.scenes.darkStops = mildest...darkest
    (options.scenes.noise, options.scenes.chromaLossShare) = (noise, chromaLossShare)
    return options
  }

  func validate() throws {
    guard let options else {
      throw ValidationError("--sides takes whole numbers separated by commas, --darkest a number above --mildest")
    }
    do { try options.validate() } catch { throw ValidationError("\(error)") }
  }
}

extension Weights.Model: ExpressibleByArgument {}
