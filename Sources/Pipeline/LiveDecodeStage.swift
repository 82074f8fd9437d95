internal import Frames
internal import StreamIn

/// Decodes the video of a live source, connection after connection, and leaves out what there is no time for.
struct LiveDecodeStage: Stage {
  let packets: LivePacketQueue
  let frames: LiveFrameQueue
  let statistics: LiveStatistics
  let noteFrame: @Sendable () -> Void

  /// Streams that are refreshed piece by piece have no key frames.
  private static let joiningPatience = Duration.seconds(5)

  func run(_ stages: Stages) throws(PipelineError) {
    var decoder: LiveDecoder?
    var shedder = LoadShedder()
    var clock = RisingClock()
    var knownDamage = 0
    var isWanted = true
    // Until when a new connection's frames may be in need of others that came before it.
    var joinsUntil: ContinuousClock.Instant?
    do throws(StreamInError) {
      while let element = packets.pop() {
        switch element {
        case .decoder(let new):
          try decode(nil, arrival: .now, decoder, &clock) { isWanted = frames.push($0) && isWanted }
          decoder = new
          shedder = LoadShedder()
          knownDamage = 0
          joinsUntil = .now + Self.joiningPatience
        case .packet(let packet, let arrival):
          guard let decoder else { continue }
          let now = ContinuousClock.now
          if let limit = joinsUntil {
            guard packet.isKey || now > limit else { continue }
            joinsUntil = nil
          }
          guard shedder.admits(age: (now - arrival).seconds, isKey: packet.isKey, now: now) else {
            statistics.dropped(1)
            continue
          }
          decoder.skipsUnreferenced(shedder.skipsUnreferenced)
          try decode(packet, arrival: arrival, decoder, &clock) { parcel in
            let now = ContinuousClock.now
            if shedder.passes(age: (now - arrival).seconds, now: now) {
              isWanted = frames.push(parcel) && isWanted
            } else {
              statistics.dropped(1)
            }
          }
          if decoder.damage.count > knownDamage {
            statistics.damaged(decoder.damage.count - knownDamage)
            knownDamage = decoder.damage.count
          }
        }
        guard isWanted else { return }
      }
      // The end of a recording: there is time for the rest.
      try decode(nil, arrival: .now, decoder, &clock) { _ = frames.pushWaiting($0) }
    } catch {
      throw .input(error)
    }
  }

  private func decode(
    _ packet: Packet?, arrival: ContinuousClock.Instant, _ decoder: LiveDecoder?, _ clock: inout RisingClock,
    _ deliver: (Parcel) -> Void
  ) throws(StreamInError) {
    guard let decoder else { return }
    let begin = ContinuousClock.now
    var rising = clock
    defer { clock = rising }
    try decoder.decode(packet) { frame in
      noteFrame()
      statistics.decoded()
      var parcel = Parcel()
      parcel.frame = rising.place(frame)
      parcel.times.arrival = arrival
      parcel.times.decode.add(from: begin, to: .now)
      deliver(parcel)
    }
  }
}
