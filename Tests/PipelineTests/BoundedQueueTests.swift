import Foundation
import Testing

@testable import Pipeline

@Suite struct BoundedQueueTests {
  @Test func elementsArriveInOrderAndBounded() async {
    let queue = BoundedQueue<Int>(capacity: 2)
    let producer = Thread {
      for element in 0..<1000 { _ = queue.push(element) }
      queue.finish()
    }
    producer.start()
    var received: [Int] = []
    while let element = queue.pop() { received.append(element) }
    #expect(received == Array(0..<1000))
    #expect(queue.pop() == nil)
  }

  /// A consumer that gives up releases a producer that waits for room.
  @Test func closingReleasesTheProducer() async {
    let queue = BoundedQueue<Int>(capacity: 1)
    let ended = DispatchSemaphore(value: 0)
    Thread {
      var pushed = 0
      while queue.push(pushed) { pushed += 1 }
      ended.signal()
    }.start()
    _ = queue.pop()
    queue.close()
    #expect(Self.wait(ended) == .success)
    #expect(!queue.push(7) && queue.pop() == nil)
  }

  private static func wait(_ semaphore: DispatchSemaphore) -> DispatchTimeoutResult {
    semaphore.wait(timeout: .now() + 10)
  }

  @Test func finishingLetsTheRestOut() {
    let queue = BoundedQueue<Int>(capacity: 3)
    _ = queue.push(1)
    _ = queue.push(2)
    queue.finish()
    #expect(queue.pop() == 1 && queue.pop() == 2 && queue.pop() == nil)
  }
}
