internal import Foundation
public import Frames
internal import Synchronization

/// All sinks of a live run. Every one gets every packet, and none waits for another.
public final class LiveSinks: Sendable {
  private let sinks: [LiveSink]
  private let wantsKeyFrame: KeyFrameWish

  init(_ targets: [LiveTarget], options: LiveSinkOptions, report: @escaping @Sendable (String) -> Void)
    throws(StreamOutError)
  {
    let wish = KeyFrameWish()
    wantsKeyFrame = wish
    let events = LiveSinkEvents(report: report, requestKeyFrame: { wish.make() })
    var sinks: [LiveSink] = []
    for target in targets {
      do {
        sinks.append(try LiveSink(target, options: options, events: events))
      } catch {
        for sink in sinks { sink.finish() }
        throw error
      }
    }
    self.sinks = sinks
  }

  /// In the order of the targets.
  public var statuses: [LiveSinkStatus] { sinks.map(\.status) }

  /// Why nothing can be written any more; nil while a sink is left that can, or may be able to again.
  public var failure: StreamOutError? {
    let statuses = self.statuses
    guard statuses.allSatisfy({ $0.state == .failed }) else { return nil }
    return .noSinkLeft(reason: statuses.compactMap(\.latestFailure).first ?? "")
  }

  /// Passes a packet of a stream that is not the video on. Before the video has begun nothing takes it.
  public func write(_ packet: Packet) { offer(packet, isVideo: false) }

  func begin(_ format: LiveFormat) { for sink in sinks { sink.queue.begin(format) } }

  func writeVideo(_ packet: Packet) { offer(packet, isVideo: true) }

  /// Whether a sink has asked for a key frame since this was asked last.
  func takeKeyFrameWish() -> Bool { wantsKeyFrame.take() }

  private func offer(_ packet: Packet, isVideo: Bool) {
    for sink in sinks {
      // Out of memory for a few bytes: the frame is lost to this sink, as if it had been slow.
      guard let share = try? LivePacket(sharing: packet, isVideo: isVideo) else { continue }
      sink.offer(share)
    }
  }

  /// Lets every sink write what it has, and ends them; one that does not get on is given up after a few seconds.
  func finish() {
    for sink in sinks { sink.finish() }
    let limit = DispatchTime.now() + Self.grace
    for sink in sinks where !sink.wait(until: limit) { sink.cancellation.cancel() }
    // The interrupt callbacks are asked several times a second.
    for sink in sinks { _ = sink.wait(until: .now() + Self.lastGrace) }
  }

  private static let grace = 3.0
  private static let lastGrace = 2.0
}

/// A request that is made by any thread, and granted once.
private final class KeyFrameWish: Sendable {
  private let isMade = Atomic<Bool>(false)

  func make() { isMade.store(true, ordering: .releasing) }
  func take() -> Bool { isMade.exchange(false, ordering: .acquiringAndReleasing) }
}
