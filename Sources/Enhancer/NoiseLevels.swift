internal import CKernels

/// How far samples may be from the truth by noise alone, in 8-bit codes, whatever the depth.
struct NoiseLevels: Sendable {
  /// Of luma, or green in its place: for every `1 / luma.count` of the range, from black up.
  var luma: [Double]
  /// Of what holds colour, at all brightnesses.
  var color: Double

  /// Steps of fine rows per code.
  static let stepsPerCode = 128.0
  /// At most this much is taken for noise.
  static let largest = 24.0

  /// What codecs leave of clean footage: coarse, hence not measured as grain. Less in the light, where it is not
  /// amplified. Colour is looked at less closely, and codecs treat it worse.
  static let usual: NoiseLevels = {
    let dark = 4.0, bright = 0.5, darkEnds = 40.0, brightBegins = 110.0
    let count = Int(ZDK_DENOISE_LEVELS)
    let luma = (0..<count).map { level in
      let code = (Double(level) + 0.5) * 256 / Double(count)
      let way = min(max((code - darkEnds) / (brightBegins - darkEnds), 0), 1)
      return dark + way * (bright - dark)
    }
    return NoiseLevels(luma: luma, color: 3.5)
  }()
}
