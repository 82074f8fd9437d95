internal import Synchronization

/// Remembers when a live source last brought a frame. Frames are noted by one thread and asked after by another.
final class FrameWatch: Sendable {
  private let state = Mutex(State())

  private struct State {
    var latestProgress = ContinuousClock.now
    var connectionBegan = ContinuousClock.now
    var hasFrameOfConnection = false
  }

  func noteFrame() {
    state.withLock {
      $0.latestProgress = .now
      $0.hasFrameOfConnection = true
    }
  }

  /// The frames to come are those of a new connection.
  func beginConnection() {
    state.withLock {
      $0.connectionBegan = .now
      $0.hasFrameOfConnection = false
    }
  }

  var hasFrameOfConnection: Bool { state.withLock { $0.hasFrameOfConnection } }

  /// Since the latest frame, or the beginning.
  var secondsSinceProgress: Double {
    (ContinuousClock.now - state.withLock { $0.latestProgress }) / .seconds(1)
  }

  /// Since the latest frame of the connection, or its beginning.
  var secondsOfConnectionWithoutFrame: Double {
    let since = state.withLock { $0.hasFrameOfConnection ? $0.latestProgress : $0.connectionBegan }
    return (ContinuousClock.now - since) / .seconds(1)
  }
}
