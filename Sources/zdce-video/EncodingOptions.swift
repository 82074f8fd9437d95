internal import ArgumentParser
internal import Frames
internal import Pipeline
internal import StreamOut

/// How the result is encoded; shared by the commands that write video.
struct EncodingOptions: ParsableArguments {
  @Option(help: "FFmpeg's name of the video encoder. (default: libx264, or what the container takes)")
  var codec: String?

  @Option(parsing: .unconditional, help: "Constant quality, lower is better, for encoders that have it.")
  var crf = 20.0

  @Option(
    help: """
      Speed preset, for encoders that have one. (default: veryfast for libx264 and libx265; in live auto, the best that \
      this machine keeps up with)
      """)
  var preset: String?

  @Option(help: "Bits per second, such as 4M, instead of constant quality.")
  var bitrate: BitRate?

  @Option(help: "Pixel format of the result. (default: the input's, where the encoder can)")
  var pixFmt: String?

  @Option(help: ArgumentHelp("An option of the encoder, as ffmpeg -h encoder=NAME lists it.", valueName: "key=value"))
  var encoderOption: [KeyValue] = []

  @Option(help: "FFmpeg's name of the container. (default: by the output's extension)")
  var format: String?

  func validate() throws {
    guard (0...63).contains(crf) else { throw ValidationError("--crf is \(crf): give 0 to 63") }
    if let pixFmt, PixelFormat(named: pixFmt) == nil {
      throw ValidationError("FFmpeg knows no pixel format '\(pixFmt)': see ffmpeg -pix_fmts")
    }
    if let format, !StreamOutOptions.hasContainer(named: format) {
      throw ValidationError("this FFmpeg writes no container named '\(format)': see ffmpeg -muxers")
    }
    do { try options.validate() } catch { throw ValidationError("\(error)") }
  }

  /// Throws if nothing could be written to `output`, whatever the input is.
  func validate(for output: String) throws {
    do { try options.validate(for: output) } catch { throw ValidationError("\(error)") }
  }

  private var options: StreamOutOptions {
    StreamOutOptions(
      format: format, codec: codec, crf: crf, preset: preset, bitrate: bitrate?.bitsPerSecond,
      pixelFormat: pixFmt.flatMap(PixelFormat.init(named:)),
      encoderOptions: encoderOption.map { ($0.key, $0.value) })
  }

  /// Fills in this group's part of a job.
  func configure(_ job: inout Job) { job.streamOut = options }
}

/// `KEY=VALUE`.
struct KeyValue: ExpressibleByArgument {
  let key: String
  let value: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
    key = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }
}

/// A bit rate with an optional suffix k or M.
struct BitRate: ExpressibleByArgument {
  let bitsPerSecond: Int

  init?(argument: String) {
    let factor: Double? =
      switch argument.last {
      case "k", "K": 1e3
      case "m", "M": 1e6
      default: nil
      }
    guard let number = Double(factor == nil ? argument[...] : argument.dropLast()), number > 0 else { return nil }
    let rate = number * (factor ?? 1)
    guard (1...1e10).contains(rate) else { return nil }
    bitsPerSecond = Int(rate)
  }
}
