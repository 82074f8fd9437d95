internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
public import Frames

/// What a reader finds next.
public enum StreamEvent: Sendable {
  /// A decoded picture of the video, in order of display.
  case frame(VideoFrame)
  /// Compressed data of any other stream, to be copied.
  case packet(Packet)
}

/// Reads a file, picture, pipe or URL: decodes its video, hands out the packets of everything else as they stand.
///
/// Damaged data is skipped and counted, never fatal. For one thread at a time.
public final class StreamReader {
  /// What the container says about itself.
  public let description: MediaDescription
  /// What was wrong with the data so far.
  public private(set) var damage = Damage()
  /// The bytes of a still picture's file, so that what FFmpeg does not understand of them can be carried along.
  public private(set) var pictureBytes: [UInt8]?

  /// Things that are not wrong with the data and yet not read, one sentence each.
  public var warnings: [String] { jumps.warnings + lateStreams.warnings }

  private let demuxer: Demuxer
  private let decoder: Decoder
  private let packet: UnsafeMutablePointer<AVPacket>
  private var clip: Clip
  private var jumps: ClockJumps
  private var marks = CorruptMarks()
  private var leadIn: LeadIn
  /// Video that is to be decoded before anything else is read.
  private var ready: [Packet] = []
  /// Seconds of the input's clock from which `part` counts.
  private let origin: Double
  private let part: (start: Double?, duration: Double?)
  private var lateStreams = LateStreams()
  /// Seconds at which the latest frame ends, wanted or not.
  private var latestFrameEnd: Double?
  private var clock = FrameClock()
  /// Of the last packet that the decoder got, in ticks of its stream: no later packet is shown before it.
  private var latestDecodeTime: Int64?
  private var hasEnded = false
  private var consecutiveFailures = 0
  /// Seconds at which the latest packet of any stream ends.
  private var latestEnd = -Double.infinity
  private let location: String

  /// After so many failed reads in a row nothing more is expected of an input.
  private static let maximumConsecutiveFailures = 64

  /// Opens `location`: a path, a URL, or `-` for standard input.
  ///
  /// Blocking calls return early once `cancellation` is cancelled; the decoder is then drained as at the end.
  public init(_ location: String, options: StreamInOptions = .init(), cancellation: Cancellation = .init())
    throws(StreamInError)
  {
    demuxer = try Demuxer(normalized(location), options: options, deadline: Deadline(cancellation))
    self.location = demuxer.location
    let video = try demuxer.bestVideoIndex()
    decoder = try Decoder(demuxer.stream(video), location: demuxer.location, options: options)
    do throws(FFmpegError) {
      var description = try demuxer.describe(videoIndex: video)
      part = (options.start, options.duration)
      origin = description.startTime
      clip = Clip(
        start: options.start, duration: options.duration, origin: origin, timeBase: description.video.timeBase)
      leadIn = LeadIn(start: clip.start)
      jumps = ClockJumps(demuxer.context.pointee.iformat)
      description.chapters = description.chapters.compactMap(clip.place)
      // Times are counted from the start of the part.
      if options.start != nil { description.startTime = 0 }
      self.description = description
      packet = try allocated(av_packet_alloc(), "a packet")
      if let start = clip.start, options.start != 0 { try demuxer.seek(toSeconds: start, description, origin: origin) }
    } catch {
      throw .failed(error)
    }
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    av_packet_free(&packet)
  }

  /// The next frame or packet; nil at the end, when everything was handed out.
  public func next() throws(StreamInError) -> StreamEvent? {
    do {
      while true {
        switch try receive() {
        case .output(let frame):
          if let frame = place(frame) { return .frame(frame) }
        case .drained:
          return nil
        case .needsInput:
          if let packet = try readPacket() { return .packet(packet) }
        }
      }
    } catch {
      throw .failed(error)
    }
  }

  /// Why no frame came out; for when none did.
  public var reasonForNothing: StreamInError {
    if latestFrameEnd == nil, damage.count > 0, !demuxer.isSeekable, demuxer.formatName.hasPrefix("mov,") {
      return .indexAtEnd(location: location)
    }
    guard let end = latestFrameEnd, part.start != nil || part.duration != nil else {
      return .nothingDecoded(location: location, findings: damage.findings)
    }
    return .nothingInPart(
      location: location, start: part.start ?? 0, duration: part.duration, end: end - origin)
  }

  private func receive() throws(FFmpegError) -> CodecStep<VideoFrame> {
    do {
      return try decoder.receive()
    } catch {
      if error.code == zdv_averror(ENOMEM) { throw error }
      damage.note(error)
      return .needsInput
    }
  }

  /// Feeds the decoder one packet, or returns a packet that is to be copied.
  private func readPacket() throws(FFmpegError) -> Packet? {
    if !ready.isEmpty {
      let next = ready.removeFirst()
      defer { extendLifetime(next) }
      try decode(next.raw)
      return nil
    }
    guard !hasEnded else {
      try drain()
      return nil
    }
    do {
      switch try demuxer.read(into: packet) {
      case .needsInput: return nil
      case .drained:
        end()
        return nil
      case .output: consecutiveFailures = 0
      }
    } catch {
      damage.note(error)
      consecutiveFailures += 1
      if demuxer.isAtEndOfFile || consecutiveFailures > Self.maximumConsecutiveFailures { end() }
      return nil
    }
    defer { av_packet_unref(packet) }
    let index = Int(packet.pointee.stream_index)
    // A stream that appears after the header was read has no place in the output.
    guard index < description.streams.count else {
      lateStreams.note(demuxer.stream(index), packet.pointee)
      return nil
    }
    let stream = description.streams[index]
    note(clockJumps: jumps.settle(packet, stream), stream)
    trimToDeclaredEnd(stream.timeBase)
    return index == description.videoIndex ? try admitVideo(stream.timeBase) : try copy(stream)
  }

  /// Tells the decoder that nothing more comes, which may bring up what was wrong with a packet before.
  private func drain() throws(FFmpegError) {
    do {
      try decoder.send(nil)
    } catch {
      consecutiveFailures += 1
      if error.code == zdv_averror(ENOMEM) || consecutiveFailures > Self.maximumConsecutiveFailures { throw error }
      damage.note(error)
    }
  }

  /// Takes a packet of the video: for the decoder, if its frames are wanted.
  private func admitVideo(_ timeBase: Rational) throws(FFmpegError) -> Packet? {
    if description.isStillPicture, pictureBytes == nil {
      pictureBytes = Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }
    guard !clip.isVideoComplete else { return try finishClip() }
    if leadIn.isOver {
      try decode(packet)
    } else {
      let copy = Packet(owning: try allocated(av_packet_alloc(), "a packet"), timeBase: timeBase)
      av_packet_move_ref(copy.raw, packet)
      ready = leadIn.admit(copy)
    }
    return nil
  }

  private func decode(_ packet: UnsafeMutablePointer<AVPacket>) throws(FFmpegError) {
    if packet.pointee.dts != zdv_no_pts { latestDecodeTime = packet.pointee.dts }
    do {
      try decoder.send(packet)
    } catch {
      if error.code == zdv_averror(ENOMEM) { throw error }
      damage.note(error)
    }
  }

  /// The packet as it goes along; nil if it lies outside the wanted part.
  private func copy(_ stream: StreamDescription) throws(FFmpegError) -> Packet? {
    guard let shift = clip.shift(forPacket: packet.pointee, timeBase: stream.timeBase) else { return try finishClip() }
    let copy = Packet(owning: try allocated(av_packet_alloc(), "a packet"), timeBase: stream.timeBase)
    av_packet_move_ref(copy.raw, packet)
    if copy.raw.pointee.pts != zdv_no_pts { copy.raw.pointee.pts -= shift }
    if copy.raw.pointee.dts != zdv_no_pts { copy.raw.pointee.dts -= shift }
    if stream.kind == .subtitle { clip.trim(copy.raw) }
    return copy
  }

  private func end() {
    hasEnded = true
    ready = leadIn.release()
    for _ in 0..<marks.end() { damage.noteCorruptPacket() }
    guard !clip.isLimited, !demuxer.isCancelled else { return }
    if SameFile.isRegularFile(location),
      let missing = DeclaredSize.missingBytes(of: location, format: demuxer.formatName)
    {
      damage.noteMissingEnd(bytes: missing)
    } else if demuxer.endsSilently, let length = description.duration, latestEnd.isFinite {
      // Some writers count the length from zero, others from the first timestamp.
      let missing = length + min(0, origin) - latestEnd
      if missing > max(0.15, min(1, 0.002 * length)) { damage.noteMissingEnd(seconds: missing) }
    }
  }

  /// Stops reading once every stream has passed the end of the wanted part.
  private func finishClip() throws(FFmpegError) -> Packet? {
    if clip.isComplete(latestEnd: latestEnd) { hasEnded = true }
    return nil
  }

  /// Matroska stores no duration of most packets, and its reader gives the last one a whole frame of sound where the
  /// header says that less is played: a copy would be longer than the original.
  private func trimToDeclaredEnd(_ timeBase: Rational) {
    guard demuxer.endsSilently, let length = description.duration, packet.pointee.pts != zdv_no_pts else { return }
    // Some writers count the length from zero, others from the first timestamp.
    for length in [length, length + max(0, origin)] {
      let end = Int64((length / timeBase.value).rounded())
      if packet.pointee.pts < end { packet.pointee.duration = min(packet.pointee.duration, end - packet.pointee.pts) }
    }
  }

  /// Notes how far the input has been read, and whether the packet is damaged.
  private func note(clockJumps: Bool, _ stream: StreamDescription) {
    let ticks = packet.pointee.pts != zdv_no_pts ? packet.pointee.pts : packet.pointee.dts
    if ticks != zdv_no_pts {
      let end = Double(ticks + max(0, packet.pointee.duration)) * stream.timeBase.value
      latestEnd = max(latestEnd, end)
      if clip.isBefore(end) { return }
    }
    let damaged = marks.see(
      isMarked: packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0, isKey: packet.pointee.flags & AV_PKT_FLAG_KEY != 0,
      isVideo: stream.index == description.videoIndex, seconds: latestEnd.isFinite ? latestEnd : 0,
      clockJumps: clockJumps)
    for _ in 0..<damaged { damage.noteCorruptPacket() }
  }

  /// Gives the frame its time; nil if it lies outside the wanted part.
  private func place(_ frame: VideoFrame) -> VideoFrame? {
    let raw = frame.raw
    raw.pointee.pts = clock.time(of: raw.pointee, timeBase: frame.timeBase, rate: description.video.averageFrameRate)
    // After an interruption, frames that are shown before this one may never have been read.
    if demuxer.isCancelled, hasEnded, let latest = latestDecodeTime, raw.pointee.pts > latest { return nil }
    let length = frame.duration?.seconds ?? description.video.averageFrameRate.inverse.value
    latestFrameEnd = max(latestFrameEnd ?? -.infinity, frame.timestamp.seconds + length)
    guard let shift = clip.shift(forFrame: frame.timestamp) else { return nil }
    raw.pointee.pts -= shift
    if frame.isDamaged { damage.noteDamagedFrame() }
    return frame
  }
}
