import CKernels
import Testing

@Suite struct GrainTests {
  /// Grain, change and level of each block, and whether nothing else was written.
  private static func measure(
    _ table: Table, width: Int, row: (Int) -> UInt16, before: ((Int) -> UInt16)?
  ) -> (grain: [UInt16], change: [UInt16], level: [UInt16], isIntact: Bool) {
    let blocks = width / Int(ZDK_GRAIN_BLOCK)
    let grain = Guarded<UInt16>(blocks, .atEnd), change = Guarded<UInt16>(blocks, .atEnd)
    let level = Guarded<UInt16>(blocks, .atStart)
    let samples = Guarded((-1...width).map(row), .atEnd)
    let old = before.map { before in Guarded((0..<width).map(before), .atEnd) }
    table.kernels.grain(
      grain.start, change.start, level.start, UnsafePointer(samples.start + 1), old.map { UnsafePointer($0.start) },
      width)
    return (
      grain.array, change.array, level.array, grain.isIntact && change.isIntact && level.isIntact && samples.isIntact
    )
  }

  @Test(arguments: Table.variants)
  func equalsTheReference(_ table: Table) {
    for width in oddSizes {
      for isCompared in [false, true] {
        let results = [Table.plain, table].map { table in
          var generator = SeededGenerator(width)
          let old = (0..<width).map { _ in UInt16.random(in: 0...32767, using: &generator) }
          return Self.measure(
            table, width: width, row: { _ in UInt16.random(in: 0...32767, using: &generator) },
            before: isCompared ? { old[$0] } : nil)
        }
        #expect(results[0].grain == results[1].grain && results[0].level == results[1].level, "width \(width)")
        #expect(results[0].change == results[1].change, "width \(width)")
        #expect(results[1].isIntact)
      }
    }
  }

  /// Noise is rough and changes; texture only rough, what moves without texture only changes, a slope neither.
  @Test(arguments: Table.all)
  func tellsNoiseFromTextureAndMotion(_ table: Table) {
    func grain(_ row: (Int) -> UInt16, _ before: @escaping (Int) -> UInt16) -> UInt16 {
      Self.measure(table, width: 64, row: row, before: before).grain.max()!
    }
    func stripes(_ x: Int) -> UInt16 { x % 2 == 0 ? 3000 : 3400 }
    #expect(grain(stripes, stripes) == 0)
    #expect(grain({ _ in 3000 }, { _ in 3400 }) == 0)
    #expect(grain({ 3000 + UInt16($0 + 1) * 8 }, { _ in 0 }) == 0)
    #expect(grain(stripes) { stripes($0 + 1) } == 400)
    let result = Self.measure(table, width: 40, row: { $0 < 16 ? 3000 : 5000 }, before: nil)
    #expect(result.level == [3000, 5000])
    #expect(result.change == [0, 0])
    #expect(Self.measure(table, width: 20, row: { _ in 3000 }, before: { _ in 3400 }).change == [400])
  }
}
