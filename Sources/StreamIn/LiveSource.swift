internal import CFFmpegShims
public import Frames
internal import Synchronization

/// What a live source has to say next.
public enum LiveSourceEvent: Sendable {
  /// An attempt to open it begins.
  case connecting
  /// It is open. The packets to come are for this decoder; `isFirst` is false for every opening after the first one.
  case connected(LiveDecoder, isFirst: Bool)
  /// A packet of the video, and when it came.
  case video(Packet, arrival: ContinuousClock.Instant)
  /// A packet of another stream; its `streamIndex` is that of the first opening's description.
  case other(Packet)
  /// It is lost, or an attempt to open it has failed; the next attempt begins after a pause, in seconds.
  case disconnected(StreamInError, pause: Double)
}

/// A camera, stream or file that is read as it comes: opened again whenever it is lost, on one clock that never runs
/// backwards.
///
/// Every wait has an end: opening, reading, and the pauses between attempts, which grow. For one thread at a time,
/// except `noteFrame()`.
public final class LiveSource {
  /// What the first opening found; nil before.
  public private(set) var description: MediaDescription?
  /// Packets that came damaged, all connections together.
  public private(set) var damagedPackets = 0

  private let location: LiveLocation
  private let name: String
  private let options: LiveSourceOptions
  private let cancellation: Cancellation
  private let deadline: Deadline
  private let watch: FrameWatch
  private var connection: LiveConnection?
  private var backoff: Backoff
  private var timeline = LiveTimeline()
  private var pacer: Pacer?
  private var streams = StreamMatch()
  private var state = State.pausing(0)
  private var latestFailure: StreamInError?
  /// Of the video, on the present connection.
  private var latestPacket = ContinuousClock.now

  private enum State { case pausing(Double), opening, open, ended }

  /// Nothing is opened yet; `next()` does that.
  ///
  /// - Parameters:
  ///   - location: a URL, a device, a path, or `-` for standard input.
  ///   - cancellation: once cancelled, `next()` soon returns nil.
  public init(_ location: String, options: LiveSourceOptions = .init(), cancellation: Cancellation = .init()) {
    self.location = LiveLocation(location)
    name = redacted(location)
    self.options = options
    self.cancellation = cancellation
    deadline = Deadline(cancellation)
    // Before time is kept: what loading takes is not the camera's. Whether it could be loaded is asked at each opening.
    if self.location.kind == .device { _ = zdv_register_devices() }
    watch = FrameWatch()
    backoff = Backoff(limit: options.reconnectMaxDelay)
  }

  /// Tells the source, from any thread, that a frame was decoded: that is what it is watched for.
  public var noteFrame: @Sendable () -> Void { { [watch] in watch.noteFrame() } }

  /// What happens next; waits for it. Nil at the end of a file, and after cancellation.
  ///
  /// Throws what no new attempt can mend: a file that cannot be opened, and having given up.
  public func next() throws(StreamInError) -> LiveSourceEvent? {
    while !cancellation.isCancelled {
      switch state {
      case .ended: return nil
      case .pausing(let seconds):
        Backoff.sleep(seconds) { cancellation.isCancelled || patience == 0 }
        try checkPatience()
        state = .opening
        return .connecting
      case .opening:
        do {
          return try open()
        } catch {
          if cancellation.isCancelled { return nil }
          if location.isFinite || error.isFinal { throw error }
          return try disconnect(error)
        }
      case .open:
        do {
          if let event = try read() { return event }
        } catch {
          if cancellation.isCancelled { return nil }
          if location.isFinite { throw error }
          if case .gaveUp = error { throw error }
          return try disconnect(error)
        }
      }
    }
    return nil
  }

  // MARK: Opening

  private func open() throws(StreamInError) -> LiveSourceEvent {
    let limit = min(options.openTimeout, patience ?? .infinity)
    deadline.set(limit)
    switch HostLookup.run(location.location, deadline: deadline) {
    case .found: break
    case .unknown(let host, let reason): throw .unresolved(location: name, host: host, reason: reason)
    case .noAnswer(let host):
      throw .unresolved(location: name, host: host, reason: "no answer within \(StreamInError.text(limit)) s")
    }
    let opened: LiveConnection
    do {
      opened = try LiveConnection(location, options: options, deadline: deadline)
    } catch {
      throw deadline.isExpired ? .noAnswer(location: name, seconds: limit) : error
    }
    connection = opened
    let isFirst = description == nil
    if isFirst { description = opened.description }
    streams = StreamMatch(from: opened.description, to: description!)
    timeline.beginConnection()
    pacer = options.isRealtime || opened.isAhead ? Pacer() : nil
    watch.beginConnection()
    latestPacket = .now
    state = .open
    return .connected(opened.takeDecoder(), isFirst: isFirst)
  }

  private func disconnect(_ error: StreamInError) throws(StreamInError) -> LiveSourceEvent {
    connection = nil
    latestFailure = error
    // Only frames are a success: a server that opens and closes at once is not to be asked again and again.
    if watch.hasFrameOfConnection { backoff.reset() }
    watch.beginConnection()
    try checkPatience()
    let pause = backoff.pause()
    state = .pausing(pause)
    return .disconnected(error, pause: pause)
  }

  /// Seconds until everything is given up; nil is never.
  private var patience: Double? {
    options.giveUpAfter.map { max(0, $0 - watch.secondsSinceProgress) }
  }

  private func checkPatience() throws(StreamInError) {
    guard let limit = options.giveUpAfter, watch.secondsSinceProgress >= limit else { return }
    throw .gaveUp(location: name, seconds: limit, reason: latestFailure?.description)
  }

  // MARK: Reading

  /// The next packet; nil where there is nothing to say of it.
  private func read() throws(StreamInError) -> LiveSourceEvent? {
    let connection = self.connection!
    // Nobody can open standard input again, so it may be silent for long.
    let limit = min(location.kind == .pipe ? .infinity : options.readTimeout, patience ?? .infinity)
    deadline.set(limit)
    let known = connection.damagedPackets
    defer { damagedPackets += connection.damagedPackets - known }
    let result: (packet: Packet, arrival: ContinuousClock.Instant)?
    do { result = try connection.read() } catch { throw .lost(error) }
    guard let result else { return try ended(connection) }
    return try place(result.packet, arrival: result.arrival, connection)
  }

  private func place(_ packet: Packet, arrival: ContinuousClock.Instant, _ connection: LiveConnection)
    throws(StreamInError) -> LiveSourceEvent?
  {
    let isVideo = packet.streamIndex == connection.description.videoIndex
    let stream = isVideo ? description!.videoIndex : streams[packet.streamIndex]
    timeline.place(packet.raw, stream: stream, timeBase: packet.timeBase, arrival: arrival)
    var arrival = arrival
    if pacer != nil, let time = packet.timestamp {
      pacer!.wait(until: time.seconds, unless: cancellation)
      arrival = .now
    }
    if isVideo {
      latestPacket = arrival
      let limit = max(3 * options.readTimeout, 15)
      guard watch.secondsOfConnectionWithoutFrame < limit else { throw .noPicture(location: name, seconds: limit) }
      return .video(packet, arrival: arrival)
    }
    guard (arrival - latestPacket) / .seconds(1) < options.readTimeout else {
      throw .silent(location: name, seconds: options.readTimeout)
    }
    guard let stream else { return nil }
    packet.raw.pointee.stream_index = Int32(stream)
    return .other(packet)
  }

  /// Nothing came in time, or nothing will.
  private func ended(_ connection: LiveConnection) throws(StreamInError) -> LiveSourceEvent? {
    if cancellation.isCancelled { return nil }
    if deadline.isExpired {
      // If that was what is left until all is given up, nothing may be wrong but that frames are long in coming.
      try checkPatience()
      throw .silent(location: name, seconds: options.readTimeout)
    }
    guard location.isFinite || connection.isRecording else { throw .closed(location: name) }
    self.connection = nil
    state = .ended
    return nil
  }
}
