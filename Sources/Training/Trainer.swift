internal import Enhancer
internal import Foundation
public import Frames

/// Trains a network on photographs without any reference picture, by the four losses of Zero-DCE.
///
/// The same options and photographs give the same weights, bit for bit, on one kind of machine, whatever the number
/// of threads, and whether or not the run was interrupted and resumed. For one thread at a time.
public final class Trainer {
  /// Where a run stands, after each step.
  public struct Progress: Sendable {
    /// Steps done, of `TrainingOptions.steps`.
    public let step: Int
    /// Losses of the step's batch, and their weighted sum.
    public let losses: LossValues, total: Double
    /// Length of the gradient before clipping.
    public let norm: Double
    /// Learning rate of the step.
    public let rate: Double
  }

  /// As given.
  public let options: TrainingOptions
  /// Steps done.
  public var step: Int { adam.step }
  /// Whether all steps are done.
  public var isFinished: Bool { step >= options.steps }

  private let photos: PhotoSet
  private let layout: ParameterLayout
  private let maker: SceneMaker
  private let batch: BatchGradient
  private let validation: Validation
  private(set) var parameters: [Float]
  private var gradient: [Float]
  private var adam: Adam

  /// A run that starts at step 0.
  public init(options: TrainingOptions, photos: PhotoSet, threads: Int) throws(TrainingError) {
    try options.validate()
    guard hasOpenBLAS else { throw .openBLASMissing }
    self.options = options
    self.photos = photos
    layout = ParameterLayout(options.model)
    maker = SceneMaker(options: options.scenes, side: options.crop)
    batch = BatchGradient(
      layout: layout, batch: options.batch, width: options.crop, height: options.crop, weights: options.losses,
      threads: threads)
    validation = Validation(photos: photos, options: options, layout: layout, threads: threads)
    parameters = layout.initial(seed: options.seed)
    gradient = [Float](repeating: 0, count: layout.count)
    adam = Adam(count: layout.count)
  }

  /// Trains until all steps are done, or the run is cancelled; calls `report` after each step.
  public func run(cancellation: Cancellation, report: (Progress) throws -> Void) throws {
    while !isFinished, !cancellation.isCancelled { try report(try advance()) }
  }

  /// One step.
  public func advance() throws(TrainingError) -> Progress {
    let (step, seed, count) = (step, options.seed, options.batch)
    let (maker, photos) = (maker, photos.training)
    let losses = batch.run(parameters, gradient: &gradient) { index, target in
      var random = RandomStream(seed: seed, purpose: .crops, index: UInt64(step * count + index))
      maker.make(from: photos, random: &random, into: target)
    }
    let total = options.losses.total(losses)
    let norm = clip(&gradient, to: options.gradientLimit)
    guard total.isFinite, norm.isFinite else { throw .diverged(step: step) }
    let rate = options.rate(at: step)
    adam.update(&parameters, gradient: gradient, rate: rate, weightDecay: options.weightDecay)
    return Progress(step: adam.step, losses: losses, total: total, norm: norm, rate: rate)
  }

  /// Measures the network on held-out photographs.
  public func validate() -> ValidationResult { validation.run(parameters) }

  /// A PNG file with held-out scenes, their enhancement and their curve maps.
  public func contactSheet() -> [UInt8] {
    ContactSheet.png(
      Array(validation.scenes.prefix(16)), parameters: parameters, layout: layout, side: options.crop)
  }

  /// Writes the weights as safetensors, with what they were trained on and how.
  public func writeWeights(to path: String, metadata: [String: String] = [:]) throws(TrainingError) {
    var description = ["model": options.model.rawValue, "seed": "\(options.seed)", "steps": "\(step)"]
    if !photos.attribution.packages.isEmpty {
      description["training_data"] =
        "\(photos.training.count + photos.heldOut.count) photographs from Debian packages, \(photos.heldOut.count) of "
        + "them held out: \(photos.attribution.packages)"
      description["licences"] = photos.attribution.licences
    }
    description.merge(metadata) { $1 }
    try writeFile(Safetensors.serialize(layout.named(parameters), metadata: description), to: path)
  }

  /// Saves where the run stands.
  public func writeCheckpoint(to path: String) throws(TrainingError) {
    try Checkpoint(parameters: parameters, adam: adam, fingerprint: fingerprint).write(to: path)
  }

  /// Goes on where a checkpoint of the same run stands.
  public func resume(from path: String) throws(TrainingError) {
    let checkpoint = try Checkpoint(path: path, layout: layout, fingerprint: fingerprint)
    (parameters, adam) = (checkpoint.parameters, checkpoint.adam)
  }

  /// Options and photographs, as text.
  private var fingerprint: String {
    sha256(Array("\(options) \((photos.training + photos.heldOut).map(\.name))".utf8))
  }
}
