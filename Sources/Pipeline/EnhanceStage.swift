/// Both steps of enhancement on one thread: what the first has read for a frame's thumbnail is then still near, and each
/// thread that is woken for a frame costs some. Bands of rows are shared with other threads anyway.
struct EnhanceStage: Stage {
  let estimate: EstimateStep
  let apply: ApplyStep

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
