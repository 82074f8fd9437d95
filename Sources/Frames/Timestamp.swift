/// A point in time or a length of time, in whole ticks of a time base. Exact: never passes through floating point.
public struct Timestamp: Sendable, Hashable {
  /// Ticks since the origin of the stream's own clock; may be negative.
  public var ticks: Int64
  /// Seconds per tick.
  public var timeBase: Rational

  /// `ticks · timeBase` seconds.
  public init(ticks: Int64, timeBase: Rational) {
    self.ticks = ticks
    self.timeBase = timeBase
  }

  /// For people and for reports; not for arithmetic.
  public var seconds: Double { Double(ticks) * timeBase.value }
}
