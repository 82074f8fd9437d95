internal import Frames
internal import StreamIn

/// Reads and decodes; packs the packets between two frames with the later of them.
///
/// `@unchecked Sendable`: between start and end of the pipeline only this stage's thread uses the reader.
struct InputStage: Stage, @unchecked Sendable {
  let reader: StreamReader

  /// Long stretches without a frame travel in parcels of their own, so that they do not pile up.
  private static let maximumPackets = 64

  func run(_ stages: Stages) throws(PipelineError) {
    var parcel = Parcel()
    do throws(StreamInError) {
      while let event = try timed(&parcel.times.decode, { () throws(StreamInError) in try reader.next() }) {
        switch event {
        case .packet(let packet):
          parcel.packets.append(packet)
          guard parcel.packets.count == Self.maximumPackets else { continue }
          guard stages.decoded.push(parcel) else { return }
          parcel.packets = []
        case .frame(let frame):
          parcel.frame = frame
          parcel.pictureBytes = reader.pictureBytes
          parcel.times.arrival = .now
          guard stages.decoded.push(parcel) else { return }
          parcel = Parcel()
        }
      }
    } catch {
      throw .input(error)
    }
    if !parcel.packets.isEmpty { _ = stages.decoded.push(parcel) }
  }
}
