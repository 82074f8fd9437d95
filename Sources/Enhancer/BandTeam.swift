internal import Foundation
internal import Synchronization

/// Threads that share the bands of a frame with the caller's.
///
/// To wake a thread takes about as long as a small frame. So while frames follow each other at once, those of the team
/// watch for the next one; otherwise they sleep. Frames that leave plenty of time between them are the caller's alone. A
/// frame never waits for a thread that has not begun on it.
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
  /// The share of the time from frame to frame up to which the work of all threads is left to the caller; and how much that
  /// may be, since frames are waited for.
  private static let smallShare = 0.125, smallWork = Duration.milliseconds(5)
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
  private var frameBegin: ContinuousClock.Instant?, latestEnd: ContinuousClock.Instant?
  /// Whether the work of the frame is offered to the others.
  private var isShared = true
  /// Nanoseconds that all threads have spent on the frame.
  private let spent = Atomic(0)

  /// - Parameter threads: the caller's included.
  init(threads: Int) { helpers = threads - 1 }

  /// Begins a frame, of which all that is performed until the next one is a part.
  func beginFrame() {
    let now = ContinuousClock.now
    if let frameBegin {
      let work = Duration.nanoseconds(spent.load(ordering: .relaxed))
      isShared = work > min((now - frameBegin) * Self.smallShare, Self.smallWork)
    }
    spent.store(0, ordering: .relaxed)
    frameBegin = now
  }

  /// Does `work` on the calling thread, and on those of the others that come in time; returns when all have ended. For one
  /// caller at a time.
  func perform(_ work: Work) {
    if let latestEnd { isBrisk.store(.now - latestEnd < Self.briskGap, ordering: .relaxed) }
    if isShared { share(work) } else { timed { work(0) } }
    latestEnd = .now
  }

  private func timed(_ work: () -> Void) {
    let begin = ContinuousClock.now
    work()
    let passed = (ContinuousClock.now - begin).components
    spent.wrappingAdd(Int(passed.seconds) * 1_000_000_000 + Int(passed.attoseconds / 1_000_000_000), ordering: .relaxed)
  }

  private func share(_ work: Work) {
    start()
    withoutActuallyEscaping(work) { work in
      self.work = work
      seats.store(Self.open, ordering: .releasing)
      round.wrappingAdd(1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { condition.change {} }
      timed { work(0) }
      seats.wrappingSubtract(Self.open, ordering: .sequentiallyConsistent)
      waitForHelpers()
      self.work = nil
    }
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
    Self.yieldToOthers()
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

  /// Linux's `SCHED_BATCH`, which Glibc hides.
  private static let schedBatch: Int32 = 3

  /// Has a thread that wakes take a processor that is idle, and not one from a thread at work: that one may well be what
  /// the next frame waits for. Whoever runs the process by another policy is right.
  private static func yieldToOthers() {
    var policy: Int32 = 0
    var parameters = sched_param()
    guard pthread_getschedparam(pthread_self(), &policy, &parameters) == 0, policy == SCHED_OTHER else { return }
    _ = pthread_setschedparam(pthread_self(), schedBatch, &parameters)
  }

  /// A call of its own, so that the work is let go of when it returns, and not later: its caller may be gone by then.
  @inline(never)
  private func takePart(_ number: Int) { timed { work?(number) } }

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
