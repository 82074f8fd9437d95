/// Decides what decoding leaves out when it falls behind, from the age of the packets it is given: first decoded frames,
/// so that enhancing and encoding leave it the processor; then frames that no other needs; at last everything up to the
/// next key frame.
struct LoadShedder {
  /// Of every so many decoded frames, one goes on.
  private(set) var stride = 1
  /// Frames that no other frame refers to are not decoded.
  private(set) var skipsUnreferenced = false
  /// Nothing is decoded before the next key frame.
  private(set) var awaitsKeyFrame = false

  private var count = 0
  private var latestChange: ContinuousClock.Instant?
  private var latestPass: ContinuousClock.Instant?
  /// Since when packets have been older than the limit of that name; nil while they are not.
  private var behindSince: ContinuousClock.Instant?
  private var lateSince: ContinuousClock.Instant?
  private var calmSince: ContinuousClock.Instant?

  /// Ages of packets in seconds.
  private static let limits = (calm: 0.04, behind: 0.06, unreferenced: 0.15, late: 0.2)
  /// Seconds that something must last before anything is done about it: what a source sends at once when it is opened
  /// is soon worked off.
  private static let patience = (behind: 0.5, calm: 0.5, late: 1.5)
  private static let maximumStride = 16

  /// A packet is about to be decoded that arrived so many seconds ago. False if it is to be left out.
  mutating func admits(age: Double, isKey: Bool, now: ContinuousClock.Instant) -> Bool {
    Self.note(&behindSince, age > Self.limits.behind, now)
    Self.note(&lateSince, age > Self.limits.late, now)
    Self.note(&calmSince, age <= Self.limits.calm, now)
    adapt(now)
    skipsUnreferenced = age > Self.limits.unreferenced || (skipsUnreferenced && age > Self.limits.calm)
    if Self.lasts(lateSince, Self.patience.late, now) { awaitsKeyFrame = true }
    if isKey, age <= Self.limits.late {
      awaitsKeyFrame = false
    } else if awaitsKeyFrame {
      // What is left out takes no time, so that the next key frame is as fresh as can be.
      lateSince = nil
    }
    return !awaitsKeyFrame
  }

  /// Whether a frame that was decoded from a packet of that age goes on to the next stage. Late ones do not, but for one
  /// every second, so that there is something to see.
  mutating func passes(age: Double, now: ContinuousClock.Instant) -> Bool {
    count += 1
    guard count >= stride else { return false }
    if age > Self.limits.late, let latestPass, (now - latestPass).seconds < 1 { return false }
    count = 0
    latestPass = now
    return true
  }

  private mutating func adapt(_ now: ContinuousClock.Instant) {
    if Self.lasts(behindSince, Self.patience.behind, now), hasRested(0.25, now) {
      stride = min(stride * 2, Self.maximumStride)
      latestChange = now
    } else if stride > 1, Self.lasts(calmSince, Self.patience.calm, now), hasRested(Self.patience.calm, now) {
      stride -= max(1, stride / 4)
      latestChange = now
    }
  }

  /// Whether the latest change has had time to show an effect.
  private func hasRested(_ seconds: Double, _ now: ContinuousClock.Instant) -> Bool {
    latestChange.map { (now - $0).seconds >= seconds } ?? true
  }

  private static func note(_ since: inout ContinuousClock.Instant?, _ holds: Bool, _ now: ContinuousClock.Instant) {
    if !holds { since = nil } else if since == nil { since = now }
  }

  private static func lasts(_ since: ContinuousClock.Instant?, _ seconds: Double, _ now: ContinuousClock.Instant)
    -> Bool
  {
    since.map { (now - $0).seconds >= seconds } ?? false
  }
}
