internal import Foundation
internal import Frames

/// What waits for one sink. Offering never waits: where the sink does not keep up, what is oldest goes, up to a key frame.
///
/// `@unchecked Sendable`: all state is touched under `condition`'s lock.
final class LiveSinkQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private let maximumSeconds: Double
  private let maximumBytes: Int
  private var packets: [LivePacket] = []
  private var bytes = 0
  private var needsKey = true
  private var isFinished = false
  private var isClosed = false
  private var format: LiveFormat?
  /// Counts how often packets were lost between two that were not.
  private var gaps = 0

  /// - Parameters:
  ///   - maximumSeconds: of video.
  ///   - maximumBytes: of all packets together.
  init(maximumSeconds: Double, maximumBytes: Int) {
    (self.maximumSeconds, self.maximumBytes) = (maximumSeconds, maximumBytes)
  }

  /// Says what the packets will be, before the first of them.
  func begin(_ format: LiveFormat) {
    condition.change { self.format = format }
  }

  /// Waits until it is known what the packets will be; nil if nothing will come.
  func waitForFormat() -> LiveFormat? {
    condition.lock()
    defer { condition.unlock() }
    while format == nil && !isFinished && !isClosed { condition.wait() }
    return format
  }

  /// Puts a packet last. How many frames of the video were dropped, this one included.
  func offer(_ packet: LivePacket) -> Int {
    condition.change {
      guard !isFinished, !isClosed, format != nil else { return packet.isVideo ? 1 : 0 }
      if needsKey {
        guard packet.isKey else { return packet.isVideo ? 1 : 0 }
        needsKey = false
      }
      packets.append(packet)
      bytes += packet.packet.byteCount
      let first = packets.first { $0.isVideo }?.seconds ?? packet.seconds
      let isTooMuch = packet.isVideo && packet.seconds - first > maximumSeconds || bytes > maximumBytes
      return isTooMuch ? shed() : 0
    }
  }

  /// Waits for a packet; nil once everything was taken after the end, or the queue was closed.
  func pop() -> LivePacket? {
    condition.lock()
    defer { condition.unlock() }
    while packets.isEmpty && !isFinished && !isClosed { condition.wait() }
    guard !packets.isEmpty else { return nil }
    let packet = packets.removeFirst()
    bytes -= packet.packet.byteCount
    return packet
  }

  /// Forgets what waits; the next packet will be a key frame. How many frames of the video that was.
  func restart() -> Int { condition.change { clear() } }

  /// Changes whenever packets were left out.
  var gapCount: Int { condition.change { gaps } }

  /// Nothing more will come.
  func finish() { condition.change { isFinished = true } }

  /// Nothing more is wanted.
  func close() {
    condition.change {
      isClosed = true
      _ = clear()
    }
  }

  /// Drops what is before the newest key frame, or everything.
  private func shed() -> Int {
    guard let key = packets.lastIndex(where: { $0.isKey }), key > 0 else { return clear() }
    gaps += 1
    let dropped = packets[..<key]
    bytes -= dropped.reduce(0) { $0 + $1.packet.byteCount }
    let frames = dropped.count { $0.isVideo }
    packets.removeSubrange(..<key)
    return frames
  }

  private func clear() -> Int {
    gaps += 1
    let frames = packets.count { $0.isVideo }
    packets.removeAll(keepingCapacity: true)
    bytes = 0
    needsKey = true
    return frames
  }
}
