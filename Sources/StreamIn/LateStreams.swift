internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// Streams that begin so late in an input that nothing was known of them when it was opened.
struct LateStreams {
  private(set) var warnings: [String] = []
  private var seen: Set<Int32> = []

  mutating func note(_ stream: UnsafeMutablePointer<AVStream>, _ packet: AVPacket) {
    guard seen.insert(stream.pointee.index).inserted else { return }
    let parameters = stream.pointee.codecpar.pointee
    let kind = StreamDescription.Kind(parameters.codec_type).rawValue
    let codec = String(cString: avcodec_get_name(parameters.codec_id))
    let ticks = packet.pts != zdv_no_pts ? packet.pts : packet.dts
    let seconds = Double(ticks) * Rational(stream.pointee.time_base).value
    let place = ticks == zdv_no_pts ? "" : " at \((seconds * 10).rounded() / 10) s"
    warnings.append(
      "stream \(stream.pointee.index) (\(kind), \(codec)) is left out: it first appears\(place), after the streams of the "
        + "output were settled; to keep it, first make a copy with "
        + "ffmpeg -probesize 1G -analyzeduration 1G -i IN -map 0 -c copy OUT.mkv")
  }
}
