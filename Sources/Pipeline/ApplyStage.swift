internal import Enhancer
internal import Frames

/// Makes of each frame what the output shows, over bands of rows in parallel.
struct ApplyStage: Stage {
  let enhancer: Enhancer
  let job: Job
  /// How the container asks for the pictures to be turned.
  let displayMatrix: [Int32]?

  func run(_ stages: Stages) throws(PipelineError) {
    let presenter = try Presenter(enhancer, job: job, displayMatrix: displayMatrix)
    while var parcel = stages.estimated.pop() {
      if let frame = parcel.frame {
        let result = try timed(&parcel.times.apply) { () throws(PipelineError) in
          try presenter.present(frame, parcel.decision)
        }
        parcel.frame = try presenter.compare(frame, with: result)
      }
      guard stages.enhanced.push(parcel) else { return }
    }
  }
}
