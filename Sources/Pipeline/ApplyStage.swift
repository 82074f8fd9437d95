internal import Enhancer
internal import Frames

/// Applies each frame's curve map, over bands of rows in parallel.
struct ApplyStage: Stage {
  let enhancer: Enhancer
  let comparison: Comparison

  func run(_ stages: Stages) throws(PipelineError) {
    let comparator = Comparator(comparison)
    while var parcel = stages.estimated.pop() {
      if let frame = parcel.frame {
        do throws(EnhancerError) {
          if let decision = parcel.decision {
            parcel.frame = try timed(&parcel.times.apply) { () throws(EnhancerError) in
              try enhancer.apply(decision.map, to: frame)
            }
          }
        } catch {
          throw .enhancer(error)
        }
        do throws(FFmpegError) {
          parcel.frame = try comparator.compose(frame, parcel.frame!)
        } catch {
          throw .conversion(error)
        }
      }
      guard stages.enhanced.push(parcel) else { return }
    }
  }
}
