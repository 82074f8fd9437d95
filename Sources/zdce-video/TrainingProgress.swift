internal import Foundation
internal import Training

/// Says how far training is: a line that renews itself on a terminal, and one line for each validation.
final class TrainingProgress {
  private let console: Console
  private let total: Int
  private let start: Int
  private let began = ContinuousClock.now
  private var nextUpdate = ContinuousClock.now

  init(_ console: Console, total: Int, done: Int) {
    (self.console, self.total, start) = (console, total, done)
  }

  func update(_ progress: Trainer.Progress) {
    guard console.showsProgress, console.isTerminal, ContinuousClock.now >= nextUpdate else { return }
    nextUpdate = .now + .milliseconds(200)
    console.progress("step \(progress.step)/\(total), loss \(format(progress.total, 4)), \(pace(at: progress.step))")
  }

  func note(_ result: ValidationResult, at step: Int) {
    let restored = result.restored.map { format($0, 2) }.joined(separator: " / ")
    console.note(
      "step \(step)/\(total): validation \(format(result.total, 4)) (spatial \(format(result.losses.spatial, 4)), "
        + "exposure \(format(result.losses.exposure, 4)), colour \(format(result.losses.colour, 4)), "
        + "smoothness \(format(result.losses.smoothness, 6))); restored from 2 / 4 / 6 stops: \(restored) dB; "
        + "daylight \(format(result.daylight.original, 3)) becomes \(format(result.daylight.enhanced, 3)); "
        + pace(at: step))
  }

  private func pace(at step: Int) -> String {
    let elapsed = ContinuousClock.now - began
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let rate = Double(step - start) / max(seconds, 1e-3)
    let left = Int((Double(total - step) / max(rate, 1e-3)).rounded(.up))
    return "\(format(rate, 1)) steps/s, ETA "
      + String(format: "%d:%02d:%02d", left / 3600, left / 60 % 60, left % 60)
  }

  private func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
