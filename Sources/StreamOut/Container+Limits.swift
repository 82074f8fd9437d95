internal import CFFmpeg
internal import Frames

/// What containers can carry, where libavformat's own tables do not tell.
extension Container {
  /// QuickTime and its descendants: the containers that carry a display matrix, edit lists and `mdta` tags.
  var isQuickTimeFamily: Bool { ["mov", "mp4", "ipod", "psp", "3gp", "3g2", "f4v", "ismv"].contains(name) }
  /// Writes its index after its content, at a place kept free: nothing for a pipe.
  var needsSeeking: Bool { isQuickTimeFamily && name != "ismv" }
  var isMatroska: Bool { name == "matroska" || name == "webm" }
  var isTransportStream: Bool { name == "mpegts" || name == "rtp_mpegts" }
  var isRealTimeStreaming: Bool { name == "rtsp" }
  var isProgramStream: Bool { ["mpeg", "vob", "dvd", "svcd", "vcd"].contains(name) }
  /// AVI stores one clock tick per frame, ASF one time per packet: frames must be stored in order of display.
  var storesDisplayOrderOnly: Bool { isAVI || ["asf", "asf_stream"].contains(name) }
  /// AVI has no times at all: the first frame is shown at zero, and so is the first sound.
  var isAVI: Bool { name == "avi" }
  /// Whether what is decoded before zero, such as the lead of an encoder or of a sound codec, is written as it is.
  var takesTimesBelowZero: Bool { isMatroska || format.pointee.flags & (AVFMT_TS_NEGATIVE | AVFMT_NOTIMESTAMPS) != 0 }
  var carriesRotation: Bool { isQuickTimeFamily }
  var carriesChapters: Bool {
    isMatroska || isQuickTimeFamily || ["nut", "ogg", "asf", "ffmetadata"].contains(name)
  }
  /// Cover pictures that readers recognise again. NUT keeps them as a picture like any other.
  var carriesCovers: Bool { ["mp4", "ipod", "matroska", "nut"].contains(name) }

  /// Whether a moving picture goes into a file that is named like a still one.
  static func isAnimatedPNG(_ location: String, input: MediaDescription) -> Bool {
    input.formatName == "apng" && av_match_ext(location, "png") != 0
  }

  /// Whether tags of any name survive in it.
  var carriesAnyTag: Bool {
    isMatroska || isQuickTimeFamily || ["nut", "flv", "ogg", "asf", "ffmetadata"].contains(name)
  }

  /// Whether it has a place for a tag, so far as it is known to have none.
  ///
  /// - Parameter hasCover: QuickTime's list of free tags gives way to the one that holds covers.
  func carries(tag: String, hasCover: Bool) -> Bool {
    if isProgramStream || ["gif", "yuv4mpegpipe"].contains(name) { return false }
    let tag = tag.lowercased()
    if isAVI { return Self.infoTags.contains(tag) || tag.utf8.count == 4 }
    if isQuickTimeFamily, hasCover { return Self.iTunesTags.contains(tag) || tag.hasPrefix("location") }
    // The title of a transport stream serves as the name of its service.
    return !isTransportStream || tag == "title" || tag.hasPrefix("service_")
  }

  /// The frame rates that it knows, where it knows only one for all frames; nil where each frame has its time.
  var frameRates: [Rational]? {
    guard name == "mxf" else { return nil }
    return [24, 25, 30, 50, 60].flatMap { [Rational($0, 1), Rational($0 * 1000, 1001)] }
  }

  /// Whether MPEG-2 is the natural thing to put into it: players of these may know nothing newer.
  var prefersMPEG2: Bool { isProgramStream && name != "vcd" || name == "mxf" }

  /// Whether H.264 is the natural thing to put into it.
  var prefersH264: Bool {
    let answer = avformat_query_codec(format, AV_CODEC_ID_H264, FF_COMPLIANCE_NORMAL)
    // Muxers without a list of codecs answer that they do not know; these are the ones known to take H.264.
    return answer > 0 || (answer < 0 && (isTransportStream || ["hls", "null"].contains(name)))
  }

  /// Whether its definition may have a place for `codec`.
  func accepts(_ codec: AVCodecID, kind: AVMediaType) -> Bool {
    if isMatroska, kind == AVMEDIA_TYPE_ATTACHMENT { return name == "matroska" }
    if isRealTimeStreaming { return Self.realTimeCodecs.contains(codec) }
    // These muxers take anything as "private data", which no reader recognises again.
    if isTransportStream { return kind == AVMEDIA_TYPE_DATA || Self.transportStreamCodecs.contains(codec) }
    if isProgramStream { return Self.programStreamCodecs.contains(codec) }
    if name == "mxf", kind != AVMEDIA_TYPE_VIDEO { return Self.materialExchangeSound.contains(codec) }
    // What Matroska has no name for it takes under those of Windows, such as G.711 and ADPCM of cameras.
    let compliance = name == "matroska" ? FF_COMPLIANCE_UNOFFICIAL : FF_COMPLIANCE_NORMAL
    return avformat_query_codec(format, codec, compliance) != 0
  }

  /// QuickTime in place of MP4, where it carries all sound of `input` that MP4 does and more, such as PCM and G.711, which
  /// cameras put into files that are named MP4; nil where MP4 will do.
  func quickTime(forSoundOf input: MediaDescription) -> Container? {
    guard name == "mp4", let quickTime = try? Container(location: "", name: "mov") else { return nil }
    let (here, there) = (input.sounds.filter(accepts), input.sounds.filter(quickTime.accepts))
    let isMore = there.count > here.count && here.allSatisfy { sound in there.contains { $0.index == sound.index } }
    return isMore ? quickTime : nil
  }

  /// What is said of it. `location` is without secrets.
  static func quickTimeWarning(location: String) -> String {
    "'\(location)' is written as QuickTime, which has a place for its sound; MP4 has none. Players take either"
  }

  /// Whether a transport stream would store data under a number that tells nobody what it is. What came out of one has
  /// such a number already.
  func isForeignData(_ parameters: AVCodecParameters) -> Bool {
    parameters.codec_type == AVMEDIA_TYPE_DATA && parameters.codec_tag > 0xFF
      && [AV_CODEC_ID_NONE, AV_CODEC_ID_BIN_DATA].contains(parameters.codec_id)
  }

  private static let transportStreamCodecs = [
    AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC,
    AV_CODEC_ID_VVC, AV_CODEC_ID_VC1, AV_CODEC_ID_DIRAC, AV_CODEC_ID_CAVS, AV_CODEC_ID_AVS2, AV_CODEC_ID_AVS3,
    AV_CODEC_ID_JPEG2000, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_AC3,
    AV_CODEC_ID_EAC3, AV_CODEC_ID_DTS, AV_CODEC_ID_TRUEHD, AV_CODEC_ID_OPUS, AV_CODEC_ID_S302M,
    AV_CODEC_ID_DVB_SUBTITLE, AV_CODEC_ID_DVB_TELETEXT, AV_CODEC_ID_HDMV_PGS_SUBTITLE,
  ]

  private static let programStreamCodecs = [
    AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC,
    AV_CODEC_ID_MP1, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3, AV_CODEC_ID_DTS, AV_CODEC_ID_PCM_S16BE,
    AV_CODEC_ID_PCM_DVD, AV_CODEC_ID_DVD_SUBTITLE,
  ]

  /// What FFmpeg has an RTP payload for.
  private static let realTimeCodecs = [
    AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4,
    AV_CODEC_ID_H263, AV_CODEC_ID_H263P, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_MJPEG, AV_CODEC_ID_AAC,
    AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_PCM_ALAW, AV_CODEC_ID_PCM_MULAW, AV_CODEC_ID_PCM_S16BE,
    AV_CODEC_ID_PCM_U8, AV_CODEC_ID_ADPCM_G722, AV_CODEC_ID_ADPCM_G726, AV_CODEC_ID_ADPCM_G726LE, AV_CODEC_ID_OPUS,
    AV_CODEC_ID_VORBIS, AV_CODEC_ID_AMR_NB, AV_CODEC_ID_AMR_WB, AV_CODEC_ID_SPEEX, AV_CODEC_ID_ILBC,
  ]

  private static let materialExchangeSound = [AV_CODEC_ID_PCM_S16LE, AV_CODEC_ID_PCM_S24LE]

  /// The tags that a list of the type INFO has chunks for.
  private static let infoTags: Set = [
    "artist", "comment", "copyright", "date", "genre", "language", "title", "album", "track", "encoder", "timecode",
    "encoded_by",
  ]

  /// The tags that iTunes knows, so far as FFmpeg writes them.
  private static let iTunesTags: Set = [
    "title", "artist", "album_artist", "composer", "album", "date", "comment", "genre", "copyright", "grouping",
    "lyrics", "description", "synopsis", "show", "episode_id", "network", "keywords", "episode_sort", "season_number",
    "media_type", "hd_video", "gapless_playback", "compilation", "track", "disc", "tempo", "creation_time",
  ]
}

extension MediaDescription {
  fileprivate var sounds: [StreamDescription] { streams.filter { $0.kind == .audio } }
}
