/// How long something took, counted in fixed buckets, as Prometheus wants them. Only grows.
public struct LatencyHistogram: Sendable, Hashable {
  /// Upper bounds of the buckets in seconds, growing; a value belongs to the first bucket whose bound it does not exceed.
  public static let bounds: [Double] = [
    0.001, 0.002, 0.004, 0.006, 0.008, 0.010, 0.015, 0.020, 0.025, 0.0334, 0.040, 0.050, 0.075, 0.100, 0.150, 0.200,
    0.300, 0.500, 1, 2.5, 5,
  ]

  /// Values in each bucket alone, one more than there are bounds: the last one is for what exceeds them all.
  public private(set) var counts: [Int]
  /// Of all values, in seconds.
  public private(set) var sum: Double

  /// Nothing counted.
  public init() {
    counts = Array(repeating: 0, count: Self.bounds.count + 1)
    sum = 0
  }

  /// How many values were counted.
  public var count: Int { counts.reduce(0, +) }

  /// Counts a value in seconds.
  public mutating func add(_ seconds: Double) {
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    counts[bucket] += 1
    sum += seconds
  }
}
