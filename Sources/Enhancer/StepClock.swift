/// Tells how much time lies between frames.
struct StepClock {
  /// What is assumed of frames that do not say it.
  private static let usualStep = 1.0 / 30
  private var time: Double?

  /// Seconds from the frame before to one of this time, if it has one: above 0, at most 1.
  mutating func step(to time: Double?) -> Double {
    defer { self.time = time }
    // A clock that stands still, or runs backwards, says nothing.
    guard let time, let last = self.time, time > last else { return Self.usualStep }
    return min(time - last, 1)
  }
}
