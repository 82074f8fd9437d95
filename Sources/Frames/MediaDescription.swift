package import CFFmpeg

/// Tags in the order of the file, keys and values as they stand there.
public typealias Metadata = [(key: String, value: String)]

/// What a container says about itself: everything that goes along unchanged.
public struct MediaDescription: Sendable {
  /// FFmpeg's names of the container format, comma-separated: "mov,mp4,m4a,3gp,3g2,mj2".
  public var formatName: String
  /// Seconds, where the container or the packets tell.
  public var duration: Double?
  /// Seconds from the origin of the clock to the first thing shown; 0 where unknown.
  public var startTime: Double
  /// A single picture (PNG, JPEG, ...) rather than a stream of them.
  public var isStillPicture: Bool
  /// Tags of the container as a whole.
  public var metadata: Metadata
  /// In the order of the file.
  public var chapters: [Chapter]
  /// How often an animated picture is shown; 0 is for ever, nil is unknown.
  package var plays: Int?
  /// The services of a transport stream; empty elsewhere.
  package var programs: [Program] = []
  /// In the order of the file, whatever becomes of them.
  public var streams: [StreamDescription]
  /// Index in `streams` of the video that is decoded; the others are copied.
  public var videoIndex: Int

  /// The video that is decoded.
  public var video: StreamDescription { streams[videoIndex] }

  package init(
    formatName: String, duration: Double?, startTime: Double, isStillPicture: Bool, metadata: Metadata,
    chapters: [Chapter], streams: [StreamDescription], videoIndex: Int
  ) {
    self.formatName = formatName
    self.duration = duration
    self.startTime = startTime
    self.isStillPicture = isStillPicture
    self.metadata = metadata
    self.chapters = chapters
    self.streams = streams
    self.videoIndex = videoIndex
  }
}

/// A service of a transport stream: streams that belong together, under a name.
package struct Program: Sendable {
  /// Its number.
  package var id: Int32
  /// The packet identifier of its list of streams; 0 where unknown.
  package var tablePID: Int32
  /// `service_name` and `service_provider`, mostly.
  package var metadata: Metadata
  /// Indices of its streams.
  package var streams: [Int]

  package init(id: Int32, tablePID: Int32, metadata: Metadata, streams: [Int]) {
    self.id = id
    self.tablePID = tablePID
    self.metadata = metadata
    self.streams = streams
  }
}

/// A named span of the timeline.
public struct Chapter: Sendable {
  /// As the container numbers it.
  public var id: Int64
  /// On the clock of the input.
  public var start: Timestamp
  /// On the clock of the input.
  public var end: Timestamp
  /// Its title, mostly.
  public var metadata: Metadata

  package init(id: Int64, start: Timestamp, end: Timestamp, metadata: Metadata) {
    self.id = id
    self.start = start
    self.end = end
    self.metadata = metadata
  }
}

/// What one stream of a container carries and how it is labelled.
public struct StreamDescription: Sendable {
  /// What kind of thing a stream carries.
  public enum Kind: String, Sendable { case video, audio, subtitle, data, attachment, unknown }

  /// Position in the input.
  public var index: Int
  /// What it carries.
  public var kind: Kind
  /// FFmpeg's codec name, such as "h264".
  public var codecName: String
  /// Seconds per tick of its timestamps.
  public var timeBase: Rational
  /// Tags of the stream: language, title, handler.
  public var metadata: Metadata
  /// The container's own number for it, such as a packet identifier; 0 where there is none.
  package var id: Int32 = 0
  /// FFmpeg's disposition bits: default, forced, attached picture, ...
  package var disposition: Int32
  /// Codec parameters, extradata included.
  package var parameters: CodecParameters
  /// Stream side data, such as the display matrix.
  package var sideData: [SideData]
  /// The rate from the container; 0 where unknown. For rate control and constant-rate containers, not for timing.
  public var averageFrameRate: Rational
  package var realFrameRate: Rational
  /// Width of a pixel over its height; 0/1 where unknown.
  public var sampleAspectRatio: Rational
  /// The bytes of a cover picture; nil for any other stream.
  package var attachedPicture: [UInt8]?
  /// Frames in the stream, where container or duration tell.
  public var frameCountEstimate: Int?

  package init(
    index: Int, kind: Kind, codecName: String, timeBase: Rational, metadata: Metadata, disposition: Int32,
    parameters: CodecParameters, sideData: [SideData], averageFrameRate: Rational, realFrameRate: Rational,
    sampleAspectRatio: Rational, attachedPicture: [UInt8]?, frameCountEstimate: Int?
  ) {
    self.index = index
    self.kind = kind
    self.codecName = codecName
    self.timeBase = timeBase
    self.metadata = metadata
    self.disposition = disposition
    self.parameters = parameters
    self.sideData = sideData
    self.averageFrameRate = averageFrameRate
    self.realFrameRate = realFrameRate
    self.sampleAspectRatio = sampleAspectRatio
    self.attachedPicture = attachedPicture
    self.frameCountEstimate = frameCountEstimate
  }

  /// Whether a video may have interlaced frames, as the container or its beginning tell.
  package var mayBeInterlaced: Bool {
    let parameters = parameters.raw.pointee
    if ![AV_FIELD_UNKNOWN, AV_FIELD_PROGRESSIVE].contains(parameters.field_order) { return true }
    guard parameters.codec_id == AV_CODEC_ID_H264, let header = parameters.extradata else { return false }
    let bytes = UnsafeBufferPointer(start: header, count: Int(parameters.extradata_size))
    return SequenceParameters(header: bytes)?.allowsFields == true
  }

  /// Whether all frames seem to be equally far apart, so far as the container and its beginning tell.
  package var hasConstantRate: Bool {
    averageFrameRate.isPositive && realFrameRate.isPositive
      && abs(averageFrameRate.value / realFrameRate.value - 1) < 0.0005
  }

  /// Whether all frames seem to lie at multiples of a frame's duration, the first of them at `seconds`.
  package func isOnGrid(_ seconds: Double) -> Bool {
    let rate = averageFrameRate.value
    return hasConstantRate && abs(seconds - (seconds * rate).rounded() / rate) < 0.001
  }

  /// The video's sample format, where it is known before decoding.
  public var pixelFormat: PixelFormat? {
    let raw = parameters.raw.pointee
    guard kind == .video, raw.format != AV_PIX_FMT_NONE.rawValue else { return nil }
    return PixelFormat(AVPixelFormat(raw.format))
  }

  /// What the container says of the colours; frames may say more.
  public var color: ColorDescription { ColorDescription(parameters.raw.pointee) }

  /// A cover or thumbnail rather than a timeline.
  public var isAttachedPicture: Bool { disposition & AV_DISPOSITION_ATTACHED_PIC != 0 }

  /// "stream 2 (subtitle, subrip)": how messages name it. What FFmpeg has no name for is called by the input's own.
  public var label: String {
    let tag = withUnsafeBytes(of: parameters.raw.pointee.codec_tag.littleEndian) { Array($0) }
    let isNamed = !["none", "unknown", "bin_data"].contains(codecName)
    let hasTag = tag.allSatisfy { (0x20...0x7E).contains($0) }
    return
      "stream \(index) (\(kind.rawValue), \(isNamed || !hasTag ? codecName : String(decoding: tag, as: UTF8.self)))"
  }
}

/// Typed bytes that travel beside a stream.
package struct SideData: Sendable {
  package var type: AVPacketSideDataType
  package var bytes: [UInt8]

  package init(type: AVPacketSideDataType, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }
}

/// A copy of a stream's AVCodecParameters.
///
/// `@unchecked Sendable`: never changed after creation.
package final class CodecParameters: @unchecked Sendable {
  package let raw: UnsafeMutablePointer<AVCodecParameters>

  package init(copying source: UnsafePointer<AVCodecParameters>) throws(FFmpegError) {
    raw = try allocated(avcodec_parameters_alloc(), "codec parameters")
    try check(avcodec_parameters_copy(raw, source), "copy", "codec parameters")
  }

  deinit {
    var pointer: UnsafeMutablePointer<AVCodecParameters>? = raw
    avcodec_parameters_free(&pointer)
  }
}
