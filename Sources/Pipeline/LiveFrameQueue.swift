internal import Foundation
internal import Frames

/// Decoded frames of a live source on their way to enhancement. The producer never waits: when the stages that follow do
/// not keep up, the oldest frames go.
///
/// Frames are handed over only while few are on their way through the stages that follow, so that what waits, waits here,
/// where it can be dropped.
///
/// `@unchecked Sendable`: all state is touched under `condition`'s lock.
final class LiveFrameQueue: ParcelQueue, @unchecked Sendable {
  private let condition = NSCondition()
  private var parcels: [Parcel] = []
  private var inFlight = 0
  private var isFinished = false
  private var isClosed = false
  private let onDrop: @Sendable (Int) -> Void

  /// Frames that wait at most; enough for what a network delivers late and all at once.
  private static let capacity = 8
  /// Frames between this queue and the sinks at most: one is encoded while another is enhanced.
  private static let inFlightCapacity = 2
  /// Seconds since its arrival after which a frame gives way to a newer one.
  private static let maximumAge = 0.15

  /// - Parameter onDrop: told how many frames were dropped.
  init(onDrop: @escaping @Sendable (Int) -> Void) {
    self.onDrop = onDrop
    parcels.reserveCapacity(Self.capacity)
  }

  func push(_ parcel: Parcel) -> Bool { condition.change { append(parcel) } }

  /// Waits for room, for the last frames of a recording, which nothing newer replaces.
  func pushWaiting(_ parcel: Parcel) -> Bool {
    condition.change {
      while parcels.count == Self.capacity && !isClosed { condition.wait() }
      return append(parcel)
    }
  }

  private func append(_ parcel: Parcel) -> Bool {
    guard !isClosed else { return false }
    if parcels.count == Self.capacity {
      parcels.removeFirst()
      onDrop(1)
    }
    parcels.append(parcel)
    return true
  }

  func pop() -> Parcel? {
    condition.change {
      while !isClosed && !(parcels.isEmpty && isFinished) && (parcels.isEmpty || inFlight >= Self.inFlightCapacity) {
        condition.wait()
      }
      guard !parcels.isEmpty else { return nil }
      // At the end there is time for all of them.
      let now = ContinuousClock.now
      while !isFinished, parcels.count > 1, (now - parcels[0].times.arrival).seconds > Self.maximumAge {
        parcels.removeFirst()
        onDrop(1)
      }
      inFlight += 1
      return parcels.removeFirst()
    }
  }

  /// A frame that was handed over has left the last stage.
  func release() { condition.change { inFlight -= 1 } }

  func finish() { condition.change { isFinished = true } }

  func close() {
    condition.change {
      isClosed = true
      parcels.removeAll()
    }
  }
}
