internal import Enhancer
internal import Frames

/// Makes of each frame what the output shows, over bands of rows in parallel.
struct ApplyStage: Stage {
  let enhancer: Enhancer
  let job: Job
  /// How the container asks for the pictures to be turned.
  let displayMatrix: [Int32]?

  func run(_ stages: Stages) throws(PipelineError) {
    let presenter = try makePresenter()
    try stages.relay(from: stages.estimated, to: stages.enhanced) { (parcel) throws(PipelineError) in
      try apply(&parcel, presenter)
    }
  }

  func makePresenter() throws(PipelineError) -> Presenter {
    try Presenter(enhancer, job: job, displayMatrix: displayMatrix)
  }

  /// Does its part of the work on one frame.
  func apply(_ parcel: inout Parcel, _ presenter: Presenter) throws(PipelineError) {
    guard let frame = parcel.frame else { return }
    let result = try timed(&parcel.times.apply) { () throws(PipelineError) in
      try presenter.present(frame, parcel.decision)
    }
    parcel.frame = try presenter.compare(frame, with: result)
  }
}
