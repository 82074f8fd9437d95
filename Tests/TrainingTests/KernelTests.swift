import CKernels
import Testing

@testable import Training

/// Every vector variant against the plain reference, on sizes that fill no vector, without touching the border.
struct TrainingKernelTests {
  static let masks = [UInt32(ZDK_CPU_AVX2), UInt32.max]

  @Test(arguments: masks, [(1, 1), (7, 5), (16, 3), (33, 4), (96, 2)])
  func sameAsPlain(mask: UInt32, size: (Int, Int)) {
    let (width, height) = size
    let (plain, fast) = (TrainingKernels(mask: 0).training.pointee, TrainingKernels(mask: mask).training.pointee)
    let (w, h) = (Int32(width), Int32(height))
    let input = FeaturePlanes(
      planes: 1, width: width, height: height, values: randomValues(width * height, seed: 1))
    let outer = FeaturePlanes(
      planes: 1, width: width, height: height, values: randomValues(width * height, seed: 2))
    func near(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($0)) } }

    var (a, b) = ([Float](repeating: 0, count: 10), [Float](repeating: 0, count: 10))
    plain.depthwise3x3_gradient(&a, input.plane(0), outer.plane(0), input.stride, w, h)
    fast.depthwise3x3_gradient(&b, input.plane(0), outer.plane(0), input.stride, w, h)
    #expect(near(a, b))
    #expect(abs(plain.sum(input.plane(0), input.cells) - fast.sum(input.plane(0), input.cells)) <= 1e-4)

    /// The whole allocation of a plane, borders included, after an operation.
    func after(_ body: (FeaturePlanes) -> Void) -> [Float] {
      let planes = FeaturePlanes(planes: 1, width: width, height: height, values: input.values)
      body(planes)
      return Array(UnsafeBufferPointer(start: planes.plane(0) - planes.stride, count: planes.planeStride))
    }
    for floor in [0, -Float.infinity] {
      #expect(
        near(
          after { plain.bias($0.plane(0), $0.stride, w, h, 0.3, floor) },
          after { fast.bias($0.plane(0), $0.stride, w, h, 0.3, floor) }))
    }
    #expect(
      near(
        after { plain.relu_gradient($0.plane(0), input.plane(0), outer.plane(0), $0.cells) },
        after { fast.relu_gradient($0.plane(0), input.plane(0), outer.plane(0), $0.cells) }))
    #expect(
      near(
        after { plain.tanh_gradient($0.plane(0), outer.plane(0), $0.cells) },
        after { fast.tanh_gradient($0.plane(0), outer.plane(0), $0.cells) }))
    var sums = ([0.0, 0.0], [0.0, 0.0])
    #expect(
      near(
        after { plain.smoothness(&sums.0, $0.plane(0), outer.plane(0), $0.stride, w, h, 0.5, 0.25) },
        after { fast.smoothness(&sums.1, $0.plane(0), outer.plane(0), $0.stride, w, h, 0.5, 0.25) }))
    #expect(zip(sums.0, sums.1).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, $0) })
  }
}
