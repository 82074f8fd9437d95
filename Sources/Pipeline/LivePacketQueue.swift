internal import Frames
internal import StreamIn

/// What the thread that reads a live source hands to the one that decodes it.
enum VideoInput: Sendable {
  /// The packets to come are for this one.
  case decoder(LiveDecoder)
  case packet(Packet, arrival: ContinuousClock.Instant)
}

/// Packets of the video from the thread that reads to the one that decodes. Reading only offers, and never waits, so that
/// packets are taken from the network as they come, and their arrival is known.
typealias LivePacketQueue = BoundedQueue<VideoInput>

extension LivePacketQueue {
  /// Decoding sheds load long before so many wait; this only bounds what a decoder that hangs can cost.
  static var liveCapacity: Int { 2000 }
}
