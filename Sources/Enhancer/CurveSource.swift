public import Frames

/// The curves for one frame, and whether they were made for it or for one before.
public struct CurveDecision: Sendable {
  /// Of the frame's size.
  public let map: CurveMap
  /// Whether an earlier map serves this frame; else the network ran for it.
  public let reused: Bool
}

/// Finds the curve map of each frame: thumbnail, comparison with the last estimate, estimate.
///
/// Keeps its thumbnails and maps: in the steady state nothing is allocated. For one thread at a time.
public final class CurveSource {
  /// As given.
  public let options: EnhancementOptions
  private let reuse: CurveReuse
  private let estimator: Estimator
  private let kernels: Kernels
  private let thumbnails: ThumbnailSource
  /// Nil for the paper's look.
  private var look: NaturalLook?
  /// Nil where well-lit pictures are changed as dark ones are.
  private var gate: DaylightGate?
  private var fade: CurveFade
  private var staleError: StaleError
  private var clock = StepClock()
  private var scene = 0
  /// What the present map was made from and for.
  private var origin: Origin?
  /// Those of the present geometry.
  private var maps = ObjectPool<CurveMap>()

  /// Pictures whose thumbnails differ by more than this share of their mean value show different scenes.
  private static let cut = 0.5
  /// Those that differ by less, two levels of 255, do not: a picture that slowly becomes black has no cut in it.
  private static let leastCut = 0.008
  /// Amounts of the look that are closer than this to each other look the same.
  private static let indistinguishable: Float = 0.02

  private struct Origin {
    var thumbnail: PlanarFrame
    var map: CurveMap
    var picture: PictureKind
    /// Seconds; nil for pictures without a time.
    var time: Double?
    /// How many pictures came since.
    var frames = 0
    /// The mean of the thumbnail.
    var brightness: Double
    /// Since when frames have not been nearly the same.
    var staleSince: Double?

    /// Nil without times.
    func age(at time: Double?) -> CurveReuse.Age? {
      guard let time, let start = self.time else { return nil }
      return CurveReuse.Age(seconds: time - start, frames: frames)
    }
  }

  /// Throws an `invalidOption` if an option is outside its range.
  public convenience init(weights: Weights = .builtIn, options: EnhancementOptions = .init(), kernels: Kernels = .best)
    throws(EnhancerError)
  {
    try self.init(weights: weights, options: options, kernels: kernels, engine: nil)
  }

  /// The same with a certain way to multiply; nil takes the faster one.
  init(weights: Weights, options: EnhancementOptions, kernels: Kernels, engine: ConvolutionEngine?)
    throws(EnhancerError)
  {
    try options.validate()
    self.options = options
    reuse = CurveReuse(
      mode: options.reuse, threshold: options.reuseThreshold, isStrict: options.effectiveLook == .faithful)
    estimator = Estimator(weights: weights, kernels: kernels, engine: engine)
    guard estimator.isAvailable else { throw .openBLASMissing }
    self.kernels = kernels
    thumbnails = ThumbnailSource(options: options, kernels: kernels)
    staleError = StaleError(kernels: kernels)
    // The paper's look is to stay close to what fresh maps would show; the natural one is to be calm.
    fade = CurveFade(isPrompt: options.effectiveLook == .faithful)
    look = options.effectiveLook == .faithful ? nil : NaturalLook(kernels: kernels)
    gate = options.when == .always ? nil : DaylightGate()
  }

  /// The curves for a frame. Throws for formats that the kernels do not read, and for PQ and HLG.
  public func curve(for frame: VideoFrame) throws(EnhancerError) -> CurveDecision {
    let picture = try thumbnails.kind(of: frame)
    return try decide(picture, frame.timestamp.seconds) { () throws(EnhancerError) in
      try thumbnails.pixels(of: frame, picture.geometry)
    }
  }

  /// The curves for a planar frame.
  public func curve(for frame: PlanarFrame) -> CurveDecision {
    let picture = thumbnails.kind(of: frame)
    return decide(picture, nil) { thumbnails.pixels(of: frame, picture.geometry) }
  }

  /// The curves for a frame whose thumbnail was made with the same options.
  func curve(for thumbnail: Thumbnail) -> CurveDecision {
    decide(thumbnail.picture, thumbnail.time) { thumbnail.pixels }
  }

  /// `pixels` makes the thumbnail, where one is needed.
  private func decide<Failure: Error>(
    _ picture: PictureKind, _ time: Double?, pixels: () throws(Failure) -> PlanarFrame
  ) throws(Failure) -> CurveDecision {
    let geometry = picture.geometry
    let isKnown = origin?.picture == picture
    if let origin, isKnown, options.strength == 0 || options.reuse == .always {
      return CurveDecision(map: origin.map, reused: true)
    }
    let thumbnail = options.strength > 0 ? try pixels() : thumbnails.free(geometry)
    let mean = thumbnail.mean
    var isCut = !isKnown
    let step = clock.step(to: time)
    var amount: Float = 1
    var difference: CurveReuse.Difference?
    var error = 0.0
    if options.strength > 0 {
      difference = isKnown ? origin.map { CurveReuse.difference($0.thumbnail, thumbnail, kernels) } : nil
      if let origin, let difference {
        isCut = difference.mean > max(Self.cut * (origin.brightness + mean) / 2, Self.leastCut)
      }
      if let brightness = look?.observe(thumbnail, mean: mean, step: step, isCut: isCut) {
        amount = gate?.next(brightness: brightness, step: step, isCut: isCut) ?? 1
      }
      origin?.frames += 1
      error = difference.map { staleError.predicted(for: $0.shift) } ?? 0
      if let difference, let since = origin?.staleSince ?? time {
        origin?.staleSince = reuse.isReusable(difference) ? nil : since
      }
      if let origin, let difference, isCurrent(origin.map, amount),
        reuse.isReusable(
          difference, error: error, age: isCut ? nil : origin.age(at: time),
          brightness: (origin.brightness, mean))
      {
        return CurveDecision(map: shown(origin.map, isCut: false, step), reused: true)
      }
    }
    let map = freeMap(geometry)
    map.tone = nil
    if isCut { scene += 1 }
    if options.strength > 0 {
      let strength = options.strength * (options.effectiveLook == .strong ? NaturalLook.strongFactor : 1)
      estimator.estimate(thumbnail, strength: strength, into: map)
      look?.settle(map, for: thumbnail, amount: amount, strength: strength, scene: scene)
    }
    if isCut {
      staleError.forget()
    } else if let origin, let difference, reuse.mode == .auto {
      staleError.learn(from: origin.map, to: map, thumbnail: thumbnail, shift: difference.shift)
    }
    if let age = origin?.age(at: time), let time {
      let delay = time - (origin?.staleSince ?? time)
      let isSudden = delay == 0 && reuse.isSudden(error)
      fade.expectTarget(after: isSudden ? 0 : age.seconds - step, lateBy: delay)
    }
    origin = Origin(thumbnail: thumbnail, map: map, picture: picture, time: time, brightness: mean)
    return CurveDecision(map: shown(map, isCut: isCut, step), reused: false)
  }

  /// Whether a map has as much of the look as is due, and the gain that the lights allow.
  private func isCurrent(_ map: CurveMap, _ amount: Float) -> Bool {
    guard let look, look.isCurrent else { return look == nil }
    guard let tone = map.tone, tone.amount != amount else { return true }
    // At either end, exactly.
    return abs(tone.amount - amount) < Self.indistinguishable && amount > 0 && amount < 1
  }

  /// What the next frame gets on the way to `map`. Where every frame is to have its own map, the paper's look has it.
  private func shown(_ map: CurveMap, isCut: Bool, _ step: Double) -> CurveMap {
    guard look != nil || reuse.mode == .auto else { return map }
    return fade.next(towards: map, isCut: isCut, step: step) { freeMap(map.geometry) }
  }

  private func freeMap(_ geometry: MapGeometry) -> CurveMap {
    maps.free(where: { $0.geometry == geometry }) { CurveMap(geometry: geometry, maps: estimator.model.maps) }
  }
}

extension PlanarFrame {
  /// Of all values; what is no number counts as 0.
  var mean: Double {
    // Eight sums side by side: of one alone, each step would wait for the one before.
    var sums = SIMD8<Float>()
    for channel in 0..<3 {
      for y in 0..<height {
        let row = row(y, channel: channel), whole = width & ~7
        for x in Swift.stride(from: 0, to: whole, by: 8) {
          let values = UnsafeRawPointer(row + x).loadUnaligned(as: SIMD8<Float>.self)
          sums += values.replacing(with: 0, where: values .!= values)
        }
        for x in whole..<width { sums[0] += row[x].isNaN ? 0 : row[x] }
      }
    }
    return Double(sums.sum()) / Double(3 * width * height)
  }
}
