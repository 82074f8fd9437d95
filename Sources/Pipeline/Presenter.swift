internal import Enhancer
internal import Frames

/// Makes the frame that is encoded: the result, alone or beside the original, or what explains it.
///
/// For one thread at a time.
final class Presenter {
  private let show: Show
  private let enhancer: Enhancer
  private let comparator: Comparator
  /// One for each tile of `Show.tileScales`.
  private let scales: [Enhancer]
  private var tiles = Tiles(columns: 3)
  private var curves = CurvePicture()

  /// - Parameter displayMatrix: how the container asks for the pictures to be turned.
  init(_ enhancer: Enhancer, job: Job, displayMatrix: [Int32]?) throws(PipelineError) {
    show = job.show
    self.enhancer = enhancer
    comparator = Comparator(show == .result ? job.comparison : .none, displayMatrix: displayMatrix)
    var scales: [Enhancer] = []
    do throws(EnhancerError) {
      for scale in show == .scales ? Show.tileScales : [] {
        var options = enhancer.options
        options.scale = scale
        scales.append(try Enhancer(weights: enhancer.weights, options: options, threads: job.bandThreads))
      }
    } catch {
      throw .enhancer(error)
    }
    self.scales = scales
  }

  /// What becomes of `frame`; without a decision nothing is to be enhanced.
  func present(_ frame: VideoFrame, _ decision: CurveDecision?) throws(PipelineError) -> VideoFrame {
    guard let decision else { return frame }
    switch show {
    case .result: return try enhanced { () throws(EnhancerError) in try enhancer.apply(decision.map, to: frame) }
    case .curve: return try converted { () throws(FFmpegError) in try curves.draw(decision.map, for: frame) }
    case .scales:
      var results: [VideoFrame] = []
      for scale in scales {
        results.append(try enhanced { () throws(EnhancerError) in try scale.enhance(frame) })
      }
      return try converted { () throws(FFmpegError) in try tiles.compose(results) }
    }
  }

  /// Puts `frame` beside what became of it, if that is wanted.
  func compare(_ frame: VideoFrame, with result: VideoFrame) throws(PipelineError) -> VideoFrame {
    try converted { () throws(FFmpegError) in try comparator.compose(frame, result) }
  }

  private func enhanced(_ body: () throws(EnhancerError) -> VideoFrame) throws(PipelineError) -> VideoFrame {
    do { return try body() } catch { throw .enhancer(error) }
  }

  private func converted(_ body: () throws(FFmpegError) -> VideoFrame) throws(PipelineError) -> VideoFrame {
    do { return try body() } catch { throw .conversion(error) }
  }
}
