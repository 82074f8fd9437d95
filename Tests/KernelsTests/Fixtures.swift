import CKernels
import Foundation

/// A table of kernels by the mask that selects it.
struct Table: Sendable, CustomStringConvertible {
  let mask: UInt32

  var kernels: zdk_kernels { zdk_kernels_for(mask).pointee }
  var description: String { String(cString: kernels.name) }

  static let plain = Table(mask: 0)
  /// Every table that this processor can run, the reference included.
  static let all = [plain] + variants
  /// The tables to be held against the reference.
  static let variants = [UInt32(ZDK_CPU_AVX2), UInt32(ZDK_CPU_AVX512)]
    .filter { zdk_cpu_flags() & $0 != 0 }
    .map(Table.init(mask:))
}

/// Widths on both sides of every vector, tile and unrolled loop.
let oddSizes = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 65, 127, 511, 512, 513, 1023]

/// Where a guarded buffer stands in its pages.
enum Placement: CaseIterable, Sendable {
  /// Reading or writing before the first element faults.
  case atStart
  /// Reading or writing behind the last element faults.
  case atEnd
}

/// `count` elements flush with an inaccessible page on one side and a canary up to one on the other.
final class Guarded<Element: BitwiseCopyable> {
  let elements: UnsafeMutableBufferPointer<Element>
  private let mapping: UnsafeMutableRawBufferPointer
  private static var canary: UInt8 { 0xA5 }

  init(_ count: Int, _ placement: Placement) {
    let page = Int(getpagesize())
    let bytes = count * MemoryLayout<Element>.stride
    let pages = max(1, (bytes + page - 1) / page)
    guard
      let base = mmap(nil, (pages + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), base != MAP_FAILED,
      mprotect(base + page, pages * page, PROT_READ | PROT_WRITE) == 0
    else { fatalError("no memory: errno \(errno)") }
    mapping = UnsafeMutableRawBufferPointer(start: base, count: (pages + 2) * page)
    memset(base + page, Int32(Self.canary), pages * page)
    let first = placement == .atStart ? base + page : base + page + pages * page - bytes
    elements = UnsafeMutableBufferPointer(
      start: first.bindMemory(to: Element.self, capacity: count), count: count)
  }

  convenience init(_ values: [Element], _ placement: Placement) {
    self.init(values.count, placement)
    _ = elements.update(fromContentsOf: values)
  }

  deinit { munmap(mapping.baseAddress, mapping.count) }

  var array: [Element] { Array(elements) }
  var start: UnsafeMutablePointer<Element> {
    guard let start = elements.baseAddress else { fatalError("a guarded buffer has an address") }
    return start
  }

  /// Whether nothing was written to the accessible bytes outside `elements`.
  var isIntact: Bool {
    let page = Int(getpagesize())
    let used = UnsafeRawBufferPointer(elements)
    guard let base = mapping.baseAddress, let first = used.baseAddress else { return false }
    let end = first + used.count
    return Self.isCanary(base + page, first - UnsafeRawPointer(base + page))
      && Self.isCanary(end, UnsafeRawPointer(base + mapping.count - page) - end)
  }

  /// Whether all of `count` bytes are the canary: the first is, and each equals the one before.
  private static func isCanary(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
    count == 0
      || bytes.load(as: UInt8.self) == canary && memcmp(bytes, bytes + 1, count - 1) == 0
  }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float>) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}

/// The greatest difference of two rows; infinite where one of them has a value that is not finite.
func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
  precondition(a.count == b.count)
  return zip(a, b).reduce(0) { worst, pair in
    pair.0.isFinite && pair.1.isFinite ? max(worst, abs(pair.0 - pair.1)) : .infinity
  }
}
