public import Frames

/// What can go wrong between weights, options and frames. Each description is one sentence: what, where, what to do.
public enum EnhancerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file of weights cannot be read; `reason` is the system's own.
  case unreadableWeights(path: String, reason: String)
  /// The bytes are no usable weights; `source` is a path or another name for where they came from.
  case invalidWeights(source: String, reason: String)
  /// An option is outside its range.
  case invalidOption(name: String, reason: String)
  /// The kernels have no direct path for the samples of a frame.
  case unsupportedFormat(PixelFormat)
  /// The frame's transfer is PQ or HLG.
  case highDynamicRange(transfer: String)
  /// The network's layers are matrix products, and there is nothing to compute them with.
  case openBLASMissing
  /// No memory or no layout for an output frame.
  case frame(FFmpegError)

  /// One sentence, for people.
  public var description: String {
    switch self {
    case .unreadableWeights(let path, let reason):
      "cannot read weights \(path): \(reason); check the path and its permissions"
    case .invalidWeights(let source, let reason):
      "cannot use weights \(source): \(reason); use a safetensors file of a Zero-DCE or Zero-DCE++ "
        + "network; zdce-video weights import makes one of a .pth or .ckpt file"
    case .invalidOption(let name, let reason):
      "cannot use the option \(name): \(reason)"
    case .unsupportedFormat(let format):
      "cannot enhance \(format) frames directly; convert them first, for example to yuv420p"
    case .highDynamicRange(let transfer):
      "cannot enhance footage with the high-dynamic-range transfer \(transfer); convert it to BT.709 first"
    case .openBLASMissing:
      "cannot run the network: libopenblas.so.0 is missing; install it (Debian: apt install libopenblas0)"
    case .frame(let error):
      error.description
    }
  }
}
