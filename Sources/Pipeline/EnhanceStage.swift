/// Both steps of enhancement on one thread, for cameras: they leave time between frames, and each thread that is woken for
/// one costs some.
struct EnhanceStage: Stage {
  let estimate: EstimateStage
  let apply: ApplyStage

  func run(_ stages: Stages) throws(PipelineError) {
    var normalizer: FrameNormalizer?
    let presenter = try apply.makePresenter()
    while var parcel = stages.decoded.pop() {
      try estimate.estimate(&parcel, &normalizer, stages)
      try apply.apply(&parcel, presenter)
      guard stages.enhanced.push(parcel) else { return }
    }
  }
}
