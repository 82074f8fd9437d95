/// How a live source is opened, waited for and opened again.
public struct LiveSourceOptions: Sendable {
  /// What carries the media of an RTSP session.
  public enum Transport: String, Sendable, CaseIterable {
    /// Within the connection itself: nothing is lost, and firewalls let it through.
    case tcp
    /// Datagrams of their own.
    case udp
    /// Datagrams to a group.
    case udpMulticast = "udp_multicast"
    /// A tunnel through HTTP.
    case http
  }

  /// For rtsp:// and rtsps://.
  public var rtspTransport = Transport.tcp
  /// Size to ask a device for, as FFmpeg takes it: "1280x720"; nil leaves it to the device.
  public var videoSize: String?
  /// Frame rate to ask a device for, as FFmpeg takes it: "30", "30000/1001"; nil leaves it to the device.
  public var framerate: String?
  /// Of a device, the pixel format or codec to ask for ("mjpeg", "yuyv422"); of anything else, FFmpeg's name of the
  /// demuxer. Nil leaves it to the device, or probes.
  public var inputFormat: String?
  /// Hand out the packets of a file at the pace of their times, as a camera would.
  public var isRealtime = false
  /// Seconds until an attempt to open is given up.
  public var openTimeout = 10.0
  /// Seconds without a packet of the video until a source counts as lost.
  public var readTimeout = 5.0
  /// Seconds that no pause between two attempts exceeds.
  public var reconnectMaxDelay = 2.0
  /// Seconds without a frame after which no new attempt is made; nil is never.
  public var giveUpAfter: Double?
  /// Decoder threads; 0 is one per processor.
  public var threads = 0
  /// Most pixels that a picture may have.
  public var maximumPixels = StreamInOptions().maximumPixels

  /// Everything at its default.
  public init() {}
}
