import Foundation
import Synchronization
import Testing

@testable import Enhancer

@Suite struct BandTeamTests {
  /// Whatever the pauses between rounds, and however short the work: all of it is done, once, and before `perform` returns.
  @Test(arguments: [1, 2, 4, 7])
  func allIsDoneOnce(_ threads: Int) {
    let team = BandTeam(threads: threads)
    defer { team.dismiss() }
    let parts = 24
    let done = UnsafeMutablePointer<Int>.allocate(capacity: parts)
    defer { done.deallocate() }
    done.initialize(repeating: 0, count: parts)
    nonisolated(unsafe) let counts = done
    let rounds = 3000
    for round in 1...rounds {
      let next = Atomic(0)
      team.perform { _ in
        while true {
          let part = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard part < parts else { return }
          counts[part] += 1
        }
      }
      let isComplete = (0..<parts).allSatisfy { done[$0] == round }
      #expect(isComplete, "round \(round)")
      if !isComplete { return }
      if round % 100 == 0 { usleep(300) }
    }
  }

  /// Each thread has a number of its own, and those that come in time share the work.
  @Test func othersTakePart() {
    let team = BandTeam(threads: 3)
    defer { team.dismiss() }
    let most = Atomic(0)
    let present = Atomic(0)
    let numbers = Mutex(Set<Int>())
    for _ in 0..<20 {
      team.perform { number in
        let count = present.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        _ = most.max(count, ordering: .sequentiallyConsistent)
        numbers.withLock { _ = $0.insert(number) }
        usleep(5000)
        present.wrappingSubtract(1, ordering: .sequentiallyConsistent)
      }
      #expect(present.load(ordering: .sequentiallyConsistent) == 0)
    }
    #expect(most.load(ordering: .sequentiallyConsistent) > 1)
    #expect(numbers.withLock { $0 }.isSubset(of: [0, 1, 2]))
  }

  /// Frames that leave plenty of time between them wake nobody, whatever was before; those that do not are shared.
  @Test(arguments: [2, 8])
  func leavesSmallWorkToTheCaller(_ threads: Int) {
    let team = BandTeam(threads: threads)
    defer { team.dismiss() }
    let others = Atomic(0)
    /// Short work does not sleep: on a busy machine each sleep may last for milliseconds, and the work is short no more.
    @Sendable func work(_ microseconds: UInt32) {
      guard microseconds <= 100 else { return _ = usleep(microseconds) }
      let end = ContinuousClock.now + .microseconds(Int(microseconds))
      while .now < end {}
    }
    /// In how many of some frames others took part.
    func frames(_ count: Int, parts: [UInt32], pause: UInt32) -> Int {
      var shared = 0
      for _ in 0..<count {
        team.beginFrame()
        others.store(0, ordering: .sequentiallyConsistent)
        for part in parts {
          let left = Atomic(8)
          team.perform { number in
            while left.wrappingSubtract(1, ordering: .relaxed).newValue >= 0 {
              if number > 0 { others.store(1, ordering: .sequentiallyConsistent) }
              work(part / 8)
            }
          }
        }
        shared += others.load(ordering: .sequentiallyConsistent)
        usleep(pause)
      }
      return shared
    }
    // On a busy machine a frame may last longer than it has work.
    #expect(frames(20, parts: [800, 400], pause: 40000) < 10)
    #expect(frames(20, parts: [8000], pause: 40000) > 10, "more than may be waited for")
    #expect(frames(20, parts: [800, 400], pause: 40000) < 10)
    #expect(frames(20, parts: [2000, 2000], pause: 50) > 10)
  }

  /// Its threads end with it, from sleep as from watching.
  @Test(arguments: [0, 3000] as [UInt32])
  func isGoneWhenDismissed(_ pause: UInt32) {
    weak var left: BandTeam?
    do {
      let team = BandTeam(threads: 4)
      left = team
      for _ in 0..<50 { team.perform { _ in } }
      usleep(pause)
      team.dismiss()
    }
    let end = ContinuousClock.now + .seconds(5)
    while left != nil, .now < end { usleep(1000) }
    #expect(left == nil)
  }
}
