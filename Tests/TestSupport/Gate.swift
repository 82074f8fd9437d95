import Foundation

/// Lets a limited number of tasks through at a time, first come, first served, without blocking a thread.
public actor Gate {
  /// One place for each core: the tests of all suites start their processes through it.
  public static let processes = Gate(width: max(2, ProcessInfo.processInfo.activeProcessorCount))

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// A gate for `width` tasks at a time.
  public init(width: Int) {
    precondition(width > 0)
    free = width
  }

  /// Runs `body` as soon as there is a place.
  public nonisolated func pass<T: Sendable>(_ body: @Sendable () async throws -> T) async rethrows -> T {
    await enter()
    do {
      let value = try await body()
      await leave()
      return value
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
