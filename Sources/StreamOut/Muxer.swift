internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Owns an AVFormatContext for writing: streams, header, packets in order of time, trailer.
final class Muxer {
  let container: Container
  private var context: UnsafeMutablePointer<AVFormatContext>
  private let file: OutputFile
  private let patience: Patience
  /// What `context` writes to, where that is a pipe.
  private var pipe: OutputPipe?
  private var lastDTS: [Int64?] = []
  private(set) var hasHeader = false
  /// Copied packets whose times ran backwards and were moved.
  private(set) var movedPackets = 0
  /// Damaged packets that the container did not take.
  private(set) var refusedPackets = 0
  private var writtenPackets = 0
  /// What is taken off all times.
  var origin = Origin()
  /// Everything goes out at once, in the order in which it is written, rather than in order of time.
  private let isLive: Bool

  /// - Parameters:
  ///   - cancellation: after it, a pipe or URL is written to only as long as its reader reads.
  ///   - deadline: for live outputs, when to give up on opening or writing, moved on by the caller.
  init(_ container: Container, file: OutputFile, cancellation: Cancellation, deadline: Deadline? = nil)
    throws(StreamOutError)
  {
    self.container = container
    self.file = file
    patience = Patience(cancellation, limit: deadline)
    isLive = deadline != nil
    do throws(FFmpegError) {
      var made: UnsafeMutablePointer<AVFormatContext>?
      try check(avformat_alloc_output_context2(&made, container.format, nil, file.url), "create", file.name)
      context = try allocated(made, "a muxer")
      if file.isURL {
        context.pointee.interrupt_callback = AVIOInterruptCB(
          callback: { Unmanaged<Patience>.fromOpaque($0!).takeUnretainedValue().isExhausted ? 1 : 0 },
          opaque: Unmanaged.passUnretained(patience).toOpaque())
      }
      if isLive { context.pointee.flags |= AVFMT_FLAG_FLUSH_PACKETS }
    } catch {
      throw .failed(error)
    }
  }

  deinit {
    // Only after an error is it still open: what is buffered has nowhere to go, and the error has been reported.
    _ = close()
    avformat_free_context(context)
  }

  private var name: String { file.name }

  /// Labels the file as a whole.
  func describe(metadata: Metadata, chapters: [Chapter]) throws(FFmpegError) {
    for (key, value) in metadata { av_dict_set(&context.pointee.metadata, key, value, 0) }
    guard !chapters.isEmpty else { return }
    // The muxer frees them with the context.
    let size = MemoryLayout<UnsafeMutablePointer<AVChapter>?>.stride
    let list = try allocated(av_calloc(chapters.count, size), "chapters")
    context.pointee.chapters = list.assumingMemoryBound(to: UnsafeMutablePointer<AVChapter>?.self)
    for (index, chapter) in chapters.enumerated() {
      let raw = try allocated(av_mallocz(MemoryLayout<AVChapter>.size), "a chapter")
        .assumingMemoryBound(to: AVChapter.self)
      raw.pointee.id = chapter.id
      raw.pointee.time_base = chapter.start.timeBase.raw
      raw.pointee.start = chapter.start.ticks
      raw.pointee.end = chapter.end.ticks
      for (key, value) in chapter.metadata { av_dict_set(&raw.pointee.metadata, key, value, 0) }
      context.pointee.chapters[index] = raw
      context.pointee.nb_chapters += 1
    }
  }

  /// Ticks of a stream as it is written, in seconds.
  func timeBase(ofStream index: Int) -> Rational { Rational(context.pointee.streams[index]!.pointee.time_base) }

  /// Gives a stream the container's own number, where the container has such.
  func setID(_ id: Int32, ofStream index: Int) { context.pointee.streams[index]!.pointee.id = id }

  /// Groups streams, given by their index in the output, into a service of a transport stream.
  func addProgram(_ program: Program, streams: [Int]) throws(FFmpegError) {
    let made = try allocated(av_new_program(context, program.id), "a program")
    for (key, value) in program.metadata { av_dict_set(&made.pointee.metadata, key, value, 0) }
    for index in streams { av_program_add_stream_index(context, program.id, UInt32(index)) }
  }

  /// Adds a stream; its index.
  func addStream(_ configure: (UnsafeMutablePointer<AVStream>) throws(FFmpegError) -> Void) throws(FFmpegError) -> Int {
    let stream = try allocated(avformat_new_stream(context, nil), "a stream")
    try configure(stream)
    lastDTS.append(nil)
    return Int(stream.pointee.index)
  }

  /// Opens the file and writes the header.
  ///
  /// - Parameter protocolOptions: for what carries the bytes of a URL.
  func begin(options: consuming TagTable, protocolOptions: Metadata = []) throws(StreamOutError) {
    do {
      try open(protocolOptions)
    } catch {
      throw error.code == zdv_error_exit ? .cannotWrite(error) : .cannotCreate(error)
    }
    do {
      try check(avformat_write_header(context, &options.raw), "write", name)
    } catch {
      throw .cannotWrite(error)
    }
    hasHeader = true
  }

  private func open(_ protocolOptions: Metadata) throws(FFmpegError) {
    guard !container.opensItsOwnFile else { return }
    guard file.isPipe else {
      var table = TagTable(protocolOptions)
      try check(
        avio_open2(
          &context.pointee.pb, file.url, AVIO_FLAG_WRITE, &context.pointee.interrupt_callback, &table.raw),
        "create", name)
      return
    }
    let pipe = try OutputPipe(file, patience: patience)
    context.pointee.pb = try pipe.makeContext()
    self.pipe = pipe
  }

  private func close() -> Int32 {
    guard !container.opensItsOwnFile, let io = context.pointee.pb else { return 0 }
    guard pipe != nil else { return avio_closep(&context.pointee.pb) }
    OutputPipe.free(io)
    context.pointee.pb = nil
    pipe = nil
    return 0
  }

  /// Writes a packet when its turn comes; takes its data.
  ///
  /// - Parameter settle: changes the times, which are in ticks of the stream; false leaves the packet out.
  func write(
    _ packet: Packet, toStream index: Int, settle: (UnsafeMutablePointer<AVPacket>) -> Bool = { _ in true }
  ) throws(StreamOutError) {
    patience.renew()
    let raw = packet.raw
    let stream = context.pointee.streams[index]!
    raw.pointee.stream_index = Int32(index)
    raw.pointee.pos = -1
    origin.shift(packet)
    av_packet_rescale_ts(raw, packet.timeBase.raw, stream.pointee.time_base)
    guard settle(raw) else { return }
    keepOrder(raw, index)
    do {
      let result = isLive ? av_write_frame(context, raw) : av_interleaved_write_frame(context, raw)
      if let io = context.pointee.pb { try check(io.pointee.error, "write", name) }
      // The muxer found the content of a packet, this one or one that waited, unfit for the container.
      if result == zdv_error_invalid_data {
        refusedPackets += 1
      } else {
        try check(result, "write", name)
      }
    } catch {
      // Each packet is a file of its own, and every one before this is whole.
      if container.name == "image2" { file.removePicture(writtenPackets + 1, after: error) }
      throw .cannotWrite(error)
    }
    writtenPackets += 1
  }

  /// Lets a stream begin at zero with nothing to show, if `packet`, its first one, comes later: AVI counts frames, and
  /// FFmpeg's muxer fills every gap but this.
  func writeGap(toStream index: Int, before packet: Packet) throws(StreamOutError) {
    let empty: Packet
    do {
      empty = Packet(owning: try allocated(av_packet_alloc(), "a packet"), timeBase: packet.timeBase)
    } catch {
      throw .cannotWrite(error)
    }
    empty.raw.pointee.pts = packet.raw.pointee.dts
    origin.shift(empty)
    let ticks = av_rescale_q(empty.raw.pointee.pts, packet.timeBase.raw, timeBase(ofStream: index).raw)
    guard packet.raw.pointee.dts != zdv_no_pts, ticks > 0 else { return }
    (empty.raw.pointee.pts, empty.raw.pointee.dts) = (0, 0)
    empty.raw.pointee.stream_index = Int32(index)
    do {
      try check(av_interleaved_write_frame(context, empty.raw), "write", name)
    } catch {
      throw .cannotWrite(error)
    }
  }

  /// Muxers refuse decode times that do not grow, or that lie after the time of display; a damaged input's may.
  private func keepOrder(_ raw: UnsafeMutablePointer<AVPacket>, _ index: Int) {
    guard raw.pointee.dts != zdv_no_pts else { return }
    if raw.pointee.pts != zdv_no_pts, raw.pointee.pts < raw.pointee.dts {
      raw.pointee.dts = raw.pointee.pts
      movedPackets += 1
    }
    let mayRepeat = container.format.pointee.flags & AVFMT_TS_NONSTRICT != 0
    if let last = lastDTS[index], raw.pointee.dts < last + (mayRepeat ? 0 : 1) {
      raw.pointee.dts = last + (mayRepeat ? 0 : 1)
      if raw.pointee.pts != zdv_no_pts { raw.pointee.pts = max(raw.pointee.pts, raw.pointee.dts) }
      movedPackets += 1
    }
    lastDTS[index] = raw.pointee.dts
  }

  /// Writes the trailer and closes the file. The file is complete only if this returns.
  func finish() throws(StreamOutError) {
    do {
      try check(av_write_trailer(context), "finish", name)
      guard !container.opensItsOwnFile, let io = context.pointee.pb else { return }
      avio_flush(io)
      let failure = io.pointee.error
      let closing = close()
      try check(failure, "finish", name)
      try check(closing, "finish", name)
    } catch {
      throw .cannotWrite(error)
    }
  }
}
