internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

/// The muxing half of a writer: puts the encoded video and the streams that go along into one container.
final class StreamSink {
  let container: Container
  private let file: OutputFile
  private let input: MediaDescription
  private let muxer: Muxer
  private let plan: StreamPlan
  /// Output index by input index.
  private var outputs: [Int?]
  private var videoOutput = 0
  private var hasVideo = false
  /// What comes before the first frame, and so before the header can be written.
  private let waiting = PacketSpool()
  private var lead: DecodeLead?
  /// By index in the input; only in AVI.
  private var untimed: [Int: UntimedSound] = [:]
  /// Subtitles that no converter understood.
  private(set) var lostCues = 0

  var movedPackets: Int { muxer.movedPackets }
  var refusedPackets: Int { muxer.refusedPackets }

  init(_ container: Container, file: OutputFile, input: MediaDescription, cancellation: Cancellation)
    throws(StreamOutError)
  {
    guard !container.needsSeeking || !file.isPipe else {
      throw .cannotSeek(location: file.name, container: container.longName)
    }
    self.container = container
    self.file = file
    self.input = input
    muxer = try Muxer(container, file: file, cancellation: cancellation)
    plan = StreamPlan(input, container: container)
    outputs = Array(repeating: nil, count: input.streams.count)
  }

  /// Writes the header and the packets that came before; what had to be left out.
  func begin(encoder: Encoder, video: StreamDescription, first: VideoFrame, trail: String?) throws(StreamOutError)
    -> [String]
  {
    let labels = OutputLabels(container: container, input: input, trail: trail)
    muxer.origin = Origin(of: input, first: first.timestamp.seconds, in: container)
    do throws(FFmpegError) {
      try muxer.describe(metadata: labels.metadata, chapters: input.chapters.map(muxer.origin.shift))
      for stream in input.streams {
        outputs[stream.index] =
          switch plan.fates[stream.index] {
          case .encoded: try addVideo(encoder, video, first)
          case .copied: try muxer.addStream { output throws(FFmpegError) in try container.describe(stream, in: output) }
          case .attached: try addCover(stream)
          case .converted(let converter): try addConverted(stream, converter)
          case .regenerated, .leftOut: nil
          }
      }
      // Blu-ray's transport streams have identifiers of their own.
      if container.isTransportStream, !input.programs.isEmpty, av_match_ext(file.location, "m2ts") == 0 {
        try keepPrograms()
      }
    } catch {
      throw .failed(error)
    }
    videoOutput = outputs[input.videoIndex]!
    let warnings = plan.warnings + labels.warnings + [muxer.origin.warning].compactMap { $0 }
    try muxer.begin(options: TagTable(labels.muxerOptions))
    try waiting.drain(write)
    return warnings
  }

  /// From transport stream to transport stream, services and packet identifiers stay.
  private func keepPrograms() throws(FFmpegError) {
    for stream in input.streams {
      if let output = outputs[stream.index] { muxer.setID(stream.id, ofStream: output) }
    }
    for program in input.programs {
      let streams = program.streams.compactMap { outputs[$0] }
      if !streams.isEmpty { try muxer.addProgram(program, streams: streams) }
    }
  }

  private func addVideo(_ encoder: Encoder, _ video: StreamDescription, _ first: VideoFrame) throws(FFmpegError) -> Int
  {
    try muxer.addStream { output throws(FFmpegError) in
      try check(
        avcodec_parameters_from_context(output.pointee.codecpar, encoder.context), "describe", "the encoded video")
      // Players of Apple know HEVC by this tag alone.
      if container.isQuickTimeFamily, encoder.context.pointee.codec_id == AV_CODEC_ID_HEVC {
        output.pointee.codecpar.pointee.codec_tag = 0x3163_7668
      }
      output.pointee.time_base = encoder.timeBase.raw
      // Such muxers take the time base for the rate.
      if container.frameRates != nil || encoder.settings.statesRate
        || (container.isAVI && video.isOnGrid(first.timestamp.seconds - muxer.origin.seconds))
      {
        output.pointee.time_base =
          encoder.settings.statesRate
          ? encoder.context.pointee.time_base : av_inv_q(encoder.context.pointee.framerate)
      }
      output.pointee.avg_frame_rate = video.averageFrameRate.raw
      output.pointee.r_frame_rate = video.realFrameRate.raw
      output.pointee.sample_aspect_ratio = encoder.context.pointee.sample_aspect_ratio
      output.pointee.disposition = video.disposition
      label(output, OutputLabels.ofEncodedVideo(video.metadata))
      var sideData = video.sideData
      if container.carriesRotation, video.displayMatrix == nil, let matrix = first.displayMatrix {
        sideData.append(SideData(type: .displayMatrix, bytes: matrix.withUnsafeBytes { Array($0) }))
      }
      let kept = [
        AV_PKT_DATA_DISPLAYMATRIX, AV_PKT_DATA_STEREO3D, AV_PKT_DATA_SPHERICAL, AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
        AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
      ]
      for data in sideData where kept.contains(data.type) { try add(data, to: output) }
    }
  }

  /// Matroska keeps covers as attached files, which its reader shows as a video stream again.
  private func addCover(_ stream: StreamDescription) throws(FFmpegError) -> Int {
    try muxer.addStream { output throws(FFmpegError) in
      let bytes = stream.attachedPicture ?? []
      let parameters = output.pointee.codecpar!
      parameters.pointee.codec_type = AVMEDIA_TYPE_ATTACHMENT
      parameters.pointee.codec_id = stream.parameters.raw.pointee.codec_id
      let copy = try allocated(av_mallocz(bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)), "a cover")
      bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress!, byteCount: bytes.count) }
      parameters.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
      parameters.pointee.extradata_size = Int32(bytes.count)
      label(output, stream.metadata)
      let isPNG = parameters.pointee.codec_id == AV_CODEC_ID_PNG
      if av_dict_get(output.pointee.metadata, "filename", nil, 0) == nil {
        av_dict_set(&output.pointee.metadata, "filename", isPNG ? "cover.png" : "cover.jpg", 0)
      }
      if av_dict_get(output.pointee.metadata, "mimetype", nil, 0) == nil {
        av_dict_set(&output.pointee.metadata, "mimetype", isPNG ? "image/png" : "image/jpeg", 0)
      }
    }
  }

  private func addConverted(_ stream: StreamDescription, _ converter: SubtitleConverter) throws(FFmpegError) -> Int {
    try muxer.addStream { output throws(FFmpegError) in
      try check(
        avcodec_parameters_from_context(output.pointee.codecpar, converter.encoder), "describe", stream.label)
      output.pointee.time_base = stream.timeBase.raw
      output.pointee.disposition = stream.disposition
      label(output, stream.metadata)
    }
  }

  /// What became only clear on the way, one sentence each.
  var lateWarnings: [String] {
    let moved = untimed.filter { abs($0.value.displacement) > Origin.imperceptible }
    return moved.sorted { $0.key < $1.key }.map { index, sound in
      let amount = (abs(sound.displacement) * 1000).rounded() / 1000
      return "\(input.streams[index].label) is heard up to \(amount) s too "
        + "\(sound.displacement > 0 ? "early" : "late"): AVI keeps no times of sound; Matroska (.mkv) does"
    }
  }

  /// - Parameter firstTimes: when the first two frames are shown; the same twice if there is only one.
  func writeVideo(_ packet: Packet, firstTimes: (Timestamp, Timestamp)) throws(StreamOutError) {
    if lead == nil, !isFreeBelowZero {
      lead = DecodeLead(
        first: muxer.origin.shift(firstTimes.0), second: muxer.origin.shift(firstTimes.1),
        timeBase: muxer.timeBase(ofStream: videoOutput))
    }
    if container.isAVI, !hasVideo { try muxer.writeGap(toStream: videoOutput, before: packet) }
    hasVideo = true
    try muxer.write(packet, toStream: videoOutput) { packet in
      lead?.settle(packet)
      return true
    }
  }

  func write(_ packet: Packet) throws(StreamOutError) {
    guard muxer.hasHeader else {
      return try waiting.append(packet)
    }
    guard let output = outputs[packet.streamIndex] else { return }
    switch plan.fates[packet.streamIndex] {
    case .copied:
      let parameters = input.streams[packet.streamIndex].parameters.raw.pointee
      packet.trimDuration(sampleRate: parameters.sample_rate)
      guard packet.settleHidden(parameters, container: container) else { return }
      if container.isMatroska { packet.addCodecDelay(parameters) }
      if container.isAVI, parameters.codec_type == AVMEDIA_TYPE_AUDIO {
        return try writeUntimed(packet, toStream: output)
      }
      try muxer.write(packet, toStream: output, settle: isFreeBelowZero ? { _ in true } : fitAboveZero)
    case .converted(let converter):
      let cue: Packet?
      do {
        cue = try converter.convert(packet)
      } catch {
        // One bad cue is no reason to lose the film.
        lostCues += 1
        return
      }
      if let cue { try muxer.write(cue, toStream: output, settle: fitAboveZero) }
    case .encoded, .attached, .regenerated, .leftOut: break
    }
  }

  private func writeUntimed(_ packet: Packet, toStream output: Int) throws(StreamOutError) {
    let (index, timeBase) = (packet.streamIndex, muxer.timeBase(ofStream: output))
    try muxer.write(packet, toStream: output) { packet in
      untimed[index, default: UntimedSound()].settle(packet, timeBase: timeBase)
      return true
    }
  }

  private var isFreeBelowZero: Bool { container.takesTimesBelowZero || muxer.origin.isBelowZero }

  /// What is over at zero is left out, what is not begins there.
  private func fitAboveZero(_ packet: UnsafeMutablePointer<AVPacket>) -> Bool {
    let shown = packet.pointee.pts != zdv_no_pts ? packet.pointee.pts : packet.pointee.dts
    if shown != zdv_no_pts, shown < 0 {
      guard shown + packet.pointee.duration > 0 else { return false }
      packet.pointee.duration = max(0, packet.pointee.duration + shown)
      packet.pointee.pts = 0
    }
    if packet.pointee.dts != zdv_no_pts { packet.pointee.dts = max(0, packet.pointee.dts) }
    return true
  }

  func finish() throws(StreamOutError) { try muxer.finish() }
}
