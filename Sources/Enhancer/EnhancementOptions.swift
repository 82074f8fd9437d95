/// How frames are sampled for the estimator and curve maps are brought back to full size.
public enum Sampling: String, Sendable, CaseIterable {
  /// The mean of all pixels of a cell; curve values stay at the centres of their cells. Any size.
  case area
  /// What the authors' PyTorch code does: bilinear without anti-aliasing down, corners aligned up.
  case reference
}

/// When a curve map serves more than the frame that it was made from.
public enum ReuseMode: String, Sendable, CaseIterable {
  /// On frames near-identical to that frame.
  case auto
  /// Never: every frame is estimated.
  case off
  /// Always: the first map serves all frames of one size.
  case always
}

/// What is done to the colours.
public enum Look: String, Sendable, CaseIterable {
  /// Made for real nights: exposure as far as lights allow before the curve, noise averaged away in space and time,
  /// no colour where black has none, and daylight left alone.
  case natural
  /// Natural, half as bright again.
  case strong
  /// The paper's method, nothing else.
  case faithful
}

/// Which pictures the looks other than `faithful` change.
public enum When: String, Sendable, CaseIterable {
  /// Those that are dark; well-lit ones pass, and dusk lies between.
  case dark
  /// All.
  case always
}

/// The choices that shape a result. Defaults are those of the command line.
public struct EnhancementOptions: Sendable, Hashable {
  /// Factor on the curve maps, which are then clamped to [-1, 1]: 0 or more; 1 is the network's own, 0 changes nothing.
  public var strength = 1.0
  /// Pixels per cell of the curve map, in each direction: 1...64. The published networks were trained for 12.
  public var scale = 12
  /// Area unless results must equal the authors' code.
  public var sampling = Sampling.area
  /// When one map serves several frames.
  public var reuse = ReuseMode.auto
  /// How far a frame may be from the one that the map was made from, with reuse `auto`; see `CurveReuse.Limits`.
  public var reuseThreshold = CurveReuse.defaultThreshold
  /// What is done to the colours. With `reference` sampling it is always `faithful`.
  public var look = Look.natural
  /// Which pictures are changed; not looked at by `faithful`. Nil is `always` for still pictures in `Pipeline`, where
  /// somebody chose each of them, else `dark`.
  public var when: When?
  /// How much noise is averaged away: 0, none, to 1; not looked at by `faithful`.
  public var denoising = 1.0

  /// The look in force.
  package var effectiveLook: Look { sampling == .reference ? .faithful : look }

  /// The defaults.
  public init() {}

  /// Throws an `invalidOption` if a value is outside its range.
  public func validate() throws(EnhancerError) {
    guard strength.isFinite, strength >= 0 else {
      throw .invalidOption(name: "strength", reason: "\(strength) is not a finite number of at least 0")
    }
    guard (0...1).contains(denoising) else {
      throw .invalidOption(name: "denoise", reason: "\(denoising) is not between 0 and 1")
    }
    guard (1...64).contains(scale) else {
      throw .invalidOption(name: "scale", reason: "\(scale) is not between 1 and 64")
    }
    guard reuseThreshold.isFinite, reuseThreshold >= 0 else {
      throw .invalidOption(
        name: "reuse-threshold", reason: "\(reuseThreshold) is not a finite number of at least 0")
    }
  }
}
