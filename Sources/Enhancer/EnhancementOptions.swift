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
  /// The paper's method, nothing else.
  case faithful
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
  /// What is done to the colours.
  public var look = Look.faithful

  /// The defaults.
  public init() {}

  /// Throws an `invalidOption` if a value is outside its range.
  public func validate() throws(EnhancerError) {
    guard strength.isFinite, strength >= 0 else {
      throw .invalidOption(name: "strength", reason: "\(strength) is not a finite number of at least 0")
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
