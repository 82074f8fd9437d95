import CKernels
import Testing

/// What tells tiles that changed from those that did not.
@Suite struct TileTests {
  /// Runs `fingerprint` on a row of tiles from `plane` on, for the first time.
  private static func fingerprint(
    _ table: Table, _ plane: UnsafePointer<UInt8>, stride: Int, rows: Int, bytes: Int, prints: Guarded<UInt64>,
    waits: Guarded<UInt8>, rest: [UInt8]? = nil, settled: [UInt8]? = nil, tilesOfGroup: Int = 1, isFirst: Bool = false,
    luma: [UInt8]? = nil
  ) -> (states: [UInt8], groups: [UInt8], isActive: Bool, repeats: Int, isIntact: Bool) {
    let tiles = prints.array.count
    let states = Guarded<UInt8>(tiles, .atEnd)
    let rest = Guarded(rest ?? [UInt8](repeating: 0, count: tiles), .atEnd)
    let settled = Guarded(settled ?? [UInt8](repeating: 0, count: tiles), .atStart)
    var row = zdk_print_row()
    row.plane = plane
    row.stride = stride
    (row.rows, row.bytes, row.tiles) = (rows, bytes, tiles)
    (row.prints, row.waits, row.states) = (prints.start, waits.start, states.start)
    row.rest = UnsafePointer(rest.start)
    row.patience = 20
    row.settled = UnsafePointer(settled.start)
    let groups = Guarded<UInt8>((tiles + tilesOfGroup - 1) / tilesOfGroup, .atEnd)
    (row.groups, row.tiles_of_group) = (groups.start, tilesOfGroup)
    row.is_first = isFirst ? 1 : 0
    let luma = luma.map { Guarded($0, .atEnd) }
    row.luma = luma.map { UnsafePointer($0.start) }
    table.kernels.fingerprint(&row)
    return (
      states.array, groups.array, row.is_active == 1, row.repeats,
      groups.isIntact && states.isIntact && rest.isIntact && settled.isIntact && prints.isIntact && waits.isIntact
    )
  }

  /// The same of a plane and of one that differs in single bytes; returns the states and prints of both, and whether
  /// nothing else was touched.
  private static func fingerprint(
    _ table: Table, bytes: Int, rows: Int, tiles: Int, isBottomUp: Bool, seed: Int
  ) -> (states: [[UInt8]], prints: [[UInt64]], changed: Set<Int>, isIntact: Bool) {
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
    let prints = Guarded((0..<tiles).map { UInt64($0) }, .atStart)
    let waits = Guarded([UInt8](repeating: 0, count: tiles), .atEnd)
    let start = isBottomUp ? stride * (rows - 1) : 0, step = isBottomUp ? -stride : stride
    var results: (states: [[UInt8]], prints: [[UInt64]]) = ([], [])
    var isIntact = true
    for plane in planes {
      let result = fingerprint(
        table, plane.start + start, stride: step, rows: rows, bytes: bytes, prints: prints, waits: waits)
      results.states.append(result.states)
      results.prints.append(prints.array)
      #expect(result.repeats == result.states.count { $0 != ZDK_NEW })
      isIntact = isIntact && result.isIntact && plane.isIntact
    }
    isIntact = isIntact && planes[0].array == first && planes[1].array == second
    return (results.states, results.prints, changed, isIntact)
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
          #expect(result.states[0].allSatisfy { $0 == ZDK_NEW })
          #expect(result.states[1] == (0..<tiles).map { UInt8(result.changed.contains($0) ? ZDK_NEW : ZDK_WAITING) })
        }
      }
    }
  }

  /// One tile of 32 by 8 bytes in memory whose ends are guarded, given another content from call to call; the states that
  /// it is found in.
  private static func states(
    _ table: Table, of contents: [[UInt8]], rest: UInt8 = 0, settled: UInt8 = 0
  ) -> [UInt8] {
    let prints = Guarded<UInt64>([0], .atEnd), waits = Guarded<UInt8>([0], .atEnd)
    return contents.map { content in
      let plane = Guarded(content, .atEnd)
      let result = fingerprint(
        table, plane.start, stride: 32, rows: 8, bytes: 32, prints: prints, waits: waits, rest: [rest],
        settled: [settled])
      #expect(result.isIntact)
      return result.states[0]
    }
  }

  /// Changes of many rows in one column of samples, as of an edge that reaches a tile, do not cancel out.
  @Test(arguments: [0, 1, 30, 31])
  func columnsCount(_ column: Int) {
    var generator = SeededGenerator(column)
    var tile = [UInt8](repeating: 40, count: 256)
    var contents = [tile]
    while contents.count < 5000 {
      for row in 0..<8 { tile[32 * row + column] = UInt8.random(in: 40...46, using: &generator) }
      if tile != contents.last { contents.append(tile) }
    }
    #expect(Self.states(.plain, of: contents).allSatisfy { $0 == ZDK_NEW })
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
    let states = Self.states(table, of: [tile, scrolled, tile, swapped, tile, mirrored])
    #expect(states.allSatisfy { $0 == ZDK_NEW })
  }

  /// A tile that repeats is worked on in one frame of two while it is restless, in one of three when it has come to rest,
  /// and no more when it has settled; what has waited is made up for, also where something new comes.
  @Test(arguments: Table.all)
  func whatBecomesOfATile(_ table: Table) {
    let one = [UInt8](repeating: 1, count: 256), two = [UInt8](repeating: 2, count: 256)
    let contents = [one, one, two, two, two, one, one, one, one, two, two]
    func expect(_ rest: UInt8, _ settled: UInt8, _ expected: [Int]) {
      #expect(Self.states(table, of: contents, rest: rest, settled: settled).map(Int.init) == expected)
    }
    let (new, again, spared, waiting) = (Int(ZDK_NEW), Int(ZDK_REPEATED), Int(ZDK_SPARED), Int(ZDK_WAITING))
    expect(19, 0, [new, waiting, new + 1, waiting, again + 1, new, waiting, again + 1, waiting, new + 1, waiting])
    expect(20, 0, [new, waiting, new + 1, waiting, waiting, new + 2, waiting, waiting, again + 2, new, waiting])
    expect(20, 1, [new, spared, new, spared, spared, new, spared, spared, spared, new, spared])
  }

  /// Of two tiles that are worked on together, the one that is more work decides, and what has settled is not taken to have
  /// done so for both.
  @Test(arguments: Table.all)
  func tilesOfAGroupAreTakenTogether(_ table: Table) {
    let plane = Guarded([UInt8](repeating: 5, count: 16 * 4 * 7), .atEnd)
    let prints = Guarded<UInt64>([UInt64](repeating: 0, count: 7), .atEnd)
    let waits = Guarded<UInt8>([1, 2, 1, 1, 0, 0, 2], .atStart)
    let settled: [UInt8] = [0, 0, 0, 1, 1, 1, 0]
    func find(isFirst: Bool = false, rest: UInt8 = 30) -> (states: [UInt8], groups: [UInt8], isActive: Bool) {
      let result = Self.fingerprint(
        table, plane.start, stride: 16 * 7, rows: 4, bytes: 16, prints: prints, waits: waits,
        rest: [UInt8](repeating: rest, count: 7), settled: settled, tilesOfGroup: 2, isFirst: isFirst)
      #expect(result.isIntact)
      return (result.states, result.groups, result.isActive)
    }
    let (new, again, waiting, spared) = (UInt8(ZDK_NEW), UInt8(ZDK_REPEATED), UInt8(ZDK_WAITING), UInt8(ZDK_SPARED))
    // All of them differ from what was there before, if anything was.
    #expect(
      find() == ([new + 1, new + 1, new + 1, new + 1, new, new, new + 2], [new + 1, new + 1, new, new + 2], true))
    #expect(waits.array.allSatisfy { $0 == 0 })
    for (place, frames) in [1, 2, 1, 1, 0, 0, 1].enumerated() { waits.start[place] = UInt8(frames) }
    let mixed = [again + 2, again + 2, waiting, waiting, spared, spared, waiting]
    #expect(find() == (mixed, [again + 2, waiting, spared, waiting], true))
    #expect(waits.array == [0, 0, 2, 2, 0, 0, 2])
    #expect(find(isFirst: true) == ([UInt8](repeating: new, count: 7), [UInt8](repeating: new, count: 4), true))
    // Nothing is to be done where all wait, but what has moved is to come to rest.
    for place in 0..<7 { waits.start[place] = 0 }
    #expect(find().isActive == false)
    #expect(find(rest: 19).isActive)
    // Colour does not wait where luma is new.
    for place in 0..<7 { waits.start[place] = place == 2 ? 1 : 0 }
    let result = Self.fingerprint(
      table, plane.start, stride: 16 * 7, rows: 4, bytes: 16, prints: prints, waits: waits,
      rest: [UInt8](repeating: 30, count: 7), settled: settled, luma: [0, waiting, 2, 0, 0, again, again + 2])
    #expect(result.states == [again, waiting, again + 1, spared, spared, spared, waiting])
  }

  private struct Settled: Equatable {
    var sums: [Int32], calm: [UInt8], settled: [UInt8], rest: [UInt8]
    var isIntact: Bool
  }

  private static func settle(
    _ table: Table, tiles: Int, columns: Int, drift: (Int) -> Int16, unrest: (Int) -> UInt16, sum: (Int) -> Int32,
    rest: (Int) -> UInt8, state: (Int) -> UInt8
  ) -> Settled {
    let groups = (tiles * columns + 31) / 32
    let drift = Guarded((0..<tiles * columns).map(drift), .atEnd)
    let unrest = Guarded((0..<groups).map(unrest), .atEnd)
    let sums = Guarded((0..<tiles * columns / Int(ZDK_DRIFT_COLUMNS)).map(sum), .atStart)
    let levels = Guarded((0..<tiles).map { UInt8($0 % Int(ZDK_DENOISE_LEVELS)) }, .atEnd)
    let rest = Guarded((0..<tiles).map(rest), .atEnd)
    let calm = Guarded<UInt8>(tiles, .atStart), settled = Guarded<UInt8>(tiles, .atEnd)
    let states = Guarded((0..<tiles).map(state), .atEnd)
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
    row.states = UnsafePointer(states.start)
    row.settled_change = (100, 150, 200, 150, 250, 400, -1, 0)
    row.calm = calm.start
    row.settled = settled.start
    table.kernels.settle(&row)
    return Settled(
      sums: sums.array, calm: calm.array, settled: settled.array, rest: rest.array,
      isIntact: [
        drift.isIntact, unrest.isIntact, sums.isIntact, rest.isIntact, calm.isIntact, settled.isIntact, states.isIntact,
      ].allSatisfy { $0 })
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
            rest: { _ in UInt8.random(in: 15...255, using: &generator) },
            state: { _ in UInt8.random(in: 0..<UInt8(ZDK_STATES), using: &generator) })
        }
        #expect(results[0] == results[1] && results[1].isIntact, "\(tiles) tiles, up to \(largest)")
      }
    }
  }

  /// Calm takes patience, rest and little drift; settled no change of a column either, and more for what is repeated, but
  /// not for what waits.
  @Test(arguments: Table.all)
  func whatIsCalm(_ table: Table) {
    let states = [0, 0, 0, 0, 0, 2, Int(ZDK_REPEATED) + 2, Int(ZDK_WAITING), Int(ZDK_SPARED), Int(ZDK_WAITING)]
    let result = Self.settle(
      table, tiles: 10, columns: 32,
      drift: { x in x == 64 ? 120 : x / 32 == 3 ? 30 : x == 160 ? 180 : x == 192 ? 320 : 0 },
      unrest: { $0 == 1 ? 3001 : 0 }, sum: { $0 / 8 == 3 ? 2450 : 0 }, rest: { $0 == 4 || $0 == 9 ? 10 : 100 },
      state: { UInt8(states[$0]) })
    // Tile 1 moves, a column of tile 2 changes, tile 3 drifts too far, tile 4 has moved lately, and so has tile 9, which
    // waits.
    #expect(result.calm == [1, 0, 1, 0, 0, 1, 1, 1, 1, 1])
    #expect(result.settled == [1, 0, 0, 1, 0, 1, 1, 0, 1, 0])
    #expect(result.rest == [101, 0, 101, 101, 11, 101, 101, 101, 101, 11])
  }
}
