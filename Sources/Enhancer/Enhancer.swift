public import Foundation
public import Frames
internal import Synchronization

/// Light enhancement of frames, wired for a pipeline: one thread asks for curves while another applies them.
///
///     let enhancer = try Enhancer(options: options, threads: 2)
///     let decision = try enhancer.curve(for: frame)              // in order, one frame after the other
///     let bright = try enhancer.apply(decision.map, to: frame)   // meanwhile, for an earlier frame
///
/// Each step has state of its own behind a lock of its own, so they run side by side, and calls of the same step one after
/// the other. To find curves takes two steps, which may run side by side as well: to make the frame small, for which it is
/// read as a whole, and to estimate.
///
///     let thumbnail = try enhancer.thumbnail(of: frame)          // in any order
///     let decision = enhancer.curve(for: thumbnail)              // in order
public final class Enhancer: Sendable {
  /// The parameters of the network.
  public let weights: Weights
  /// As given.
  public let options: EnhancementOptions
  private let thumbnails: Mutex<ThumbnailSource>
  private let source: Mutex<CurveSource>
  private let application: Mutex<CurveApplication>

  /// - Parameter threads: how many share the bands of a frame; at least 1.
  /// Throws an `invalidOption` if an option is outside its range.
  public convenience init(
    weights: Weights = .builtIn, options: EnhancementOptions = .init(),
    threads: Int = ProcessInfo.processInfo.activeProcessorCount, kernels: Kernels = .best
  ) throws(EnhancerError) {
    try self.init(weights: weights, options: options, threads: threads, kernels: kernels, engine: nil)
  }

  /// The same with a certain way to multiply in the network, for benchmarks; nil takes the faster one.
  package init(
    weights: Weights, options: EnhancementOptions, threads: Int, kernels: Kernels, engine: ConvolutionEngine?
  ) throws(EnhancerError) {
    guard threads > 0 else { throw .invalidOption(name: "threads", reason: "\(threads) is not at least 1") }
    self.weights = weights
    self.options = options
    thumbnails = Mutex(ThumbnailSource(options: options, kernels: kernels))
    source = Mutex(try CurveSource(weights: weights, options: options, kernels: kernels, engine: engine))
    application = Mutex(CurveApplication(threads: threads, denoising: options.denoising, kernels: kernels))
  }

  /// The curves for the next frame: those of an earlier one if it is near-identical and the options allow.
  public func curve(for frame: VideoFrame) throws(EnhancerError) -> CurveDecision {
    try source.withLock { source throws(EnhancerError) in try source.curve(for: frame) }
  }

  /// The same for a planar frame.
  public func curve(for frame: PlanarFrame) -> CurveDecision {
    source.withLock { $0.curve(for: frame) }
  }

  /// What `curve(for:)` needs to know of a frame. Throws for formats that the kernels do not read, and for PQ and HLG.
  public func thumbnail(of frame: VideoFrame) throws(EnhancerError) -> Thumbnail {
    try thumbnails.withLock { thumbnails throws(EnhancerError) in try thumbnails.thumbnail(of: frame) }
  }

  /// The same of a planar frame.
  public func thumbnail(of frame: PlanarFrame) -> Thumbnail {
    thumbnails.withLock { $0.thumbnail(of: frame) }
  }

  /// The curves for the next frame, by its thumbnail, which must be of this enhancer's making.
  public func curve(for thumbnail: Thumbnail) -> CurveDecision {
    source.withLock { $0.curve(for: thumbnail) }
  }

  /// The enhanced frame, in the format of `frame`; `frame` itself if the map changes nothing.
  public func apply(_ map: CurveMap, to frame: VideoFrame) throws(EnhancerError) -> VideoFrame {
    try application.withLock { application throws(EnhancerError) in try application.apply(map, to: frame) }
  }

  /// Writes the enhanced frame to `result`, of the same size, which may be `frame` itself.
  public func apply(_ map: CurveMap, to frame: PlanarFrame, into result: PlanarFrame) {
    application.withLock { $0.apply(map, to: frame, into: result) }
  }

  /// Both steps for one frame.
  public func enhance(_ frame: VideoFrame) throws(EnhancerError) -> VideoFrame {
    try apply(try curve(for: frame).map, to: frame)
  }

  /// Both steps for one planar frame, into a new one.
  public func enhance(_ frame: PlanarFrame) -> PlanarFrame {
    let result = PlanarFrame(width: frame.width, height: frame.height)
    apply(curve(for: frame).map, to: frame, into: result)
    return result
  }

  /// Both steps for one planar frame, in place.
  public func enhance(inPlace frame: PlanarFrame) {
    apply(curve(for: frame).map, to: frame, into: frame)
  }
}
