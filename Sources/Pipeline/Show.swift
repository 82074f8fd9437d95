/// What the output shows.
public enum Show: String, Sendable, CaseIterable {
  /// The enhanced frame.
  case result
  /// The curve map as it is applied, per channel from -1 (0) over no change (128) to 1 (255); several maps as tiles,
  /// four to a row.
  case curve
  /// Results with the network looking at the frame 1, 2, 4, 6, 12 and 20 times smaller, as tiles, three to a row.
  case scales

  /// How many times smaller the network looks, tile by tile, in `scales` (Zero-DCE++, figure on input sizes).
  public static let tileScales = [1, 2, 4, 6, 12, 20]
}
