internal import Foundation
internal import Frames

/// What kind of place a live source is, and so how it is opened and what its end means.
struct LiveLocation {
  enum Kind: Equatable {
    /// rtsp:// or rtsps://.
    case rtsp
    /// A v4l2 camera.
    case device
    /// A description of an RTP session.
    case session
    /// A file on disk.
    case file
    /// Standard input.
    case pipe
    /// Any other URL.
    case network
  }

  let location: String
  let kind: Kind

  init(_ location: String) {
    self.location = normalized(location)
    kind = Self.kind(of: self.location)
  }

  private static func kind(of location: String) -> Kind {
    if location == "-" { return .pipe }
    if location.hasPrefix("rtsp://") || location.hasPrefix("rtsps://") { return .rtsp }
    if location.contains("://") { return .network }
    if location.hasSuffix(".sdp") { return .session }
    var status = stat()
    // A camera that is not plugged in yet is a camera all the same.
    guard stat(location, &status) == 0 else { return location.hasPrefix("/dev/video") ? .device : .file }
    return status.st_mode & S_IFMT == S_IFCHR ? .device : .file
  }

  /// Whether it ends for good, by itself, and a failure to open it is final: nobody is going to plug a file in.
  var isFinite: Bool { kind == .file || kind == .pipe }

  /// How FFmpeg opens it.
  func options(_ options: LiveSourceOptions) -> StreamInOptions {
    var result = StreamInOptions(threads: options.threads, maximumPixels: options.maximumPixels)
    var live = StreamInOptions.Live()
    result.format = options.inputFormat
    switch kind {
    case .rtsp: live.demuxerOptions.append(("rtsp_transport", options.rtspTransport.rawValue))
    case .device:
      result.format = "v4l2"
      if let size = options.videoSize { live.demuxerOptions.append(("video_size", size)) }
      if let rate = options.framerate { live.demuxerOptions.append(("framerate", rate)) }
      if let format = options.inputFormat { live.demuxerOptions.append(("input_format", format)) }
      // Reading a frame of a device that sends none would block where no deadline reaches.
      live.isNonBlocking = true
    case .session: live.demuxerOptions.append(("protocol_whitelist", "file,crypto,data,udp,rtp,tcp"))
    case .network where location.hasPrefix("udp://"):
      // A burst that does not fit is lost; the stream is not.
      live.demuxerOptions.append(("overrun_nonfatal", "1"))
    case .file, .pipe, .network: break
    }
    result.live = live
    return result
  }
}
