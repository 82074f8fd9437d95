/// How dark scenes are made from photographs. All lights are linear.
public struct SceneOptions: Sendable, Hashable {
  /// Share of crops that stay well exposed or become brighter.
  public var brightShare = 0.5
  /// Stops by which those are darkened; below 0 is brighter.
  public var brightStops: ClosedRange<Float> = -1...0.7
  /// Stops by which the others are darkened.
  public var darkStops: ClosedRange<Float> = 0.7...7
  /// Share of crops with lamps and headlights in them.
  public var lampShare = 0.33
  /// Largest read noise, as a share of white.
  public var noise: Float = 0.002
  /// Share of crops whose colours have gone through a camera's encoder.
  public var chromaLossShare = 0.25

  /// The defaults.
  public init() {}
}
