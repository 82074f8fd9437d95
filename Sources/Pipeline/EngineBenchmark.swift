public import Enhancer
internal import Foundation
internal import Frames

/// Times the enhancement engine alone: planar float in, planar float out, no codec. Estimation of a frame overlaps the
/// application of the one before, as in the pipeline.
public struct EngineBenchmark: Sendable {
  /// What was measured.
  public struct Result: Sendable {
    /// Frames enhanced per second of wall time.
    public let fps: Double
    /// Median over frames of thumbnail, reuse decision and, unless the map was reused, the network.
    public let estimateMilliseconds: Double
    /// Median over frames of applying the curve.
    public let applyMilliseconds: Double
    /// The instruction set of the kernels: "plain", "avx2" or "avx512".
    public let kernels: String
    /// What multiplied in the network: "fused" or "openblas".
    public let estimator: String
  }

  /// Size of the frames in pixels.
  public var width: Int, height: Int
  /// How many frames to enhance.
  public var frames: Int
  /// How many threads apply the curve.
  public var threads: Int
  /// The network's parameters.
  public var weights: Weights
  /// How frames are enhanced.
  public var options: EnhancementOptions
  /// What multiplies in the network: `fused` or `openblas`; nil takes the faster one.
  public var estimator: String?

  private var kernels: Kernels { .best }

  /// - Parameter threads: how many apply the curve; at least 1.
  public init(width: Int, height: Int, frames: Int, threads: Int, weights: Weights, options: EnhancementOptions) {
    self.width = width
    self.height = height
    self.frames = frames
    self.threads = threads
    self.weights = weights
    self.options = options
  }

  /// Runs the benchmark after a warm-up of a few frames.
  public func run() throws(EnhancerError) -> Result {
    let engine = try engine()
    let enhancer = try Enhancer(
      weights: weights, options: options, threads: threads, kernels: kernels, engine: engine)
    let pictures = makePictures()
    // As many results as pictures, so that writes leave the cache as reads do.
    let results = pictures.map { PlanarFrame(width: $0.width, height: $0.height) }
    _ = measure(enhancer, pictures, results, engine, count: min(frames, 5))
    return measure(enhancer, pictures, results, engine, count: frames)
  }

  /// What is in force.
  private func engine() throws(EnhancerError) -> ConvolutionEngine {
    guard let name = estimator else { return .preferred(for: weights.model, kernels: kernels) }
    guard let engine = ConvolutionEngine(rawValue: name), engine == .openBLAS || weights.model == .zeroDCEPlusPlus
    else {
      throw .invalidOption(name: "estimator", reason: "\(name) is not a way to run \(weights.model.rawValue)")
    }
    return engine
  }

  private func measure(
    _ enhancer: Enhancer, _ pictures: [PlanarFrame], _ results: [PlanarFrame], _ engine: ConvolutionEngine,
    count: Int
  ) -> Result {
    let curves = BoundedQueue<(decision: CurveDecision, time: StageTime)>(capacity: 8)
    let started = ContinuousClock.now
    let estimator = Thread {
      for index in 0..<count {
        var time = StageTime()
        let decision = timed(&time) { enhancer.curve(for: pictures[index % pictures.count]) }
        guard curves.push((decision, time)) else { return }
      }
      curves.finish()
    }
    estimator.start()
    var estimates: [Double] = []
    var applications: [Double] = []
    var index = 0
    while let (decision, time) = curves.pop() {
      var apply = StageTime()
      let slot = index % pictures.count
      timed(&apply) { enhancer.apply(decision.map, to: pictures[slot], into: results[slot]) }
      estimates.append(time.milliseconds)
      applications.append(apply.milliseconds)
      index += 1
    }
    let seconds = (ContinuousClock.now - started).milliseconds / 1e3
    return Result(
      fps: Double(count) / seconds, estimateMilliseconds: Self.median(estimates),
      applyMilliseconds: Self.median(applications),
      kernels: kernels.name, estimator: engine.rawValue)
  }

  /// Dark pictures that differ from each other, together larger than the last-level cache.
  private func makePictures() -> [PlanarFrame] {
    let bytes = 3 * width * height * MemoryLayout<Float>.stride
    let cache = max(sysconf(Int32(_SC_LEVEL3_CACHE_SIZE)), 8 << 20)
    return (0..<max(3, cache / bytes + 2)).map { index in
      let picture = PlanarFrame(width: width, height: height)
      // A fixed generator: the same pictures in every run.
      var state = UInt32(truncatingIfNeeded: index &* 7919 &+ 1)
      for channel in 0..<3 {
        for y in 0..<height {
          let row = picture.row(y, channel: channel)
          for x in 0..<width {
            state = state &* 1_664_525 &+ 1_013_904_223
            // As far, of its width, from one to the next whatever the size.
            let slope = Float((x + width * index / 52) % width) / Float(width)
            row[x] = 0.15 * slope + 0.05 * Float(channel) + Float(state >> 8) * (0.02 / 16_777_216)
          }
        }
      }
      return picture
    }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
