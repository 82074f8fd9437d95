internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// A live source while it is open: hands out packets with the time of their arrival.
///
/// For one thread at a time.
final class LiveConnection {
  let description: MediaDescription
  private let demuxer: Demuxer
  private let deadline: Deadline
  private var decoder: Decoder?
  private var consecutiveFailures = 0
  /// The packets' times are when they arrive, since the format knows none.
  private let stampsArrival: Bool
  /// Removes what only a transport stream needs of sound, by stream.
  private let soundFilters: [SoundFilter?]
  private(set) var damagedPackets = 0

  /// Of times of arrival.
  private static let arrivalTimeBase = Rational(1, 90_000)
  private static let origin = ContinuousClock.now
  private static let maximumConsecutiveFailures = 64

  /// Opens and probes; gives up when `deadline` is due.
  init(_ location: LiveLocation, options: LiveSourceOptions, deadline: Deadline) throws(StreamInError) {
    self.deadline = deadline
    let options = location.options(options)
    if location.kind == .device {
      do throws(FFmpegError) {
        try check(zdv_register_devices(), "load", String(cString: zdv_avdevice_file))
      } catch {
        throw .failed(error)
      }
    }
    demuxer = try Demuxer(location.location, options: options, deadline: deadline)
    let video = try demuxer.bestVideoIndex()
    stampsArrival = ["mpjpeg", "mjpeg", "h264", "hevc"].contains(demuxer.formatName) && location.kind != .file
    let timeBase = stampsArrival ? Self.arrivalTimeBase : nil
    decoder = try Decoder(demuxer.stream(video), location: demuxer.location, options: options, timeBase: timeBase)
    do throws(FFmpegError) {
      var description = try demuxer.describe(videoIndex: video)
      if let timeBase { description.streams[video].timeBase = timeBase }
      var filters: [SoundFilter?] = []
      for index in description.streams.indices {
        filters.append(try SoundFilter(&description.streams[index]))
      }
      soundFilters = filters
      self.description = description
    } catch {
      throw .failed(error)
    }
  }

  /// A recording that is served: it has a length, and its end is the end.
  var isRecording: Bool { description.duration != nil && !["rtsp", "v4l2"].contains(demuxer.formatName) }

  /// Whether packets come faster than their times say: whole segments at once, or all that there is.
  var isAhead: Bool { isRecording || demuxer.formatName.hasPrefix("hls") || demuxer.formatName == "dash" }

  /// The decoder of the video, once.
  func takeDecoder() -> LiveDecoder {
    guard let decoder else { preconditionFailure("the decoder is taken once") }
    self.decoder = nil
    return LiveDecoder(decoder, frameRate: description.video.averageFrameRate)
  }

  /// The next packet, times as the source has them, and when it came; nil at the end, or when the deadline is due.
  func read() throws(FFmpegError) -> (packet: Packet, arrival: ContinuousClock.Instant)? {
    let raw = try allocated(av_packet_alloc(), "a packet")
    var owned: UnsafeMutablePointer<AVPacket>? = raw
    defer { av_packet_free(&owned) }
    while true {
      do throws(FFmpegError) {
        switch try demuxer.read(into: raw) {
        case .drained: return nil
        case .needsInput:
          // Only devices answer so.
          Backoff.sleep(0.002) { deadline.isDue }
          if deadline.isDue { return nil }
          continue
        case .output: break
        }
      } catch {
        guard error.code == zdv_error_invalid_data, consecutiveFailures < Self.maximumConsecutiveFailures else {
          throw error
        }
        consecutiveFailures += 1
        damagedPackets += 1
        continue
      }
      let arrival = ContinuousClock.now
      consecutiveFailures = 0
      let index = Int(raw.pointee.stream_index)
      // A stream that appears later has no place in the outputs.
      guard index < description.streams.count else {
        av_packet_unref(raw)
        continue
      }
      if raw.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 { damagedPackets += 1 }
      if stampsArrival, index == description.videoIndex { stamp(raw, arrival) }
      if let filter = soundFilters[index], !(try filter.filter(raw)) { continue }
      owned = nil
      return (Packet(owning: raw, timeBase: description.streams[index].timeBase), arrival)
    }
  }

  private func stamp(_ packet: UnsafeMutablePointer<AVPacket>, _ arrival: ContinuousClock.Instant) {
    let seconds = (arrival - Self.origin) / .seconds(1)
    packet.pointee.pts = zdv_no_pts
    packet.pointee.dts = Int64((seconds / Self.arrivalTimeBase.value).rounded())
    packet.pointee.duration = 0
  }
}
