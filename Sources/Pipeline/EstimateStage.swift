internal import Enhancer
internal import Frames
internal import StreamOut

/// Brings frames to one geometry and finds the curve map of each.
struct EstimateStage: Stage {
  let enhancer: Enhancer
  let job: Job
  let formats: EncodedFormats

  func run(_ stages: Stages) throws(PipelineError) {
    var normalizer: FrameNormalizer?
    try stages.relay(from: stages.decoded, to: stages.estimated) { (parcel) throws(PipelineError) in
      try estimate(&parcel, &normalizer, stages)
    }
  }

  /// Does its part of the work on one frame; `normalizer` is made at the first.
  func estimate(
    _ parcel: inout Parcel, _ normalizer: inout FrameNormalizer?, _ stages: Stages
  ) throws(PipelineError) {
    guard let frame = parcel.frame else { return }
    if normalizer == nil { normalizer = try makeNormalizer(first: frame) }
    do throws(FFmpegError) {
      let (normal, warning) = try timed(&parcel.times.estimate) { () throws(FFmpegError) in
        try normalizer!.normalize(frame)
      }
      if let warning { stages.warn(warning) }
      parcel.frame = normal
    } catch {
      throw .conversion(error)
    }
    if isEnhancing { try decide(&parcel) }
  }

  private var isEnhancing: Bool { job.enhancement.strength > 0 }

  private func decide(_ parcel: inout Parcel) throws(PipelineError) {
    let frame = parcel.frame!
    do throws(EnhancerError) {
      parcel.decision = try timed(&parcel.times.estimate) { () throws(EnhancerError) in
        try enhancer.curve(for: frame)
      }
    } catch {
      throw .enhancer(error)
    }
  }

  private func makeNormalizer(first: VideoFrame) throws(PipelineError) -> FrameNormalizer {
    if isEnhancing, let transfer = first.color.highDynamicRangeTransfer {
      throw .highDynamicRange(location: redacted(job.input), transfer: transfer)
    }
    // Without a curve nothing looks at samples, so any format passes as it is.
    let needsLayout = isEnhancing || job.comparison != .none
    let format =
      needsLayout
      ? FrameNormalizer.directFormat(for: first.format, encoded: formats.format(for: first)) : first.format
    return FrameNormalizer(first: first, format: format)
  }
}
