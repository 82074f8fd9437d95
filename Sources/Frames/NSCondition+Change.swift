package import Foundation

extension NSCondition {
  /// Does what others may wait for, with the lock held, and wakes them when it is free: those who are woken before that
  /// only go to sleep again, for the lock.
  package func change<Result>(_ body: () -> Result) -> Result {
    lock()
    defer {
      unlock()
      broadcast()
    }
    return body()
  }
}
