internal import Frames

extension EncoderSettings {
  /// What is lost, or changed, because the encoder does not take frames like `first` as they are; one sentence each.
  ///
  /// - Parameters:
  ///   - origin: the input's own format, which `first` may have been converted from.
  ///   - format: what `first` is converted to.
  ///   - isStream: what has a timeline; that a picture's new format may hold less, everybody knows.
  ///   - isChosen: the user has named `format`, and knows what it cannot hold.
  func losses(of first: VideoFrame, origin: PixelFormat, encodedAs format: PixelFormat, isStream: Bool, isChosen: Bool)
    -> [String]
  {
    var warnings: [String] = []
    if first.format.hasAlpha, !format.hasAlpha {
      warnings.append("transparency is left out: encoder \(name) has none; ffv1, png and qtrle do")
    }
    guard !isChosen else { return warnings }
    if !format.isAsFine(as: origin), isStream {
      warnings.append("\(origin) is encoded as \(format), the nearest that encoder \(name) takes; ffv1 keeps it")
    }
    guard takes(first.format), let layout = first.format.layout,
      first.width % (1 << layout.chromaShiftX) != 0 || first.height % (1 << layout.chromaShiftY) != 0
    else { return warnings }
    warnings.append(
      "\(first.width)x\(first.height) does not fit \(first.format) in \(name): encoded as \(format), "
        + "so that the size stays")
    return warnings
  }
}
