internal import CKernels
internal import Frames

/// What the natural look does besides the curve: one for a whole picture.
public struct Tone: Sendable, Hashable {
  /// Factor on R, G and B before the curve, like a longer exposure: 1...`NaturalLook.largestGain`.
  public internal(set) var gain: Float = 1
  /// How much of the look the picture gets, from 0, as it is, to 1: dusk lies between.
  public internal(set) var amount: Float = 1
  /// Changes where a new scene begins, of which the frames before tell nothing.
  public internal(set) var scene = 0

  /// Gained values from here on are rolled off, so that lamps keep a gradient.
  private var knee: Float { max(0.75, 1 - 0.4 * (gain - 1)) }

  /// Between black and this much above it, in 8-bit codes of luma, chroma comes to be trusted, first slowly. Closer to
  /// black, what 8 bits and a codec leave of it is mostly error.
  private static let doubtfulCodes: Float = 10

  /// For luma or green codes of `depth` bits, of which `black` is black.
  func terms(depth: Int, black: Float) -> zdk_tone {
    let unit = Float(1 << (depth - 8))
    return zdk_tone(
      gain: gain, knee: knee, trust_from: black, trust_slope: 1 / (Self.doubtfulCodes * unit),
      trust_least: (1 - amount).squareRoot())
  }
}
