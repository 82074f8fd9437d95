import CKernels
import Testing

@Suite struct ReferenceYUVTests {
  /// The reference rounds the exact value: at most half a code away, but for what single precision adds.
  @Test(arguments: YUVLayout.all)
  func roundsTheExactValue(_ layout: YUVLayout) {
    for width in [1, 2, 3, 17, 64, 127] {
      for shape in CurveShape.all {
        for content in YUVContent.allCases {
          for matrix in [limited709(layout.depth), full601(layout.depth)] {
            let scene = YUVScene(
              layout, width: width, shape: shape, content: content, maps: .random, placement: .atEnd)
            let output = scene.output(.atEnd)
            enhance(.plain, scene.input, into: output, curves: scene.curves, matrix: matrix)
            let exact = exactYUV(scene.input, curves: scene.curves, matrix: matrix)
            expectRounded(output, exact, "width \(width), \(shape), \(content)")
          }
        }
      }
    }
  }

  /// One exact half goes up: floor(x + 0.5).
  @Test(arguments: Table.all)
  func roundsHalvesUp(_ table: Table) {
    var generator = SeededGenerator(1)
    let layout = YUVLayout.grey(rows: 1)
    let input = YUVSamples(layout, width: 1, placement: .atEnd)
    input.fill { _, _ in 2 }
    let curve = CurveFixture(
      width: 1, shape: CurveShape(maps: 1, iterations: 1), content: .zero, t: 0, placement: .atEnd,
      generator: &generator)
    // Y = code / 4 = 0.5 adds 0.5 · 0.5 · 0.5 = 0.125 to each channel, half a code.
    for plane in curve.upper { plane.elements[0] = -0.5 }
    let matrix = zdk_matrix(
      y_offset: 0, y_scale: 0.25, c_offset: 0, c_scale: 1, r_cr: 1, g_cb: 0, g_cr: 0, b_cb: 1, kr: 0.25, kg: 0.5,
      kb: 0.25)
    enhance(table, input, into: input, curves: [curve], matrix: matrix)
    #expect(input[layout.y[0], 0] == 3)
  }
}
