/// A fraction of two 32-bit integers: a time base in seconds, a frame rate in hertz, or an aspect ratio.
public struct Rational: Sendable, Hashable {
  /// What is divided.
  public var numerator: Int32
  /// What it is divided by.
  public var denominator: Int32

  /// `numerator / denominator`, as given: nothing is reduced.
  public init(_ numerator: Int32, _ denominator: Int32) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The quotient; 0 for an undefined fraction (0/0, 0/1), never infinite.
  public var value: Double {
    denominator == 0 ? 0 : Double(numerator) / Double(denominator)
  }

  /// Whether both parts are positive, so that it can serve as a time base or a rate.
  public var isPositive: Bool { numerator > 0 && denominator > 0 }

  /// Numerator and denominator exchanged: the rate of a period, the period of a rate.
  public var inverse: Rational { Rational(denominator, numerator) }
}
