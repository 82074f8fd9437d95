internal import Foundation

/// How far a picture, or the mean of several, is from its reference. Codes are on the scale of 0 to 255.
public struct Score: Sendable, Hashable {
  /// Peak signal-to-noise ratio in decibels, over all samples of R, G and B; infinite for equal pictures.
  public var psnr: Double
  /// Structural similarity (Wang et al. 2004), at most 1; nil for pictures of less than 11 pixels a side.
  public var ssim: Double?
  /// Mean absolute error.
  public var mae: Double
  /// How many frames or pictures this is the mean of.
  public var frames: Int

  /// As given.
  public init(psnr: Double, ssim: Double?, mae: Double, frames: Int) {
    self.psnr = psnr
    self.ssim = ssim
    self.mae = mae
    self.frames = frames
  }

  /// From sums over `count` samples: of absolute differences, and of their squares.
  init(absolute: Double, squared: Double, count: Int, ssim: Double?) {
    let mse = squared / Double(count)
    self.init(
      psnr: mse == 0 ? .infinity : 10 * log10(255 * 255 / mse), ssim: ssim, mae: absolute / Double(count), frames: 1)
  }
}

/// The mean of scores that arrive one by one; each counts alike, whatever number of frames it stands for.
public struct ScoreMean: Sendable {
  private var psnr = 0.0
  private var ssim: Double? = 0.0
  private var mae = 0.0
  private var frames = 0
  private var count = 0

  /// The mean of nothing.
  public init() {}

  /// Takes one more score.
  public mutating func add(_ score: Score) {
    psnr += score.psnr
    ssim = ssim.flatMap { sum in score.ssim.map { sum + $0 } }
    mae += score.mae
    frames += score.frames
    count += 1
  }

  /// The mean; its frames are the sum of all frames. Infinite PSNR of one makes it infinite, as without SSIM of one
  /// there is no SSIM. Nil without scores.
  public var score: Score? {
    guard count > 0 else { return nil }
    let count = Double(count)
    return Score(psnr: psnr / count, ssim: ssim.map { $0 / count }, mae: mae / count, frames: frames)
  }
}
