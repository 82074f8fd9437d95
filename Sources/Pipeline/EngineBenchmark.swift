public import Enhancer
internal import Foundation
internal import Frames
internal import Synchronization

/// Times the enhancement engine alone: planar float in, planar float out, no codec. Each thread takes the next frame through
/// all steps, one thread at each step: so what waits for memory goes on beside the network.
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
  /// How many threads are at work.
  public var threads: Int
  /// The network's parameters.
  public var weights: Weights
  /// How frames are enhanced.
  public var options: EnhancementOptions
  /// What multiplies in the network: `fused` or `openblas`; nil takes the faster one.
  public var estimator: String?

  private var kernels: Kernels { .best }

  /// - Parameter threads: how many are at work; at least 1.
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
    let times = Mutex<(estimates: [Double], applications: [Double])>(([], []))
    let next = Atomic(0)
    let estimation = Turnstile(), application = Turnstile(), end = Turnstile()
    let started = ContinuousClock.now
    // Where there is nothing to overlap, the threads share the bands of each frame.
    let workers = options.reuse == .always ? 1 : threads
    @Sendable func work(_ worker: Int) {
      while case let index = next.wrappingAdd(1, ordering: .relaxed).oldValue, index < count {
        let picture = pictures[index % pictures.count], result = results[index % pictures.count]
        var estimate = StageTime(), apply = StageTime()
        let thumbnail = options.reuse == .always ? nil : timed(&estimate) { enhancer.thumbnail(of: picture) }
        let decision = estimation.pass(index) {
          timed(&estimate) { thumbnail.map(enhancer.curve) ?? enhancer.curve(for: picture) }
        }
        application.pass(index) { timed(&apply) { enhancer.apply(decision.map, to: picture, into: result) } }
        times.withLock {
          $0.estimates.append(estimate.milliseconds)
          $0.applications.append(apply.milliseconds)
        }
      }
      end.pass(worker) {}
    }
    for worker in 1..<max(workers, 1) { Thread { work(worker) }.start() }
    work(0)
    end.wait(for: workers)
    let seconds = (ContinuousClock.now - started).milliseconds / 1e3
    return Result(
      fps: Double(count) / seconds, estimateMilliseconds: times.withLock { Self.median($0.estimates) },
      applyMilliseconds: times.withLock { Self.median($0.applications) },
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

/// Lets threads pass one at a time, in the order of their numbers.
///
/// `@unchecked Sendable`: all state is touched under `condition`'s lock.
private final class Turnstile: @unchecked Sendable {
  private let condition = NSCondition()
  private var turn = 0

  /// Waits until all lower numbers have passed.
  func wait(for number: Int) {
    condition.lock()
    while turn < number { condition.wait() }
    condition.unlock()
  }

  func pass<Result>(_ number: Int, _ body: () -> Result) -> Result {
    wait(for: number)
    defer { condition.change { turn += 1 } }
    return body()
  }
}
