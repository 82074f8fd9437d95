internal import Foundation
internal import Frames
internal import Pipeline

/// Says how far the work is: a line that renews itself on a terminal, a plain line now and then elsewhere.
final class Progress {
  private let console: Console
  private let name: String
  private let total: Int?
  private var nextUpdate: ContinuousClock.Instant
  private let interval: Duration

  init(_ console: Console, input: String, total: Int?) {
    self.console = console
    name = (redacted(input) as NSString).lastPathComponent
    self.total = total
    interval = console.isTerminal ? .milliseconds(200) : .seconds(5)
    nextUpdate = .now + interval
  }

  func update(_ frame: FrameReport) {
    guard console.showsProgress, ContinuousClock.now >= nextUpdate else { return }
    nextUpdate = .now + interval
    let done = frame.frame + 1
    var text = "\(name): frame \(done)"
    if let total, total >= done {
      let remaining = frame.fps > 0 ? Int((Double(total - done) / frame.fps).rounded(.up)) : 0
      text += "/\(total), \(100 * done / max(1, total)) %, \(String(format: "%.1f", frame.fps)) fps, ETA "
      text += String(format: "%d:%02d:%02d", remaining / 3600, remaining / 60 % 60, remaining % 60)
    } else {
      text += ", \(String(format: "%.1f", frame.fps)) fps"
    }
    if console.isTerminal { console.progress(text) } else { console.note(text) }
  }

  func finish() { console.endLine() }
}
