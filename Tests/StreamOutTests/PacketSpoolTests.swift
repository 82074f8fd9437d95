import CFFmpeg
import Frames
import Testing

@testable import StreamOut

/// What waits in memory and what waits in the file come back alike, in the order in which they came.
@Suite struct PacketSpoolTests {
  private func packet(_ number: Int, bytes: Int) throws -> Packet {
    let raw = try #require(av_packet_alloc())
    let packet = Packet(owning: raw, timeBase: Rational(1, Int32(1000 + number % 3)))
    try #require(av_new_packet(raw, Int32(bytes)) == 0)
    for index in 0..<bytes { raw.pointee.data[index] = UInt8(truncatingIfNeeded: number &* 31 &+ index) }
    (raw.pointee.pts, raw.pointee.dts) = (Int64(number) * 40, number % 5 == 0 ? .min : Int64(number) * 40 - 7)
    (raw.pointee.duration, raw.pointee.flags) = (Int64(number), Int32(number % 4))
    raw.pointee.stream_index = Int32(number % 3)
    for (count, type) in [AV_PKT_DATA_SKIP_SAMPLES, AV_PKT_DATA_PALETTE].prefix(number % 3).enumerated() {
      let size = 10 + count
      let data = try #require(av_packet_new_side_data(raw, type, size))
      for index in 0..<size { data[index] = UInt8(truncatingIfNeeded: number + index) }
    }
    return packet
  }

  /// Everything that a packet says, as text.
  private func content(_ packet: Packet) -> String {
    let raw = packet.raw.pointee
    let sides = UnsafeBufferPointer(start: raw.side_data, count: Int(raw.side_data_elems)).map {
      "\($0.type.rawValue) \(Array(UnsafeBufferPointer(start: $0.data, count: $0.size)))"
    }
    let numbers = [raw.pts, raw.dts, raw.duration, Int64(raw.stream_index), Int64(raw.flags)]
    return "\(packet.timeBase) \(numbers) \(Array(UnsafeBufferPointer(start: raw.data, count: Int(raw.size)))) \(sides)"
  }

  @Test(arguments: [0, 20_000, 1 << 20])
  func packetsComeBackAsTheyWere(limit: Int) throws {
    let spool = PacketSpool(limit: limit)
    let packets = try (0..<100).map { try packet($0, bytes: $0 * 7 % 900) }
    let expected = packets.map(content)
    for packet in packets { try spool.append(packet) }
    let inFile = [0: 100, 1 << 20: 0][limit]
    if let inFile { #expect(spool.packetsInFile == inFile) }
    #expect(limit != 20_000 || (1..<100).contains(spool.packetsInFile))
    var drained: [String] = []
    try spool.drain { drained.append(content($0)) }
    #expect(drained == expected)
    try spool.drain { _ in Issue.record("nothing is left") }
    // And once more from the start.
    try spool.append(packets[1])
    try spool.drain { drained.append(content($0)) }
    #expect(drained.count == 101 && drained.last == expected[1])
  }
}
