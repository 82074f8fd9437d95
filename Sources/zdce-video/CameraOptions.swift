public import ArgumentParser
public import StreamIn

/// How a live source is opened and kept.
struct CameraOptions: ParsableArguments {
  @Option(help: "What carries the media of RTSP, in and out: tcp, udp, udp_multicast or http.")
  var rtspTransport = LiveSourceOptions.Transport.tcp

  @Option(help: "Size to ask a device for, such as 1280x720. (default: the device's own)")
  var videoSize: String?

  @Option(help: "Frames per second to ask a device for. (default: the device's own)")
  var framerate: String?

  @Option(help: "Of a device, the pixel format or codec, such as mjpeg or yuyv422; else FFmpeg's name of the demuxer.")
  var inputFormat: String?

  @Flag(help: "List the v4l2 cameras of this machine with their formats, sizes and rates, and end.")
  var listDevices = false

  @Flag(help: "Play a file at the pace of its times, as a camera would.")
  var realtime = false

  @Option(parsing: .unconditional, help: "How long an attempt to open may take.")
  var openTimeout = SpanArgument(seconds: LiveSourceOptions().openTimeout)

  @Option(
    parsing: .unconditional, help: "How long the source may send no video, or a sink take nothing, until it is lost.")
  var readTimeout = SpanArgument(seconds: LiveSourceOptions().readTimeout)

  @Option(parsing: .unconditional, help: "The longest pause between two attempts to open.")
  var reconnectMaxDelay = SpanArgument(seconds: LiveSourceOptions().reconnectMaxDelay)

  @Option(parsing: .unconditional, help: "End with exit code 1 after so long without a frame. (default: never)")
  var giveUpAfter: SpanArgument?

  func validate() throws {
    for (name, span) in [
      ("--open-timeout", openTimeout), ("--read-timeout", readTimeout), ("--reconnect-max-delay", reconnectMaxDelay),
    ] {
      guard span.seconds >= 0.1 else { throw ValidationError("\(name) is \(span): give at least 100ms") }
    }
    if let size = videoSize, size.wholeMatch(of: /[0-9]{1,5}x[0-9]{1,5}/) == nil {
      throw ValidationError("--video-size is '\(size)': give WIDTHxHEIGHT, such as 1280x720")
    }
    if let rate = framerate, rate.wholeMatch(of: /[0-9]+(\.[0-9]+)?(\/[0-9]+)?/) == nil {
      throw ValidationError("--framerate is '\(rate)': give a number, such as 30 or 30000/1001")
    }
  }

  /// All of it as one value.
  var options: LiveSourceOptions {
    var options = LiveSourceOptions()
    options.rtspTransport = rtspTransport
    options.videoSize = videoSize
    options.framerate = framerate
    options.inputFormat = inputFormat
    options.isRealtime = realtime
    options.openTimeout = openTimeout.seconds
    options.readTimeout = readTimeout.seconds
    options.reconnectMaxDelay = reconnectMaxDelay.seconds
    options.giveUpAfter = giveUpAfter?.seconds
    return options
  }
}

/// A length of time with a unit: `10m`, `1.5s`, `500ms`, `7d`; or as seconds or [HH:]MM:SS.
struct SpanArgument: ExpressibleByArgument, CustomStringConvertible {
  let seconds: Double
  var description: String { seconds == seconds.rounded() ? "\(Int(seconds))s" : "\(seconds)s" }
  var defaultValueDescription: String { description }

  init(seconds: Double) { self.seconds = seconds }

  init?(argument: String) {
    // Longest first, since ms ends in s.
    let units = [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
    for (unit, factor) in units where argument.hasSuffix(unit) {
      guard let number = Double(argument.dropLast(unit.count)), number >= 0, number * factor < 1e9 else { return nil }
      seconds = number * factor
      return
    }
    guard let time = TimeArgument(argument: argument) else { return nil }
    seconds = time.seconds
  }
}

extension LiveSourceOptions.Transport: ExpressibleByArgument {}
