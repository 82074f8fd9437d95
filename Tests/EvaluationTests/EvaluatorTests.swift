import Evaluation
import TestSupport
import Testing

/// Figures of pictures and videos, against values stored from scikit-image.
@Suite struct EvaluatorTests {
  struct Expected: Sendable, CustomStringConvertible {
    let width: Int, height: Int
    let psnr: Double
    let ssim: Double?
    let mae: Double
    var description: String { "\(width)x\(height)" }
  }

  /// Made with scikit-image 0.25 and numpy from the formulas of `Pattern` (y, x, c = mgrid[0:h, 0:w, 0:3]):
  /// structural_similarity(e, r, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
  /// data_range=255), 10·log10(255² / mean((e − r)²)), mean(|e − r|).
  static let expected = [
    Expected(width: 64, height: 48, psnr: 18.21533095455951, ssim: 0.9310294497071535, mae: 25.83940972222222),
    Expected(width: 11, height: 11, psnr: 33.604450131281865, ssim: 0.8789914898176899, mae: 4.300275482093664),
    Expected(width: 12, height: 40, psnr: 19.51249850585255, ssim: 0.9192189900880671, mae: 20.601388888888888),
    Expected(width: 201, height: 133, psnr: 17.974448831492616, ssim: 0.9336094000512486, mae: 26.840584047182634),
    Expected(width: 10, height: 50, psnr: 19.17631293837874, ssim: nil, mae: 21.665333333333333),
  ]

  @Test(arguments: expected, [1, 3])
  func equalsScikitImage(_ expected: Expected, threads: Int) async throws {
    let folder = try TemporaryDirectory()
    for wide in [false, true] {
      let (enhanced, reference) = try await Pattern(width: expected.width, height: expected.height)
        .write(to: folder, wide: wide)
      let result = try #require(try Evaluator(threads: threads).compare(enhanced, with: reference))
      #expect(abs(result.score.psnr - expected.psnr) < 1e-4)
      #expect(abs(result.score.mae - expected.mae) < 1e-4)
      #expect(result.score.frames == 1)
      #expect((result.score.ssim == nil) == (expected.ssim == nil))
      #expect(abs((result.score.ssim ?? 0) - (expected.ssim ?? 0)) < 2e-5, "\(result.score.ssim ?? .nan)")
      #expect(result.warnings.isEmpty && !result.isDamaged)
    }
  }

  @Test func equalPicturesAreInfinitelyAlike() async throws {
    let folder = try TemporaryDirectory()
    let (_, reference) = try await Pattern(width: 40, height: 30).write(to: folder)
    let score = try #require(try Evaluator(threads: 2).compare(reference, with: reference)).score
    #expect(score.psnr == .infinity && score.mae == 0)
    #expect(abs((score.ssim ?? 0) - 1) < 1e-12)
  }

  @Test func sizesMustAgree() async throws {
    let folder = try TemporaryDirectory()
    let (small, _) = try await Pattern(width: 40, height: 30).write(to: folder)
    let (large, _) = try await Pattern(width: 41, height: 30).write(to: folder)
    let error = #expect(throws: EvaluationError.self) { try Evaluator(threads: 1).compare(small, with: large) }
    let text = "\(error.map { "\($0)" } ?? "")"
    #expect(text.contains("40x30") && text.contains("41x30") && !text.contains("\n"))
  }

  @Test func framesAreComparedInOrder() async throws {
    let input = try await Clips.lossless.path()
    let folder = try TemporaryDirectory()
    let (dark, short) = (folder.file("dark.mkv"), folder.file("short.mkv"))
    try await FFmpeg.run(["-i", input, "-vf", "lutyuv=y=val-(val-16)/4", "-c:v", "ffv1", dark])
    try await FFmpeg.run(["-i", dark, "-frames:v", "12", "-c:v", "ffv1", short])
    var frames: [Score] = []
    let evaluator = Evaluator(threads: 2)
    let all = try #require(
      try evaluator.compare(dark, with: input) { index, score in
        #expect(index == frames.count)
        frames.append(score)
      })
    #expect(all.score.frames == 30 && frames.count == 30)
    #expect(abs(all.score.psnr - frames.map(\.psnr).reduce(0, +) / 30) < 1e-9)
    let some = try #require(try evaluator.compare(short, with: input))
    #expect(some.score.frames == 12)
    #expect(abs(some.score.mae - frames.prefix(12).map(\.mae).reduce(0, +) / 12) < 1e-9)
    #expect(some.warnings.count == 1 && some.warnings[0].contains("12") && some.warnings[0].contains("30"))
  }

  @Test func meansCountFilesAlike() {
    var mean = ScoreMean()
    #expect(mean.score == nil)
    mean.add(Score(psnr: 10, ssim: 0.5, mae: 4, frames: 1))
    mean.add(Score(psnr: 20, ssim: 0.7, mae: 2, frames: 9))
    #expect(mean.score == Score(psnr: 15, ssim: 0.6, mae: 3, frames: 10))
    mean.add(Score(psnr: .infinity, ssim: nil, mae: 0, frames: 1))
    #expect(mean.score?.psnr == .infinity && mean.score?.ssim == nil && mean.score?.frames == 11)
  }

  @Test func pairsByName() {
    let pairs = Pairs(
      enhanced: ["a.png", "b.jpg", "c.png", "d.png", "d.jpg", "sub/e.png", "f.png"],
      reference: ["a.png", "a.jpg", "b.png", "c.jpg", "c.tif", "d.bmp", "sub/e.jpg", "g.png"])
    #expect(pairs.pairs.map(\.enhanced) == ["a.png", "b.jpg", "sub/e.png"])
    #expect(pairs.pairs.map(\.reference) == ["a.png", "b.png", "sub/e.jpg"])
    // Several files share these names, so none of them can be told.
    #expect(pairs.enhancedOnly == ["c.png", "d.jpg", "d.png", "f.png"])
    #expect(pairs.referenceOnly == ["a.jpg", "c.jpg", "c.tif", "d.bmp", "g.png"])
  }
}
