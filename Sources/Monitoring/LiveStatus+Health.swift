public import Pipeline

extension LiveStatus {
  /// True while frames flow: one was encoded in the latest `seconds`, and the source is at work.
  public func isFlowing(within seconds: Double) -> Bool {
    sourceState == .streaming && (secondsSinceFrameOut ?? .infinity) <= seconds
  }

  /// True if the run does what it should, which includes waiting for a source that is away: frames flow, or the source
  /// is being opened or waited for. False if frames come in, or should, and none has come out for `seconds`.
  public func isAlive(within seconds: Double) -> Bool {
    guard sourceState == .streaming else { return true }
    return min(secondsSinceFrameOut ?? .infinity, uptime) <= seconds
  }

  /// One line for people.
  var summary: String {
    let rates = "\(Self.tenths(inFPS)) fps in, \(Self.tenths(outFPS)) out"
    let counts = "\(framesDropped) dropped, \(reconnects) reconnects"
    let reason = sourceState == .waiting ? latestFailure.map { " (\($0))" } ?? "" : ""
    return "\(sourceState.rawValue)\(reason): \(rates), \(counts)"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = value.isFinite ? Int((value * 10).rounded()) : 0
    return "\(tenths / 10).\(tenths % 10)"
  }
}
