internal import Foundation
internal import Synchronization

/// Counts what happens in a live run. Each stage reports once per frame; anybody may ask for the status at any time.
final class LiveStatistics: Sendable {
  private let state: Mutex<State>
  private let began = ContinuousClock.now

  /// Rates are taken over so many seconds.
  fileprivate static let window = 3.0
  /// Latencies of so many latest frames are kept for the percentiles: ten seconds at 60 Hz.
  private static let recentCapacity = 600

  fileprivate struct State {
    var status = LiveStatus()
    var lastIn: ContinuousClock.Instant?
    var lastOut: ContinuousClock.Instant?
    /// Counters at some moments of the latest seconds.
    var samples: [Sample] = []
    /// Total latencies of the latest frames, a ring.
    var recent: [Double] = []
    var next = 0
  }

  fileprivate struct Sample {
    let time: ContinuousClock.Instant
    let framesIn: Int, framesOut: Int, bytesOut: Int
  }

  /// - Parameter source: its name without secrets.
  init(source: String) {
    var state = State()
    state.status.source = source
    state.recent.reserveCapacity(Self.recentCapacity)
    state.samples = [Sample(time: began, framesIn: 0, framesOut: 0, bytesOut: 0)]
    self.state = Mutex(state)
  }

  /// Whether a frame was encoded.
  var hasEncoded: Bool { state.withLock { $0.status.framesOut > 0 } }

  func sourceChanged(to new: LiveStatus.SourceState, because reason: String? = nil) {
    state.withLock {
      $0.status.sourceState = new
      if let reason { $0.status.latestFailure = reason }
    }
  }

  func reconnected() { state.withLock { $0.status.reconnects += 1 } }

  func decoded() {
    let now = ContinuousClock.now
    state.withLock {
      $0.status.framesIn += 1
      $0.lastIn = now
      $0.sample(now)
    }
  }

  func damaged(_ count: Int) { state.withLock { $0.status.framesDamaged += count } }
  func dropped(_ count: Int) { state.withLock { $0.status.framesDropped += count } }

  /// Counts an encoded frame.
  func encoded(_ frame: FrameReport, bytes: Int) {
    let now = ContinuousClock.now
    state.withLock {
      $0.status.framesOut += 1
      $0.status.bytesOut += bytes
      if frame.reused { $0.status.framesReused += 1 }
      $0.status.latencies.decode.add(frame.decodeMilliseconds / 1e3)
      $0.status.latencies.estimate.add(frame.estimateMilliseconds / 1e3)
      $0.status.latencies.apply.add(frame.applyMilliseconds / 1e3)
      $0.status.latencies.encode.add(frame.encodeMilliseconds / 1e3)
      let total = frame.latencyMilliseconds / 1e3
      $0.status.latencies.total.add(total)
      if $0.recent.count < Self.recentCapacity { $0.recent.append(total) } else { $0.recent[$0.next] = total }
      $0.next = ($0.next + 1) % Self.recentCapacity
      $0.lastOut = now
      $0.sample(now)
    }
  }

  /// The status now; the sinks are left to whoever knows them.
  var status: LiveStatus {
    let now = ContinuousClock.now
    var (status, recent) = state.withLock { state in
      state.sample(now)
      var status = state.status
      if let first = state.samples.first {
        // A source that has gone silent shows by falling rates, since the window ends now.
        let seconds = max((now - first.time).seconds, 0.1)
        status.inFPS = Double(status.framesIn - first.framesIn) / seconds
        status.outFPS = Double(status.framesOut - first.framesOut) / seconds
        status.bitrate = Double(status.bytesOut - first.bytesOut) * 8 / seconds
      }
      status.secondsSinceFrameIn = state.lastIn.map { (now - $0).seconds }
      status.secondsSinceFrameOut = state.lastOut.map { (now - $0).seconds }
      return (status, state.recent)
    }
    status.uptime = (now - began).seconds
    status.timeOfLastFrame = status.secondsSinceFrameOut.map { Date().timeIntervalSince1970 - $0 }
    recent.sort()
    if !recent.isEmpty {
      status.latencyP50 = recent[(recent.count - 1) / 2]
      status.latencyP99 = recent[Int((Double(recent.count - 1) * 0.99).rounded(.up))]
    }
    return status
  }
}

extension LiveStatistics.State {
  /// Keeps the counters a few times a second, and one sample from before the window.
  fileprivate mutating func sample(_ now: ContinuousClock.Instant) {
    guard let last = samples.last, (now - last.time).seconds >= 0.25 else { return }
    samples.append(
      .init(time: now, framesIn: status.framesIn, framesOut: status.framesOut, bytesOut: status.bytesOut))
    while samples.count > 2, (now - samples[1].time).seconds >= LiveStatistics.window { samples.removeFirst() }
  }
}

extension Duration {
  /// Whole and fraction.
  var seconds: Double { milliseconds / 1e3 }
}
