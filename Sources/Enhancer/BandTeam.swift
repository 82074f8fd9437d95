internal import Foundation
internal import Synchronization

/// Threads that share the bands of a frame with the caller's.
///
/// To wake a thread takes about as long as a small frame. So while frames follow each other at once, those of the team
/// watch for the next one; otherwise they sleep. A frame never waits for a thread that has not begun on it.
///
/// `@unchecked Sendable`: `work` is written by the caller of `perform` alone, while no thread is in: before it opens the
/// seats, and after it has closed them and all have left. The threads read it in between.
final class BandTeam: @unchecked Sendable {
  /// What is to be done; told the number of the thread, 0 for the caller's.
  typealias Work = @Sendable (_ thread: Int) -> Void

  /// Seconds between two frames up to which they follow each other at once.
  private static let briskGap = Duration.microseconds(50)
  /// For how long the caller watches for threads to end their last bands, before it sleeps.
  private static let patience = Duration.microseconds(20)
  private static let open = 1, seat = 2

  private let helpers: Int
  private let condition = NSCondition()
  private var work: Work?
  /// Counts what was to be done.
  private let round = Atomic(0)
  /// `open` while there is work, and `seat` for each thread that is at it.
  private let seats = Atomic(0)
  private let sleepers = Atomic(0)
  private let isCallerAsleep = Atomic(false)
  private let isBrisk = Atomic(false)
  private let isDismissed = Atomic(false)
  /// Of the caller alone.
  private var hasStarted = false
  private var latestEnd: ContinuousClock.Instant?

  /// - Parameter threads: the caller's included.
  init(threads: Int) { helpers = threads - 1 }

  /// Does `work` on the calling thread, and on those of the others that come in time; returns when all have ended. For one
  /// caller at a time.
  func perform(_ work: Work) {
    start()
    isBrisk.store(latestEnd.map { .now - $0 < Self.briskGap } ?? false, ordering: .relaxed)
    withoutActuallyEscaping(work) { work in
      self.work = work
      seats.store(Self.open, ordering: .releasing)
      round.wrappingAdd(1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { condition.change {} }
      work(0)
      seats.wrappingSubtract(Self.open, ordering: .sequentiallyConsistent)
      waitForHelpers()
      self.work = nil
    }
    latestEnd = .now
  }

  /// Ends the threads; nothing may be performed any more.
  func dismiss() {
    isDismissed.store(true, ordering: .sequentiallyConsistent)
    condition.change {}
  }

  private func start() {
    guard !hasStarted else { return }
    hasStarted = true
    for number in 1..<helpers + 1 {
      let thread = Thread { [self] in help(number) }
      thread.name = "bands"
      thread.start()
    }
  }

  private func waitForHelpers() {
    var isAtWork: Bool { seats.load(ordering: .sequentiallyConsistent) > 0 }
    guard isAtWork else { return }
    let end = ContinuousClock.now + Self.patience
    while isAtWork, .now < end {}
    guard isAtWork else { return }
    isCallerAsleep.store(true, ordering: .sequentiallyConsistent)
    condition.lock()
    while isAtWork { condition.wait() }
    condition.unlock()
    isCallerAsleep.store(false, ordering: .relaxed)
  }

  // MARK: The others

  private func help(_ number: Int) {
    var seen = 0
    while true {
      wait(after: seen)
      if isDismissed.load(ordering: .sequentiallyConsistent) { return }
      seen = round.load(ordering: .sequentiallyConsistent)
      guard takeSeat() else { continue }
      takePart(number)
      let left = seats.wrappingSubtract(Self.seat, ordering: .sequentiallyConsistent).newValue
      if left == 0, isCallerAsleep.load(ordering: .sequentiallyConsistent) { condition.change {} }
    }
  }

  /// A call of its own, so that the work is let go of when it returns, and not later: its caller may be gone by then.
  @inline(never)
  private func takePart(_ number: Int) { work?(number) }

  /// Waits for a round after the one with this number, or the end.
  private func wait(after seen: Int) {
    var isIdle: Bool {
      round.load(ordering: .sequentiallyConsistent) == seen && !isDismissed.load(ordering: .sequentiallyConsistent)
    }
    if isBrisk.load(ordering: .relaxed) {
      let end = ContinuousClock.now + Self.briskGap
      while isIdle, .now < end {}
    }
    guard isIdle else { return }
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    condition.lock()
    while isIdle { condition.wait() }
    condition.unlock()
    sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
  }

  /// False where the work is over.
  private func takeSeat() -> Bool {
    var known = seats.load(ordering: .acquiring)
    while known & Self.open != 0 {
      let (isTaken, original) = seats.compareExchange(
        expected: known, desired: known + Self.seat, ordering: .acquiringAndReleasing)
      if isTaken { return true }
      known = original
    }
    return false
  }
}
