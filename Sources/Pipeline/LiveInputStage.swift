internal import Foundation
internal import Frames
internal import StreamIn
internal import StreamOut
internal import Synchronization

/// Reads a live source: packets of the video go to the decoder, those of other streams straight to the sinks.
///
/// `@unchecked Sendable`: between start and end of the pipeline only this stage's thread uses the source.
struct LiveInputStage: Stage, @unchecked Sendable {
  let source: LiveSource
  let packets: LivePacketQueue
  let sinks: LiveSinks
  let statistics: LiveStatistics
  /// What the first opening found, for the stages that follow.
  let found: FirstDescription
  let report: @Sendable (LiveMessage) -> Void

  func run(_ stages: Stages) throws(PipelineError) {
    do throws(StreamInError) {
      var damaged = 0
      while let event = try source.next() {
        guard handle(event) else { return }
        if source.damagedPackets > damaged {
          statistics.damaged(source.damagedPackets - damaged)
          damaged = source.damagedPackets
        }
      }
      statistics.sourceChanged(to: .ended)
    } catch {
      statistics.sourceChanged(to: .ended, because: error.description)
      throw .input(error)
    }
  }

  /// False if nothing more is wanted.
  private func handle(_ event: LiveSourceEvent) -> Bool {
    switch event {
    case .connecting: statistics.sourceChanged(to: .connecting)
    case .connected(let decoder, let isFirst):
      if isFirst, let description = source.description { found.set(description) }
      statistics.sourceChanged(to: .streaming)
      if !isFirst { statistics.reconnected() }
      let video = source.description.map { " (\($0.video.codecName))" } ?? ""
      report(.init(.notice, isFirst ? "the source is open\(video)" : "the source is back"))
      return packets.offer(.decoder(decoder))
    case .disconnected(let error, let pause):
      statistics.sourceChanged(to: .waiting, because: error.description)
      report(.init(.warning, "\(error); next attempt in \((pause * 10).rounded() / 10) s"))
    case .video(let packet, let arrival): return packets.offer(.packet(packet, arrival: arrival))
    case .other(let packet): sinks.write(packet)
    }
    return true
  }
}

/// What a live run has to tell people while it goes on; without secrets.
public struct LiveMessage: Sendable {
  /// How much it matters.
  public enum Level: Sendable {
    /// Things go as they should.
    case notice
    /// Something is lost, or not as it was.
    case warning
  }

  /// How much it matters.
  public var level: Level
  /// One sentence, no newline.
  public var text: String

  init(_ level: Level, _ text: String) { (self.level, self.text) = (level, text) }
}

/// What the first opening of a source found: written once, then read.
final class FirstDescription: Sendable {
  private let value = Mutex<MediaDescription?>(nil)

  func set(_ description: MediaDescription) { value.withLock { $0 = description } }
  var description: MediaDescription? { value.withLock { $0 } }
}
