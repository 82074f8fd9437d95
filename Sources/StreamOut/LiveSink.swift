internal import Foundation
internal import Frames
internal import Synchronization

/// One sink of a live run: a thread of its own that opens, writes, and opens again what it has lost, and a queue that
/// keeps it from holding up anybody.
final class LiveSink: Sendable {
  let target: LiveTarget
  let queue: LiveSinkQueue
  /// Cancelled when there is no more time for it.
  let cancellation = Cancellation()
  private let state: Mutex<LiveSinkStatus>
  private let ended = DispatchSemaphore(value: 0)
  private let events: LiveSinkEvents

  /// - Parameter file: what was claimed for it when the run began, for a recording of one name.
  init(_ target: LiveTarget, options: LiveSinkOptions, events: LiveSinkEvents) throws(StreamOutError) {
    self.target = target
    self.events = events
    state = Mutex(LiveSinkStatus(name: target.name))
    // A disk may stall for long, and a recording is to have no gaps; what is late on a connection is no longer live.
    let isPatient = target.kind == .recording || target.kind == .playlist
    queue = LiveSinkQueue(maximumSeconds: isPatient ? 10 : 2, maximumBytes: 64 << 20)
    let worker = try LiveSinkWorker.claim(target, options: options)
    let thread = Thread { [self] in
      worker.run(self)
      queue.close()
      ended.signal()
    }
    thread.name = "sink"
    thread.start()
  }

  var status: LiveSinkStatus { state.withLock { $0 } }

  func update(_ change: (inout LiveSinkStatus) -> Void) { state.withLock { change(&$0) } }

  func offer(_ packet: LivePacket) {
    let dropped = queue.offer(packet)
    if dropped > 0 { update { $0.framesDropped += dropped } }
  }

  /// Asks the encoder for a frame at which a reader can begin.
  func requestKeyFrame() { events.requestKeyFrame() }

  /// Says what has happened.
  func report(_ text: String) { events.report(text) }

  /// Nothing more will come. A connection that is not there has nothing to finish.
  func finish() {
    queue.finish()
    if target.kind == .connection, status.state != .writing { cancellation.cancel() }
  }

  /// Waits until it has ended; false if it has not by `time`.
  func wait(until time: DispatchTime) -> Bool {
    guard ended.wait(timeout: time) == .success else { return false }
    ended.signal()
    return true
  }
}

/// How sinks are waited for and opened again.
public struct LiveSinkOptions: Sendable {
  /// Seconds until an attempt to open is given up.
  public var openTimeout = 10.0
  /// Seconds in which nothing could be written, after which a sink counts as lost.
  public var writeTimeout = 5.0
  /// Seconds that no pause between two attempts exceeds.
  public var reconnectMaxDelay = 2.0

  /// Everything at its default.
  public init() {}
}

/// What sinks tell the rest of the program. Called on their threads.
struct LiveSinkEvents: Sendable {
  /// One sentence, without secrets.
  let report: @Sendable (String) -> Void
  let requestKeyFrame: @Sendable () -> Void
}
