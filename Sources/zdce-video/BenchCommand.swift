internal import ArgumentParser
internal import Enhancer
internal import Foundation
internal import Pipeline

/// Times the engine in memory.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time the enhancement engine in memory, without any codec.",
    discussion: """
      Planar float frames in, planar float frames out, together larger than the last-level cache. Each thread takes one \
      frame after the other through all steps; with --reuse always, all share each frame.

      EXAMPLES
        zdce-video bench --width 1200 --height 900 --reuse off
        zdce-video bench --width 1920 --height 1080 --reuse always --threads 1 --json
      """)

  @Option(help: "Width of the frames.") var width = 1920
  @Option(help: "Height of the frames.") var height = 1080
  @Option(help: "How many frames to enhance.") var frames = 300
  @Option(help: "Threads at work; 0 is one per processor.") var threads = 0
  @Option(help: "Weights as a safetensors file. (default: built in)") var weights: String?
  @Option(help: "How the frame is made small: area or reference.") var sampling = Sampling.area
  @Option(help: "The look: natural, strong or faithful.") var look = Look.faithful
  @Option(help: "off: every frame is estimated; always: none but the first; auto: as enhance does.")
  var reuse = ReuseMode.auto
  @Option(help: "What multiplies in the network: fused or openblas. (default: the faster one)") var estimator: String?
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...16384).contains(width), (1...16384).contains(height) else {
      throw ValidationError("--width and --height are \(width)x\(height): give 1 to 16384 each")
    }
    guard (1...1_000_000).contains(frames) else { throw ValidationError("--frames is \(frames): give 1 to 1000000") }
    if let estimator, !["fused", "openblas"].contains(estimator) {
      throw ValidationError("--estimator is \(estimator): give fused or openblas")
    }
    guard (0...256).contains(threads) else { throw ValidationError("--threads is \(threads): give 0 to 256") }
  }

  func run() throws {
    var options = EnhancementOptions()
    options.sampling = sampling
    options.look = look
    // The pictures are of no time of day.
    options.when = .always
    options.reuse = reuse
    let count = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    let result: EngineBenchmark.Result
    do {
      var benchmark = EngineBenchmark(
        width: width, height: height, frames: frames, threads: count,
        weights: try weights.map { try Weights(contentsOf: $0) } ?? .builtIn, options: options)
      benchmark.estimator = estimator
      result = try benchmark.run()
    } catch {
      StandardStreams.error("zdce-video: error: \(error)\n")
      throw ExitCode(1)
    }
    if json {
      StandardStreams.output(
        "{\"width\":\(width),\"height\":\(height),\"threads\":\(count),\"frames\":\(frames),"
          + "\"fps\":\(format(result.fps)),\"estimate_ms\":\(format(result.estimateMilliseconds)),"
          + "\"apply_ms\":\(format(result.applyMilliseconds)),\"kernels\":\"\(result.kernels)\","
          + "\"estimator\":\"\(result.estimator)\"}\n")
    } else {
      StandardStreams.output(
        "\(width)x\(height), \(count) threads, \(frames) frames: \(format(result.fps)) fps; "
          + "estimate \(format(result.estimateMilliseconds)) ms, apply \(format(result.applyMilliseconds)) ms (medians); "
          + "\(result.kernels) kernels, \(result.estimator) estimator\n"
      )
    }
  }

  private func format(_ value: Double) -> String { String(format: "%.3f", value) }
}
