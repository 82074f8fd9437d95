internal import CKernels
internal import Foundation
internal import Frames

/// Goes down a band of one channel with a window of eleven rows; the scratch of one worker.
final class SimilarityRows {
  /// Sums over samples, and over the places of the window.
  struct Sums: Sendable {
    var absolute = 0.0
    var squared = 0.0
    var similarity = 0.0

    mutating func add(_ other: Sums) {
      absolute += other.absolute
      squared += other.squared
      similarity += other.similarity
    }
  }

  /// Rows and columns of the window.
  static let taps = Int(ZDK_SSIM_TAPS)
  /// (0.01 · 255)² and (0.03 · 255)², from Wang et al. 2004.
  private static let c1: Float = 6.5025, c2: Float = 58.5225

  /// Gaussian weights of sigma 1.5, five to either side, summing to 1.
  private static let weights: [Float] = {
    let raw = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
    let sum = raw.reduce(0, +)
    return raw.map { Float($0 / sum) }
  }()

  private let kernels: UnsafePointer<zdk_kernels>
  /// Eleven rows of either picture, then four rows of sums; each of `stride` floats.
  private var storage = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  private var stride = 0
  private let rowsA = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(capacity: taps)
  private let rowsB = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(capacity: taps)

  init(kernels: UnsafePointer<zdk_kernels>) { self.kernels = kernels }

  deinit {
    storage.deallocate()
    rowsA.deallocate()
    rowsB.deallocate()
  }

  /// Sums over the samples of `rows`, and over the windows that begin in them.
  func measure(_ pair: FramePair, channel: Int, rows: Range<Int>) -> Sums {
    prepare(width: pair.width)
    let base = storage.baseAddress!
    let columns = base + 2 * Self.taps * stride
    let places = pair.width - Self.taps + 1
    var sums = Sums()
    var differences = [0.0, 0.0]
    for y in rows.lowerBound..<min(rows.upperBound + Self.taps - 1, pair.height) {
      let a = base + y % Self.taps * stride
      let b = a + Self.taps * stride
      pair.read(pair.a, y: y, channel: channel, into: a)
      pair.read(pair.b, y: y, channel: channel, into: b)
      if y < rows.upperBound {
        kernels.pointee.difference(&differences, a, b, pair.width)
      }
      let top = y - Self.taps + 1
      guard top >= rows.lowerBound, places > 0 else { continue }
      for tap in 0..<Self.taps {
        rowsA[tap] = UnsafePointer(base + (top + tap) % Self.taps * stride)
        rowsB[tap] = rowsA[tap]! + Self.taps * stride
      }
      kernels.pointee.ssim_columns(columns, stride, rowsA, rowsB, Self.weights, pair.width)
      sums.similarity += kernels.pointee.ssim_row(
        columns, stride, Self.weights, 127.5, Self.c1, Self.c2, places)
    }
    (sums.absolute, sums.squared) = (differences[0], differences[1])
    return sums
  }

  private func prepare(width: Int) {
    let wanted = (width + 15) & ~15
    guard wanted != stride else { return }
    storage.deallocate()
    storage = .allocate(capacity: (2 * Self.taps + 4) * wanted)
    storage.initialize(repeating: 0)
    stride = wanted
  }
}
