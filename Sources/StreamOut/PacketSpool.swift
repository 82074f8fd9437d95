internal import CFFmpeg
internal import Frames

/// Keeps packets in their order until somebody can take them: some in memory, the rest in a temporary file.
final class PacketSpool {
  /// Bytes to hold in memory before the file is begun.
  private let limit: Int
  private var packets: [Packet] = []
  private var bytesInMemory = 0
  private var file: TemporaryFile?
  private(set) var packetsInFile = 0

  /// What a packet costs besides its data, roughly.
  private static let overhead = 512

  init(limit: Int = 64 << 20) { self.limit = limit }

  /// Puts a packet behind all others.
  func append(_ packet: Packet) throws(StreamOutError) {
    let cost = packet.byteCount + Self.overhead
    if file == nil, bytesInMemory + cost <= limit {
      packets.append(packet)
      bytesInMemory += cost
      return
    }
    do throws(FFmpegError) {
      if file == nil { file = try TemporaryFile() }
      try file!.put(packet)
    } catch {
      throw .cannotSpool(error)
    }
    packetsInFile += 1
  }

  /// Hands every packet over in order and forgets it.
  func drain(_ body: (Packet) throws(StreamOutError) -> Void) throws(StreamOutError) {
    for packet in packets { try body(packet) }
    packets = []
    bytesInMemory = 0
    guard let file else { return }
    do { try file.rewind() } catch { throw .cannotSpool(error) }
    while packetsInFile > 0 {
      let packet: Packet
      do { packet = try file.getPacket() } catch { throw .cannotSpool(error) }
      packetsInFile -= 1
      try body(packet)
    }
    self.file = nil
  }
}

/// How a packet stands in the file: this, its data, then type, size and bytes of each piece of side data.
private struct PacketRecord: BitwiseCopyable {
  var pts: Int64 = 0, dts: Int64 = 0, duration: Int64 = 0
  var stream: Int32 = 0, flags: Int32 = 0, size: Int32 = 0, sideDataCount: Int32 = 0
  var timeBase = AVRational()
}

extension TemporaryFile {
  fileprivate func put(_ packet: Packet) throws(FFmpegError) {
    let raw = packet.raw.pointee
    try put(
      PacketRecord(
        pts: raw.pts, dts: raw.dts, duration: raw.duration, stream: raw.stream_index, flags: raw.flags,
        size: raw.size, sideDataCount: raw.side_data_elems, timeBase: packet.timeBase.raw))
    try put(raw.data, count: Int(raw.size))
    for entry in UnsafeBufferPointer(start: raw.side_data, count: Int(raw.side_data_elems)) {
      try put(entry.type)
      try put(entry.size)
      try put(entry.data, count: entry.size)
    }
  }

  fileprivate func getPacket() throws(FFmpegError) -> Packet {
    var record = PacketRecord()
    try get(&record)
    let packet = Packet(owning: try allocated(av_packet_alloc(), "a packet"), timeBase: Rational(record.timeBase))
    let raw = packet.raw
    try check(av_new_packet(raw, record.size), "allocate", "a packet")
    try get(raw.pointee.data, count: Int(record.size))
    (raw.pointee.pts, raw.pointee.dts, raw.pointee.duration) = (record.pts, record.dts, record.duration)
    (raw.pointee.stream_index, raw.pointee.flags) = (record.stream, record.flags)
    for _ in 0..<record.sideDataCount {
      var (type, size) = (AVPacketSideDataType(rawValue: 0), 0)
      try get(&type)
      try get(&size)
      try get(try allocated(av_packet_new_side_data(raw, type, size), "packet side data"), count: size)
    }
    return packet
  }
}
