import CKernels
import Testing

/// What tells tiles that changed from those that did not.
@Suite struct TileTests {
  /// Runs `alike` on planes that differ in single bytes; returns the marks, and whether nothing else was touched.
  private static func alike(
    _ table: Table, bytes: Int, rows: Int, tiles: Int, isBottomUp: Bool, seed: Int
  ) -> (marks: [UInt8], isIntact: Bool) {
    var generator = SeededGenerator(seed)
    let stride = bytes * tiles
    let first = (0..<stride * rows).map { _ in UInt8.random(in: 0...3, using: &generator) }
    var second = first
    for _ in 0..<tiles / 3 { second[Int.random(in: second.indices, using: &generator)] ^= 1 }
    let a = Guarded(first, .atEnd), b = Guarded(second, .atStart)
    let marks = Guarded((0..<tiles).map { _ in UInt8.random(in: 0...1, using: &generator) }, .atEnd)
    let start = isBottomUp ? stride * (rows - 1) : 0, step = isBottomUp ? -stride : stride
    table.kernels.alike(marks.start, a.start + start, step, b.start + start, step, rows, bytes, tiles)
    return (marks.array, marks.isIntact && a.isIntact && b.isIntact && a.array == first && b.array == second)
  }

  @Test(arguments: Table.all, [16, 32, 64])
  func findsEveryByte(_ table: Table, _ bytes: Int) {
    for tiles in [1, 2, 7, 31, 60] {
      for rows in [1, 3, 8] {
        for isBottomUp in [false, true] {
          let seed = tiles + rows
          let result = Self.alike(table, bytes: bytes, rows: rows, tiles: tiles, isBottomUp: isBottomUp, seed: seed)
          let expected = Self.alike(.plain, bytes: bytes, rows: rows, tiles: tiles, isBottomUp: isBottomUp, seed: seed)
          #expect(result.marks == expected.marks && result.isIntact, "\(tiles) tiles of \(rows) rows")
        }
      }
    }
  }

  @Test(arguments: Table.all)
  func oneByteCounts(_ table: Table) {
    for place in 0..<64 {
      var bytes = [UInt8](repeating: 7, count: 64)
      let a = Guarded(bytes, .atEnd)
      bytes[place] = 8
      let b = Guarded(bytes, .atEnd), marks = Guarded<UInt8>([1, 1], .atEnd)
      table.kernels.alike(marks.start, a.start, 64, b.start, 64, 1, 32, 2)
      #expect(marks.array == (place < 32 ? [0, 1] : [1, 0]))
    }
  }

  private struct Settled: Equatable {
    var sums: [Int32], calm: [UInt8], settled: [UInt8], rest: [UInt8]
    var isIntact: Bool
  }

  private static func settle(
    _ table: Table, tiles: Int, columns: Int, drift: (Int) -> Int16, unrest: (Int) -> UInt16, sum: (Int) -> Int32,
    rest: (Int) -> UInt8
  ) -> Settled {
    let groups = (tiles * columns + 31) / 32
    let drift = Guarded((0..<tiles * columns).map(drift), .atEnd)
    let unrest = Guarded((0..<groups).map(unrest), .atEnd)
    let sums = Guarded((0..<tiles * columns / Int(ZDK_DRIFT_COLUMNS)).map(sum), .atStart)
    let levels = Guarded((0..<tiles).map { UInt8($0 % Int(ZDK_DENOISE_LEVELS)) }, .atEnd)
    let rest = Guarded((0..<tiles).map(rest), .atEnd)
    let calm = Guarded<UInt8>(tiles, .atStart), settled = Guarded<UInt8>(tiles, .atEnd)
    var row = zdk_settle_row()
    row.drift = UnsafePointer(drift.start)
    row.unrest = UnsafePointer(unrest.start)
    row.tiles = tiles
    row.columns = columns
    row.sums = sums.start
    row.levels = UnsafePointer(levels.start)
    withUnsafeMutableBytes(of: &row.unseen) { bytes in
      for level in 0..<Int(ZDK_DENOISE_LEVELS) {
        bytes.storeBytes(of: Int32(1000 + 500 * level), toByteOffset: 4 * level, as: Int32.self)
      }
    }
    row.restful = 3000
    row.rest = rest.start
    row.patience = 20
    row.settled_change = 100
    row.calm = calm.start
    row.settled = settled.start
    table.kernels.settle(&row)
    return Settled(
      sums: sums.array, calm: calm.array, settled: settled.array, rest: rest.array,
      isIntact: [drift.isIntact, unrest.isIntact, sums.isIntact, rest.isIntact, calm.isIntact, settled.isIntact]
        .allSatisfy { $0 })
  }

  @Test(arguments: Table.variants, [16, 32])
  func settlesAsTheReference(_ table: Table, _ columns: Int) {
    for tiles in [1, 2, 5, 16, 33] {
      for largest in [20, 200, 32767] as [Int16] {
        let results = [Table.plain, table].map { table in
          var generator = SeededGenerator(tiles)
          return Self.settle(
            table, tiles: tiles, columns: columns,
            drift: { _ in Int16.random(in: -largest...largest, using: &generator) },
            unrest: { _ in UInt16.random(in: 0...4000, using: &generator) },
            sum: { _ in Int32.random(in: -1200...1200, using: &generator) },
            rest: { _ in UInt8.random(in: 15...255, using: &generator) })
        }
        #expect(results[0] == results[1] && results[1].isIntact, "\(tiles) tiles, up to \(largest)")
      }
    }
  }

  /// Calm takes patience, rest and little drift; settled no change of a column either.
  @Test(arguments: Table.all)
  func whatIsCalm(_ table: Table) {
    let result = Self.settle(
      table, tiles: 5, columns: 32,
      drift: { x in x == 64 ? 120 : x / 32 == 3 ? 30 : 0 }, unrest: { $0 == 1 ? 3001 : 0 },
      sum: { $0 / 8 == 3 ? 2450 : 0 }, rest: { $0 == 4 ? 10 : 100 })
    // Tile 1 moves, a column of tile 2 changes, tile 3 drifts too far, tile 4 has moved lately.
    #expect(result.calm == [1, 0, 1, 0, 0])
    #expect(result.settled == [1, 0, 0, 1, 0])
    #expect(result.rest == [101, 0, 101, 101, 11])
  }
}
