internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

extension Demuxer {
  /// Seconds before the start of a part at which a subtitle may begin that is still shown then.
  private static let longestSubtitle = 30.0
  /// Where times of decoding are sought, pictures may be shown so much later: ffmpeg's own margin.
  private static let reordering = 3.0 / 23

  /// Moves to a place from which everything that is shown at `seconds` of the input's clock can be decoded.
  ///
  /// What is read from there may begin long before. Stays at the beginning where the input cannot seek; and in transport
  /// and program streams, whose clocks may jump: they have no index, and searching them finds no key frames.
  ///
  /// - Parameter origin: where the input's clock begins, in seconds.
  func seek(toSeconds seconds: Double, _ description: MediaDescription, origin: Double) throws(FFmpegError) {
    guard !["mpegts", "mpeg"].contains(description.formatName) else { return }
    let video = description.video
    let margin = context.pointee.iformat.pointee.flags & AVFMT_SEEK_TO_PTS != 0 ? 0 : Self.reordering
    let hasSubtitles = description.streams.contains { $0.kind == .subtitle }
    for distance in hasSubtitles ? [Self.longestSubtitle, 90] : [0, 10, 60] {
      let target = seconds - margin - distance
      guard target > origin else { break }
      let ticks = Int64((target / video.timeBase.value).rounded())
      guard seek(video.index, ticks) else { break }
      // Some indices list frames that are no key frames, or know only the middle of a file.
      if try firstKeyFrame(of: video).map({ $0 <= seconds }) == true, seek(video.index, ticks) { return }
    }
    rewind(to: origin)
  }

  private func seek(_ stream: Int, _ ticks: Int64) -> Bool {
    avformat_seek_file(context, Int32(stream), .min, ticks, ticks, 0) >= 0
  }

  /// Back to the beginning, if anything was read.
  private func rewind(to origin: Double) {
    guard let io = context.pointee.pb, io.pointee.seekable & AVIO_SEEKABLE_NORMAL != 0 else { return }
    let start = Int64(origin * Double(AV_TIME_BASE)) - Int64(AV_TIME_BASE)
    if avformat_seek_file(context, -1, .min, start, .max, 0) < 0 {
      avformat_seek_file(context, -1, 0, 0, 0, AVSEEK_FLAG_BYTE)
    }
  }

  /// When the next key frame of the video is shown, in seconds; nil if none comes.
  private func firstKeyFrame(of video: StreamDescription) throws(FFmpegError) -> Double? {
    var packet: UnsafeMutablePointer<AVPacket>? = try allocated(av_packet_alloc(), "a packet")
    defer { av_packet_free(&packet) }
    while case .output? = try? read(into: packet!) {
      defer { av_packet_unref(packet) }
      guard Int(packet!.pointee.stream_index) == video.index, packet!.pointee.flags & AV_PKT_FLAG_KEY != 0 else {
        continue
      }
      let ticks = packet!.pointee.pts != zdv_no_pts ? packet!.pointee.pts : packet!.pointee.dts
      return ticks != zdv_no_pts ? Double(ticks) * video.timeBase.value : nil
    }
    return nil
  }
}
