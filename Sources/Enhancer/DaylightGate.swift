internal import Foundation
internal import Frames

/// Decides how much of the look a picture gets: all at night, none by day.
///
/// A night that is lit like a dull day, and a day that something dark drives through, look alike for a moment, so what
/// was decided is kept until brightness leaves no doubt, and then changes slowly: cameras run through dusk and dawn. A
/// light that is switched on or off, and a cut, count at once.
struct DaylightGate {
  /// Brightness between which the look fades away when it gets lighter.
  private static let dawn: ClosedRange<Float> = 0.29...0.37
  /// The same when it gets darker.
  private static let dusk: ClosedRange<Float> = 0.16...0.22
  /// The same for the first picture of all, and for another scene after one by day: shots of a day differ in brightness
  /// more than the day does.
  private static let first: ClosedRange<Float> = 0.26...0.32, sameDay: ClosedRange<Float> = 0.2...0.26
  /// Highlights from here on say that a picture is not underexposed, which counts as up to `highlightWeight` of mean.
  private static let highlights: ClosedRange<Float> = 0.55...0.75
  private static let highlightWeight: Float = 0.1
  /// Seconds from all of the look to none.
  private static let rampTime = 4.0
  /// Brightness is compared with its mean over about this many seconds; a light switch changes it by this share.
  private static let usualTime = 1.0, switchShare: Float = 0.35

  private var amount: Float?
  private var usual: Float = 0

  /// What stands for brightness: a picture's mean, more if it has highlights.
  static func brightness(mean: Float, brightest: Float) -> Float {
    let way = (brightest - highlights.lowerBound) / (highlights.upperBound - highlights.lowerBound)
    return mean + highlightWeight * min(max(way, 0), 1)
  }

  /// How much of the look the next picture gets, 0...1.
  /// - Parameters:
  ///   - brightness: see `brightness(mean:brightest:)`.
  ///   - step: seconds since the picture before.
  ///   - isCut: whether it shows another scene.
  mutating func next(brightness: Float, step: Double, isCut: Bool) -> Float {
    guard let last = amount, !isCut else {
      let next = Self.share(brightness, in: amount.map { $0 > 0.5 ? Self.dawn : Self.sameDay } ?? Self.first)
      (usual, amount) = (brightness, next)
      return next
    }
    let target = Self.share(brightness, in: last > 0.5 ? Self.dawn : Self.dusk)
    let isSwitched = abs(brightness - usual) > Self.switchShare * max(brightness, usual)
    usual += Float(1 - exp(-step / Self.usualTime)) * (brightness - usual)
    let most = isSwitched ? 1 : Float(step / Self.rampTime)
    let next = min(max(target, last - most), last + most)
    amount = next
    return next
  }

  private static func share(_ brightness: Float, in range: ClosedRange<Float>) -> Float {
    1 - min(max((brightness - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
  }
}
