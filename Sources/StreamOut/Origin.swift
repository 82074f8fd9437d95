internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// The time of the input at which the clock of the output begins.
///
/// Times stay as they are wherever a container can show them. No container shows anything before zero; what lies there
/// only as the lead of a sound codec, of which nothing is heard, does not count.
struct Origin {
  /// On the input's clock.
  private(set) var seconds = 0.0
  /// Transport streams near the end of their clock's range, which FFmpeg calls negative, stay there.
  private(set) var isBelowZero = false
  /// One sentence, where times are not the input's.
  private(set) var warning: String?

  /// Sound that begins so little below zero is the lead of a codec, in seconds.
  private static let codecLead = 0.1
  /// Sound may come so much too late, in seconds, before anybody sees it.
  static let imperceptible = 0.03

  /// All times count from `seconds` on the input's clock.
  init(seconds: Double = 0) { self.seconds = seconds }

  /// - Parameter first: the first frame's time in seconds.
  init(of input: MediaDescription, first: Double, in container: Container) {
    let start = min(first, input.startTime)
    let isPresented = first < 0 || input.startTime < -Self.codecLead
    if isPresented, container.isTransportStream, input.formatName == "mpegts" {
      isBelowZero = true
    } else if container.isAVI {
      seconds = first - start <= Self.imperceptible ? first : start
    } else if isPresented {
      seconds = start
    }
    // Less than a millisecond is a matter of time bases.
    guard abs(seconds) >= 0.001 else { return }
    let name = container.isAVI ? "AVI" : container.longName
    let amount = (abs(seconds) * 1000).rounded() / 1000
    warning = "\(name) begins at zero: all times are \(amount) s \(seconds > 0 ? "earlier" : "later") than in the input"
  }

  func shift(_ packet: Packet) {
    guard seconds != 0 else { return }
    let ticks = Int64((seconds / packet.timeBase.value).rounded())
    if packet.raw.pointee.pts != zdv_no_pts { packet.raw.pointee.pts -= ticks }
    if packet.raw.pointee.dts != zdv_no_pts { packet.raw.pointee.dts -= ticks }
  }

  func shift(_ time: Timestamp) -> Timestamp {
    Timestamp(ticks: time.ticks - Int64((seconds / time.timeBase.value).rounded()), timeBase: time.timeBase)
  }

  func shift(_ chapter: Chapter) -> Chapter {
    guard seconds != 0 else { return chapter }
    let ticks = Int64((seconds / chapter.start.timeBase.value).rounded())
    var shifted = chapter
    shifted.start.ticks = max(0, chapter.start.ticks - ticks)
    shifted.end.ticks = max(0, chapter.end.ticks - ticks)
    return shifted
  }
}
