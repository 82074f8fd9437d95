internal import Foundation
internal import Frames

/// Hands elements from one thread to another, at most `capacity` at a time: a fast producer waits for its consumer, until
/// half of the elements are taken, lest the two wake each other for every one.
///
/// `@unchecked Sendable`: all state is touched under `condition`'s lock.
final class BoundedQueue<Element: Sendable>: Handover, @unchecked Sendable {
  private let condition = NSCondition()
  private let capacity: Int
  private var elements: [Element] = []
  /// The producer has nothing more.
  private var isFinished = false
  /// The consumer wants nothing more.
  private var isClosed = false

  init(capacity: Int) {
    precondition(capacity > 0)
    self.capacity = capacity
    elements.reserveCapacity(capacity)
  }

  /// Waits for room; false if the consumer has closed the queue, and then the element is dropped.
  func push(_ element: Element) -> Bool {
    condition.change {
      if elements.count == capacity {
        while elements.count > capacity / 2 && !isClosed { condition.wait() }
      }
      return append(element)
    }
  }

  /// Never waits; false if there is no room, or the consumer has closed the queue, and then the element is dropped.
  func offer(_ element: Element) -> Bool {
    condition.change { elements.count < capacity && append(element) }
  }

  private func append(_ element: Element) -> Bool {
    guard !isClosed else { return false }
    elements.append(element)
    return true
  }

  /// Waits for an element; nil once the producer has finished and everything was taken, or the queue was closed.
  func pop() -> Element? {
    condition.lock()
    while elements.isEmpty && !isFinished && !isClosed { condition.wait() }
    let element = elements.isEmpty ? nil : elements.removeFirst()
    let isHalfEmpty = elements.count == capacity / 2
    condition.unlock()
    if isHalfEmpty { condition.broadcast() }
    return element
  }

  /// For the producer: nothing more will come.
  func finish() { condition.change { isFinished = true } }

  /// For the consumer: nothing more is wanted, and what waits is dropped.
  func close() {
    condition.change {
      isClosed = true
      elements.removeAll()
    }
  }
}
