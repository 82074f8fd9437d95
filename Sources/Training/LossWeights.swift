/// The sum that training makes small, and what its terms look at. Defaults are the authors' (arXiv 2103.00860).
public struct LossWeights: Sendable, Hashable {
  /// Of the spatial consistency.
  public var spatial = 1.0
  /// Of the exposure control.
  public var exposure = 10.0
  /// Of the colour constancy.
  public var colour = 5.0
  /// Of the illumination smoothness: 1600 for Zero-DCE++, 200 for Zero-DCE.
  public var smoothness = 1600.0
  /// E, the brightness that every region should have: above 0, below 1.
  public var exposureLevel = 0.6
  /// Side of the regions of the spatial consistency, in pixels.
  public var spatialPatch = 4
  /// Side of the regions of the exposure control, in pixels.
  public var exposurePatch = 16

  /// The authors' weights.
  public init() {}

  /// The weighted sum.
  public func total(_ values: LossValues) -> Double {
    spatial * values.spatial + exposure * values.exposure + colour * values.colour + smoothness * values.smoothness
  }
}

/// The four losses, unweighted.
public struct LossValues: Sendable, Hashable {
  /// How much differences between neighbouring regions change.
  public var spatial = 0.0
  /// Squared distance of regions from the wanted brightness.
  public var exposure = 0.0
  /// How far the mean colour is from grey.
  public var colour = 0.0
  /// Squared differences of neighbours in the curve maps.
  public var smoothness = 0.0

  /// All zero.
  public init() {}

  /// Adds `share` times `other`.
  mutating func add(_ other: LossValues, times share: Double = 1) {
    spatial += share * other.spatial
    exposure += share * other.exposure
    colour += share * other.colour
    smoothness += share * other.smoothness
  }
}
