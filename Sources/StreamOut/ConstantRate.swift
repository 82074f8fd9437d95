internal import Frames

/// The pace of frames in a container that states one rate for all of them and no times.
struct ConstantRate {
  private let rate: Rational
  private var first: Double?
  private var count = 0

  init(_ rate: Rational) { self.rate = rate }

  /// Whether the next frame's time is where the rate puts it, to within half a frame.
  mutating func holds(_ time: Timestamp) -> Bool {
    first = first ?? time.seconds
    defer { count += 1 }
    return abs((time.seconds - first!) * rate.value - Double(count)) < 0.5
  }
}

extension Container {
  /// The pace to keep, where there is one; throws if the container does not know the video's rate.
  func constantRate(of video: StreamDescription, location: String) throws(StreamOutError) -> ConstantRate? {
    guard let frameRates else { return nil }
    let rate = video.averageFrameRate.isPositive ? video.averageFrameRate : video.realFrameRate
    guard let nearest = frameRates.first(where: { abs($0.value / rate.value - 1) < 0.0005 }) else {
      throw .unsuitableRate(location: location, container: longName, rate: rate.value)
    }
    return ConstantRate(nearest)
  }
}
