internal import CFFmpeg
public import Frames

/// Writes a file, picture or pipe: encodes the video, copies everything else packet for packet.
///
/// The encoder and the file start with the first frame, whose format and size all others must have. `finish()` writes
/// the trailer and must be called; a writer that is dropped without it leaves a broken file. For one thread at a time.
public final class StreamWriter {
  /// Things that are not as the input was, one sentence each; grows until `finish()` has returned.
  public private(set) var warnings: [String] = []

  /// Damaged packets that the container did not take, and subtitles that could not be read: missing from the output.
  public var refusedPackets: Int { (sink.streams?.refusedPackets ?? 0) + (sink.streams?.lostCues ?? 0) }

  private let input: MediaDescription
  private let options: StreamOutOptions
  private let settings: EncoderSettings
  private var file: OutputFile
  private let sink: Sink
  private var encoder: Encoder?
  private var scaler: Scaler?
  private var rotator: FilterGraph?
  private var palette: FilterGraph?
  private var pace: ConstantRate?
  /// Frames that wait for the encoder to be started.
  private var held: [VideoFrame] = []

  /// So many frames are looked at for one that is interlaced, where the input may have such.
  private static let lookAhead = 8

  /// What takes the encoded video.
  fileprivate enum Sink {
    case streams(StreamSink)
    case picture(PictureSink)
  }

  /// Claims the output. Nothing that exists is changed before the first frame arrives.
  ///
  /// - Parameters:
  ///   - location: a path, `-` for standard output, or a URL.
  ///   - input: what is being enhanced; its metadata and other streams go along.
  ///   - cancellation: once cancelled, a pipe or URL whose reader takes nothing for two seconds is given up, with an error.
  public init(
    _ location: String, input: MediaDescription, options: StreamOutOptions = .init(),
    cancellation: Cancellation = .init()
  ) throws(StreamOutError) {
    self.input = input
    self.options = options
    let location = normalized(location)
    guard !OutputFile.isFolder(location) else { throw .isFolder(location: redacted(location)) }
    let isPicture = PictureSink.serves(location, input: input, options: options)
    let format = options.format ?? (Container.isAnimatedPNG(location, input: input) ? "apng" : nil)
    var container = isPicture ? nil : try Container(location: location, name: format)
    if format == nil, let quickTime = container?.quickTime(forSoundOf: input) {
      container = quickTime
      warnings.append(Container.quickTimeWarning(location: redacted(location)))
    }
    let settings =
      isPicture
      ? try EncoderSettings(pictureNamed: location)
      : try EncoderSettings(options, container: container!, location: redacted(location))
    try settings.check(options)
    pace = try container?.constantRate(of: input.video, location: redacted(location))
    self.settings = settings
    if container?.name == "image2", !input.isStillPicture, av_filename_number_test(location) == 0 {
      throw .severalPictures(location: redacted(location))
    }
    file = try OutputFile(location, overwrite: options.overwrite, opensItself: container?.opensItsOwnFile == true)
    if let container {
      do {
        sink = .streams(try StreamSink(container, file: file, input: input, cancellation: cancellation))
      } catch {
        file.remove()
        throw error
      }
    } else {
      sink = .picture(PictureSink(file: file, cancellation: cancellation))
    }
  }

  /// What frames are encoded as; giving frames in that format spares a conversion.
  public var encodedFormats: EncodedFormats { EncodedFormats(settings: settings, wanted: options.pixelFormat) }

  /// Encodes a frame and writes what the encoder has ready.
  public func write(_ frame: VideoFrame) throws(StreamOutError) {
    guard encoder == nil else { return try encode(frame) }
    held.append(frame)
    // Film and interlaced frames may alternate, and the encoder has one way for all.
    if input.video.mayBeInterlaced, !frame.isInterlaced, held.count < Self.lookAhead { return }
    try begin()
  }

  /// Starts with the frames that wait.
  private func begin() throws(StreamOutError) {
    guard let first = held.first else { return }
    // Taken out before anything can fail: what has failed is not begun again.
    let frames = held
    held = []
    try start(with: first, fields: frames.first(where: \.isInterlaced))
    for frame in frames { try encode(frame) }
  }

  private func encode(_ frame: VideoFrame) throws(StreamOutError) {
    if pace?.holds(frame.timestamp) == false {
      throw .unsuitableRate(location: file.name, container: sink.streams!.container.longName, rate: nil)
    }
    let ready: VideoFrame
    do {
      var result = frame
      if let rotator { result = try rotator.upright(result) }
      if let scaler { result = try scaler.convert(result) }
      if let palette { result = try palette.filter(result) }
      ready = result
    } catch {
      throw .failed(error)
    }
    try encoder!.send(ready)
    try drain()
  }

  /// Passes on a packet of a stream that is not the video. Packets before the first frame wait for it.
  public func write(_ packet: Packet) throws(StreamOutError) {
    guard case .streams(let sink) = sink else { return }
    try sink.write(packet)
  }

  /// Hands over the file of a still picture, from which everything but the pixels is carried along.
  public func setPictureSource(_ bytes: [UInt8]) {
    if case .picture(let sink) = sink { sink.source = bytes }
  }

  /// Encodes what is left, writes the trailer and closes the output. Only after this is the output complete.
  public func finish() throws(StreamOutError) {
    try begin()
    guard let encoder else { return }
    try encoder.send(nil)
    try drain()
    switch sink {
    case .streams(let sink): try sink.finish()
    case .picture(let sink): warnings += try sink.finish()
    }
    try file.checkPresence()
    let moved = encoder.movedFrames + (sink.streams?.movedPackets ?? 0)
    if moved > 0 { warnings.append("\(moved) timestamps ran backwards in the input and were moved forward") }
    if encoder.otherFrames > 0, sink.streams != nil {
      warnings.append(
        "\(encoder.otherFrames) frames are \(encoder.isInterlaced ? "progressive" : "interlaced") and marked like the "
          + "others, as \(encoder.isInterlaced ? "interlaced" : "progressive"): an encoder has one way for all frames")
    }
    if let refused = sink.streams?.refusedPackets, refused > 0 {
      warnings.append("\(refused) damaged packets did not fit the container and are left out")
    }
    warnings += sink.streams?.lateWarnings ?? []
    if let lost = sink.streams?.lostCues, lost > 0 {
      warnings.append("\(lost) subtitles could not be converted and are left out")
    }
  }

  /// Removes the output file, if this writer made or emptied it.
  public func discard() { file.remove() }

  private func drain() throws(StreamOutError) {
    while case .output(let packet) = try encoder!.receive() {
      switch sink {
      case .streams(let sink): try sink.writeVideo(packet, firstTimes: encoder!.firstTimes)
      case .picture(let sink): sink.take(packet)
      }
    }
  }

  /// Starts encoder and file for frames like `frame`.
  private func start(with frame: VideoFrame, fields: VideoFrame?) throws(StreamOutError) {
    var video = input.video
    var first = frame
    do throws(FFmpegError) {
      if let filters = rotationFilters(for: frame) {
        let rotator = FilterGraph(filters: filters)
        first = try rotator.upright(frame)
        self.rotator = rotator
        video.sideData.removeAll { $0.type == .displayMatrix }
        if first.width != frame.width { video.sampleAspectRatio = video.sampleAspectRatio.inverse }
      }
      first = try convertIfNeeded(first)
    } catch {
      throw .failed(error)
    }
    let encoder = try Encoder(
      settings, first: first, fields: fields, stream: video, container: sink.streams?.container, options: options)
    if encoder.isInterlaced, !settings.marksFields, sink.streams != nil {
      warnings.append(
        "\(settings.name) marks no frame as interlaced: the field order stands in the container alone, if it has a place for it"
      )
    }
    file.markWritten()
    switch sink {
    case .streams(let sink):
      warnings += try sink.begin(encoder: encoder, video: video, first: first, trail: options.trail)
    case .picture(let sink):
      sink.trail = options.trail
      sink.isUpright = rotator != nil
    }
    // Only now: without a header there is nothing to finish.
    self.encoder = encoder
  }

  /// The first frame in the encoder's format; sets up the scaler if that is another than its own.
  private func convertIfNeeded(_ first: VideoFrame) throws(FFmpegError) -> VideoFrame {
    if settings.needsPalette, options.pixelFormat == nil {
      palette = FilterGraph(filters: FilterGraph.palette)
      return try palette!.filter(first)
    }
    // Frames that had to be converted for the kernels go back to the format they came in.
    let origin =
      input.video.pixelFormat.flatMap { $0.layout == nil && $0.canBeConvertedTo && rotator == nil ? $0 : nil }
      ?? first.format
    let format = encodedFormats.format(for: origin, width: first.width, height: first.height)
    guard format != first.format else { return first }
    warnings += settings.losses(
      of: first, origin: origin, encodedAs: format, isStream: sink.streams != nil, isChosen: options.pixelFormat != nil)
    let scaler = try Scaler(width: first.width, height: first.height, format: format)
    self.scaler = scaler
    return try scaler.convert(first)
  }

  /// What must be done to the pixels because the output cannot carry the display matrix.
  private func rotationFilters(for frame: VideoFrame) -> String? {
    if case .picture(let sink) = sink, sink.carriesOrientation { return nil }
    if let container = sink.streams?.container, container.carriesRotation { return nil }
    guard let matrix = frame.displayMatrix ?? input.video.displayMatrix, let filters = Rotation.filters(for: matrix)
    else { return nil }
    return filters
  }
}

extension FilterGraph {
  /// The frame as it is to be shown, without its matrix.
  fileprivate func upright(_ frame: VideoFrame) throws(FFmpegError) -> VideoFrame {
    let result = try filter(frame)
    av_frame_remove_side_data(result.raw, AV_FRAME_DATA_DISPLAYMATRIX)
    return result
  }
}

extension StreamWriter.Sink {
  fileprivate var streams: StreamSink? {
    if case .streams(let sink) = self { sink } else { nil }
  }
}
