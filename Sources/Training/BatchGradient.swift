internal import Dispatch
internal import Enhancer
internal import Synchronization

/// The losses of a batch of pictures and their gradient, on several threads.
///
/// Each picture is computed by one thread into a gradient of its own, and these are added in the order of the batch:
/// the result is the same, bit for bit, whatever the number of threads.
package final class BatchGradient {
  package let layout: ParameterLayout
  package let width: Int, height: Int
  private let passes: [SamplePass]
  /// One row for each picture of the batch.
  private let gradients: UnsafeMutablePointer<Float>
  private let batch: Int

  package init(layout: ParameterLayout, batch: Int, width: Int, height: Int, weights: LossWeights, threads: Int) {
    self.layout = layout
    self.batch = batch
    self.width = width
    self.height = height
    passes = (0..<max(1, min(threads, batch))).map { _ in
      SamplePass(layout: layout, width: width, height: height, weights: weights)
    }
    gradients = .allocate(capacity: batch * layout.count)
    gradients.initialize(repeating: 0, count: batch * layout.count)
  }

  deinit { gradients.deallocate() }

  /// Mean losses of the batch; adds up the gradient of their weighted sum into `gradient`, unless that is nil.
  ///
  /// `fill` writes picture `index`, `3 × height × width` floats in [0, 1], and is called on any thread.
  package func run(
    _ parameters: [Float], gradient: inout [Float], fill: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void
  ) -> LossValues {
    let values = each(parameters, withGradient: true, fill: fill)
    let count = layout.count
    gradient.withUnsafeMutableBufferPointer { sum in
      sum.update(repeating: 0)
      for picture in 0..<batch {
        let part = gradients + picture * count
        for index in 0..<count { sum[index] += part[index] }
      }
    }
    return values
  }

  /// Mean losses of the batch only.
  package func losses(
    _ parameters: [Float], fill: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void
  ) -> LossValues {
    each(parameters, withGradient: false, fill: fill)
  }

  private func each(
    _ parameters: [Float], withGradient: Bool, fill: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void
  ) -> LossValues {
    let share = 1 / Double(batch)
    let results = Mutex([LossValues](repeating: LossValues(), count: batch))
    let next = Atomic(0)
    parameters.withUnsafeBufferPointer { parameters in
      // Safe: this call outlives the work, and each worker and each row is used by one thread at a time.
      nonisolated(unsafe) let (passes, gradients, parameters) = (passes, gradients, parameters.baseAddress!)
      let (batch, count, pixels) = (batch, layout.count, width * height)
      @Sendable func work(_ worker: Int) {
        let pass = passes[worker]
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * pixels) { picture in
          while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < batch else { return }
            fill(index, picture.baseAddress!)
            for channel in 0..<3 { pass.picture.load(picture.baseAddress! + channel * pixels, plane: channel) }
            let row = gradients + index * count
            row.update(repeating: 0, count: count)
            let values = pass.losses(parameters, share: share, gradient: withGradient ? row : nil)
            results.withLock { $0[index] = values }
          }
        }
      }
      if passes.count == 1 {
        work(0)
      } else {
        DispatchQueue.concurrentPerform(iterations: passes.count, execute: work)
      }
    }
    var mean = LossValues()
    for values in results.withLock({ $0 }) { mean.add(values, times: share) }
    return mean
  }
}
