internal import Frames
internal import StreamIn

/// Reads and decodes; packs the packets between two frames with the later of them.
///
/// `@unchecked Sendable`: between start and end of the pipeline only this stage's thread uses the reader.
struct InputStage: Stage, @unchecked Sendable {
  let reader: StreamReader

  /// Long stretches without a frame travel in parcels of their own, so that they do not pile up.
  private static let maximumPackets = 64
  private static let maximumBytes = 1 << 20

  func run(_ stages: Stages) throws(PipelineError) {
    var parcel = Parcel()
    var bytes = 0
    do throws(StreamInError) {
      while let event = try timed(&parcel.times.decode, { () throws(StreamInError) in try reader.next() }) {
        switch event {
        case .packet(let packet):
          parcel.packets.append(packet)
          bytes += packet.byteCount
          guard parcel.packets.count >= Self.maximumPackets || bytes >= Self.maximumBytes else { continue }
          guard stages.decoded.push(parcel) else { return }
          parcel.packets = []
          bytes = 0
        case .frame(let frame):
          parcel.frame = frame
          parcel.pictureBytes = reader.pictureBytes
          parcel.times.arrival = .now
          guard stages.decoded.push(parcel) else { return }
          parcel = Parcel()
          bytes = 0
        }
      }
    } catch {
      throw .input(error)
    }
    if !parcel.packets.isEmpty { _ = stages.decoded.push(parcel) }
  }
}
