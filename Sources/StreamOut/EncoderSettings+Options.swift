internal import CFFmpeg
internal import Frames

extension EncoderSettings {
  /// Throws what of `options` the encoder would refuse: options that it does not have, values that it would complain
  /// about on standard error by itself, and pixel formats that it does not take.
  func check(_ options: StreamOutOptions) throws(StreamOutError) {
    for (key, value) in options.encoderOptions {
      guard knows(option: key) else { throw .unknownEncoderOption(encoder: name, name: key) }
      try check(key, value)
    }
    if let preset = options.preset { try check("preset", preset) }
    if let format = options.pixelFormat, !takes(format) || !format.canBeConvertedTo {
      throw .unsuitablePixelFormat(encoder: name, format: format.name, known: (accepted ?? []).map(\.name))
    }
  }

  private func check(_ option: String, _ value: String) throws(StreamOutError) {
    guard let known = Self.values[name]?[option] else { return }
    // x264 takes several tunes at once.
    let given = option == "tune" ? value.split { ",./-+".contains($0) }.map(String.init) : [value]
    guard given.allSatisfy(known.contains) else {
      throw .unknownValue(encoder: name, option: option, value: value, known: known)
    }
  }

  private static let presets = [
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
  ]

  /// The names that x264 and x265 know, by encoder and option.
  private static let values = [
    "libx264": [
      "preset": presets,
      "tune": ["film", "animation", "grain", "stillimage", "psnr", "ssim", "fastdecode", "zerolatency", "touhou"],
      "profile": ["baseline", "main", "high", "high10", "high422", "high444"],
    ],
    "libx265": [
      "preset": presets,
      "tune": ["psnr", "ssim", "grain", "zerolatency", "fastdecode", "animation"],
      "profile": [
        "main", "main-intra", "mainstillpicture", "msp", "main444-8", "main444-intra", "main444-stillpicture",
        "main10", "main10-intra", "main422-10", "main422-10-intra", "main444-10", "main444-10-intra",
        "main12", "main12-intra", "main422-12", "main422-12-intra", "main444-12", "main444-12-intra",
        "main444-16-stillpicture",
      ],
    ],
  ]

  /// Whether the encoder, or every encoder, has the option.
  func knows(option name: String) -> Bool {
    var codecClass = codec.pointee.priv_class
    if codecClass != nil,
      withUnsafeMutablePointer(
        to: &codecClass, { av_opt_find($0, name, nil, 0, AV_OPT_SEARCH_FAKE_OBJ) != nil })
    {
      return true
    }
    var general = avcodec_get_class()
    return withUnsafeMutablePointer(to: &general) {
      av_opt_find($0, name, nil, AV_OPT_FLAG_ENCODING_PARAM, AV_OPT_SEARCH_FAKE_OBJ) != nil
    }
  }

  /// Whether the encoder itself has the option.
  func hasOwn(option name: String) -> Bool {
    guard var codecClass = codec.pointee.priv_class else { return false }
    return withUnsafeMutablePointer(to: &codecClass) {
      av_opt_find($0, name, nil, 0, AV_OPT_SEARCH_FAKE_OBJ) != nil
    }
  }
}
