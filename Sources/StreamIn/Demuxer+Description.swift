internal import CFFmpeg
internal import CFFmpegShims
internal import Frames

extension Demuxer {
  /// Index of the video that is to be decoded: FFmpeg's best choice among those that are not cover pictures.
  func bestVideoIndex() throws(StreamInError) -> Int {
    let best = Int(av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0))
    if best >= 0, stream(best).pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0 { return best }
    for index in 0..<streamCount {
      let stream = stream(index).pointee
      if stream.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO,
        stream.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
      {
        return index
      }
    }
    throw .noVideo(location: location)
  }

  /// Everything the container says, in Swift's terms.
  func describe(videoIndex: Int) throws(FFmpegError) -> MediaDescription {
    let format = context.pointee
    let name = String(cString: format.iformat.pointee.name)
    var streams: [StreamDescription] = []
    for index in 0..<streamCount { streams.append(try describe(streamAt: index)) }
    var chapters: [Chapter] = []
    for index in 0..<Int(format.nb_chapters) {
      let chapter = format.chapters[index]!.pointee
      let timeBase = Rational(chapter.time_base)
      chapters.append(
        Chapter(
          id: chapter.id, start: Timestamp(ticks: chapter.start, timeBase: timeBase),
          end: Timestamp(ticks: chapter.end, timeBase: timeBase), metadata: metadata(of: chapter.metadata)))
    }
    var description = MediaDescription(
      formatName: name,
      duration: format.duration > 0 ? Double(format.duration) / Double(AV_TIME_BASE) : nil,
      startTime: format.start_time == zdv_no_pts ? 0 : Double(format.start_time) / Double(AV_TIME_BASE),
      isStillPicture: name == "image2" || name.hasSuffix("_pipe"),
      metadata: metadata(of: format.metadata), chapters: chapters, streams: streams, videoIndex: videoIndex)
    description.plays = plays
    if name == "mpegts" { description.programs = programs }
    return description
  }

  private var programs: [Program] {
    (0..<Int(context.pointee.nb_programs)).map { index in
      let program = context.pointee.programs[index]!.pointee
      let streams = UnsafeBufferPointer(start: program.stream_index, count: Int(program.nb_stream_indexes))
      return Program(
        id: program.id, tablePID: program.pmt_pid, metadata: metadata(of: program.metadata),
        streams: streams.map(Int.init))
    }
  }

  private func describe(streamAt index: Int) throws(FFmpegError) -> StreamDescription {
    let stream = stream(index)
    let value = stream.pointee
    let parameters = value.codecpar.pointee
    var sideData: [SideData] = []
    for entry in UnsafeBufferPointer(start: value.side_data, count: Int(value.nb_side_data)) {
      sideData.append(
        SideData(type: entry.type, bytes: Array(UnsafeBufferPointer(start: entry.data, count: Int(entry.size)))))
    }
    let cover = value.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 ? value.attached_pic : AVPacket()
    let rate = Rational(value.avg_frame_rate)
    let estimate = Double(value.duration) * Rational(value.time_base).value * rate.value
    var description = StreamDescription(
      index: index, kind: .init(parameters.codec_type),
      codecName: String(cString: avcodec_get_name(parameters.codec_id)),
      timeBase: Rational(value.time_base), metadata: metadata(of: value.metadata), disposition: value.disposition,
      parameters: try CodecParameters(copying: value.codecpar), sideData: sideData,
      averageFrameRate: rate, realFrameRate: Rational(value.r_frame_rate),
      sampleAspectRatio: Rational(av_guess_sample_aspect_ratio(context, stream, nil)),
      attachedPicture: cover.size > 0
        ? Array(UnsafeBufferPointer(start: cover.data, count: Int(cover.size))) : nil,
      frameCountEstimate: value.nb_frames > 0
        ? Int(value.nb_frames) : value.duration > 0 && estimate >= 1 ? Int(estimate.rounded()) : nil)
    description.id = value.id
    return description
  }
}

extension StreamDescription.Kind {
  init(_ type: AVMediaType) {
    self =
      switch type {
      case AVMEDIA_TYPE_VIDEO: .video
      case AVMEDIA_TYPE_AUDIO: .audio
      case AVMEDIA_TYPE_SUBTITLE: .subtitle
      case AVMEDIA_TYPE_DATA: .data
      case AVMEDIA_TYPE_ATTACHMENT: .attachment
      default: .unknown
      }
  }
}
