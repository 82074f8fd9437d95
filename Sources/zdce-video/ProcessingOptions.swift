public import ArgumentParser
public import Enhancer
internal import Frames
public import Pipeline

/// How frames are enhanced; shared by the commands that enhance.
struct ProcessingOptions: ParsableArguments {
  @Option(help: "Weights as a safetensors file. (default: built in)")
  var weights: String?

  @Option(parsing: .unconditional, help: "How much of the curve to apply; 0 passes frames through bit for bit.")
  var strength = 1.0

  @Option(
    help: """
      The look: natural, for real nights; strong, brighter; faithful, the paper's method and nothing else. \
      (default: natural; faithful with --sampling reference and --show)
      """)
  var look: Look?

  @Option(help: "How much of the noise that they measure natural and strong average away: auto (all), off, or 0 to 1.")
  var denoise = Denoising(1)

  @Option(
    help: """
      What natural and strong change: dark, so that daylight passes as it is, with a slow change at dusk; or always. \
      (default: dark; always for pictures)
      """)
  var when: When?

  @Option(help: "How the frame is made small for the network: area averages all pixels, reference is the authors' way.")
  var sampling = Sampling.area

  @Option(parsing: .unconditional, help: "How many times smaller the network sees the frame.")
  var scale = 12

  @Option(help: "Use one curve map for frames that are nearly alike: auto, off or always.")
  var reuse = ReuseMode.auto

  @Option(
    parsing: .unconditional, help: "How different frames may be to share a map; mean difference of thumbnails, 0 to 1.")
  var reuseThreshold = CurveReuse.defaultThreshold

  @Option(help: "Put original and result side by side, or split the picture: none, split, side-by-side.")
  var compare = Comparison.none

  @Option(
    help: """
      What to show: result; curve, the curve map as applied (128 is no change; eight maps as tiles); scales, results at \
      1, 2, 4, 6, 12 and 20 times downsampling as tiles.
      """)
  var show = Show.result

  @Option(parsing: .unconditional, help: "Threads for decoding, enhancing and encoding each; 0 lets each choose.")
  var threads = 0

  private var enhancement: EnhancementOptions {
    var options = EnhancementOptions()
    options.strength = strength
    // Maps and their scales are figures of the paper.
    options.look = look ?? (sampling == .reference || show != .result ? .faithful : .natural)
    options.denoising = denoise.amount
    options.when = when
    options.sampling = sampling
    options.scale = scale
    options.reuse = reuse
    options.reuseThreshold = reuseThreshold
    return options
  }

  func validate() throws {
    do { try enhancement.validate() } catch { throw ValidationError("\(error)") }
    if sampling == .reference, let look, look != .faithful {
      throw ValidationError("--sampling reference is the paper's method: leave out --look \(look.rawValue)")
    }
    if show != .result {
      guard compare == .none else {
        throw ValidationError("--show \(show.rawValue) and --compare exclude each other: leave one of them out")
      }
      guard strength > 0 else {
        throw ValidationError("--show \(show.rawValue) has nothing to show at --strength 0: give more than 0")
      }
    }
    guard (0...256).contains(threads) else { throw ValidationError("--threads is \(threads): give 0 to 256") }
  }

  /// The weights that are asked for.
  func readWeights() throws(EnhancerError) -> Weights {
    guard let weights else { return .builtIn }
    return try Weights(contentsOf: weights)
  }

  /// Reads the weights and fills in this group's part of a job.
  func configure(_ job: inout Job) throws(EnhancerError) { configure(&job, weights: try readWeights()) }

  /// Fills in this group's part of a job.
  func configure(_ job: inout Job, weights: Weights) {
    job.weights = weights
    job.enhancement = enhancement
    job.comparison = compare
    job.show = show
    job.threads = threads
    job.streamIn.threads = threads
    job.streamOut.threads = threads
  }
}

/// How much noise is averaged away, as said on the command line.
struct Denoising: ExpressibleByArgument, CustomStringConvertible {
  /// 0...1.
  let amount: Double
  var description: String { amount == 1 ? "auto" : amount == 0 ? "off" : "\(amount)" }

  init(_ amount: Double) { self.amount = amount }
  init?(argument: String) {
    switch argument {
    case "auto": amount = 1
    case "off": amount = 0
    default:
      guard let number = Double(argument), (0...1).contains(number) else { return nil }
      amount = number
    }
  }
}

extension Look: ExpressibleByArgument {}
extension When: ExpressibleByArgument {}
extension Sampling: ExpressibleByArgument {}
extension ReuseMode: ExpressibleByArgument {}
extension Comparison: ExpressibleByArgument {}
extension Show: ExpressibleByArgument {}
