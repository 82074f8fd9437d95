/// Both steps of enhancement on one thread, for cameras: they leave time between frames, and each thread that is woken for
/// one costs some.
struct EnhanceStage: Stage {
  let estimate: EstimateStage
  let apply: ApplyStage

  func run(_ stages: Stages) throws(PipelineError) {
    var normalizer: FrameNormalizer?
    let presenter = try apply.makePresenter()
    try stages.relay(from: stages.decoded, to: stages.enhanced) { (parcel) throws(PipelineError) in
      try estimate.estimate(&parcel, &normalizer, stages)
      try apply.apply(&parcel, presenter)
    }
  }
}
