import CKernels
import Testing

/// What tells tiles that changed from those that did not.
@Suite struct TileTests {
  /// Runs `fingerprint` on a plane and on one that differs in single bytes; returns the marks and prints of both, and
  /// whether nothing else was touched.
  private static func fingerprint(
    _ table: Table, bytes: Int, rows: Int, tiles: Int, isBottomUp: Bool, seed: Int
  ) -> (marks: [[UInt8]], prints: [[UInt64]], changed: Set<Int>, isIntact: Bool) {
    var generator = SeededGenerator(seed)
    let stride = bytes * tiles
    let first = (0..<stride * rows).map { _ in UInt8.random(in: 0...255, using: &generator) }
    var second = first
    var changed: Set<Int> = []
    for _ in 0..<tiles / 3 {
      let place = Int.random(in: second.indices, using: &generator)
      second[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      if second[place] != first[place] { changed.insert(place % stride / bytes) }
    }
    let planes = [Guarded(first, .atEnd), Guarded(second, .atStart)]
    let prints = Guarded((0..<tiles).map { UInt64($0) }, .atStart), marks = Guarded<UInt8>(tiles, .atEnd)
    let start = isBottomUp ? stride * (rows - 1) : 0, step = isBottomUp ? -stride : stride
    var results: (marks: [[UInt8]], prints: [[UInt64]]) = ([], [])
    for plane in planes {
      table.kernels.fingerprint(prints.start, marks.start, plane.start + start, step, rows, bytes, tiles)
      results.marks.append(marks.array)
      results.prints.append(prints.array)
    }
    let isIntact =
      marks.isIntact && prints.isIntact && planes.allSatisfy(\.isIntact) && planes[0].array == first
      && planes[1].array == second
    return (results.marks, results.prints, changed, isIntact)
  }

  @Test(arguments: Table.all, [16, 32, 64])
  func findsEveryBit(_ table: Table, _ bytes: Int) {
    for tiles in [1, 2, 7, 31, 60] {
      for rows in [1, 3, 8] {
        for isBottomUp in [false, true] {
          let result = Self.fingerprint(
            table, bytes: bytes, rows: rows, tiles: tiles, isBottomUp: isBottomUp, seed: tiles + rows)
          let expected = Self.fingerprint(
            .plain, bytes: bytes, rows: rows, tiles: tiles, isBottomUp: isBottomUp, seed: tiles + rows)
          #expect(result.isIntact && result.prints == expected.prints, "\(tiles) tiles of \(rows) rows")
          #expect(result.marks[0].allSatisfy { $0 == 0 })
          #expect(result.marks[1] == (0..<tiles).map { result.changed.contains($0) ? 0 : 1 })
        }
      }
    }
  }

  /// Changes of many rows in one column of samples, as of an edge that reaches a tile, do not cancel out.
  @Test(arguments: [0, 1, 30, 31])
  func columnsCount(_ column: Int) {
    var generator = SeededGenerator(column)
    let prints = Guarded<UInt64>([0], .atEnd), mark = Guarded<UInt8>([0], .atEnd)
    var tile = [UInt8](repeating: 40, count: 256)
    for _ in 0..<20_000 {
      let before = tile
      for row in 0..<8 { tile[32 * row + column] = UInt8.random(in: 40...46, using: &generator) }
      guard tile != before else { continue }
      tile.withUnsafeBufferPointer {
        Table.plain.kernels.fingerprint(prints.start, mark.start, $0.baseAddress!, 32, 8, 32, 1)
      }
      #expect(mark.array == [0])
    }
  }

  /// What scrolls, swaps rows or exchanges columns is another tile.
  @Test(arguments: Table.all)
  func orderCounts(_ table: Table) {
    var generator = SeededGenerator(3)
    let tile = (0..<256).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let scrolled = Array(tile[32...] + tile[..<32])
    let rows = (0..<8).map { Array(tile[32 * $0..<32 * $0 + 32]) }
    let swapped = [0, 2, 1, 3, 4, 5, 6, 7].flatMap { rows[$0] }
    let mirrored = rows.flatMap { $0.reversed() }
    let prints = Guarded<UInt64>([0], .atEnd), mark = Guarded<UInt8>([0], .atEnd)
    for other in [scrolled, swapped, mirrored] {
      for content in [tile, other] {
        let plane = Guarded(content, .atEnd)
        table.kernels.fingerprint(prints.start, mark.start, plane.start, 32, 8, 32, 1)
        #expect(mark.array == [0])
      }
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
