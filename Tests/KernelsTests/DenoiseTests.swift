import CKernels
import Testing

/// Guarded rows with their history, as calls of the denoiser see them.
private final class DenoiseFixture {
  let width: Int, height: Int
  /// Whether neighbours are those of a wide pass.
  var isWide = false
  let history: Guarded<UInt16>
  let recent: Guarded<UInt16>
  /// Sums of changes, and greatest shares of motion.
  let drift: Guarded<Int16>, unrest: Guarded<UInt16>
  private let scratch: Guarded<UInt16>
  /// `width` in whole groups, and these.
  private let count: Int, groups: Int

  /// `history` and `recent` give the samples before the first frame.
  init(width: Int, height: Int = 1, history: () -> UInt16, recent: () -> UInt16) {
    (self.width, self.height) = (width, height)
    groups = (width + Int(ZDK_DENOISE_GROUP) - 1) / Int(ZDK_DENOISE_GROUP)
    count = groups * Int(ZDK_DENOISE_GROUP)
    self.history = Guarded((0..<count * height).map { _ in history() }, .atStart)
    self.recent = Guarded((0..<groups * height).map { _ in recent() }, .atEnd)
    // What is not worked on keeps this.
    drift = Guarded([Int16](repeating: 77, count: count), .atEnd)
    unrest = Guarded([UInt16](repeating: 77, count: groups), .atStart)
    scratch = Guarded([UInt16](repeating: 0, count: 3 * count), .atEnd)
  }

  /// Denoises rows, each with four about it, made of `sample`, given the place in the row. Returns whether no call wrote
  /// where it must not.
  func denoise(
    _ table: Table, reach: (_ level: Int) -> UInt8, rate: UInt16, motion: [UInt16]? = nil, states: [UInt8]? = nil,
    sparse: Bool = false, sample: (Int) -> UInt16
  ) -> Bool {
    run(
      table, reach: reach, rate: rate, motion: motion, states: states, sparse: sparse, narrow: false, sample: sample)
  }

  /// The same of rows of 8-bit codes.
  func denoiseNarrow(
    _ table: Table, reach: (_ level: Int) -> UInt8, rate: UInt16, motion: [UInt16]? = nil, states: [UInt8]? = nil,
    sparse: Bool = false, code: (Int) -> UInt8
  ) -> Bool {
    run(table, reach: reach, rate: rate, motion: motion, states: states, sparse: sparse, narrow: true, sample: code)
  }

  private func run<Sample: BitwiseCopyable>(
    _ table: Table, reach: (_ level: Int) -> UInt8, rate: UInt16, motion: [UInt16]?, states: [UInt8]?, sparse: Bool,
    narrow: Bool, sample: (Int) -> Sample
  ) -> Bool {
    let rows = (0..<5 * height).map { Guarded((0..<width).map(sample), $0 % 2 == 0 ? .atEnd : .atStart) }
    let starts = rows.map { UnsafeRawPointer($0.start) as UnsafeRawPointer? }
    let states = states.map { Guarded($0, .atStart) }
    let motion = motion.map { Guarded($0, .atEnd) }
    var call = zdk_denoise_rows()
    call.narrow = narrow ? 1 : 0
    call.height = Int32(height)
    (call.near, call.far) = isWide ? (2, 6) : (1, 3)
    (call.history, call.history_stride) = (history.start, count)
    (call.recent, call.recent_stride) = (recent.start, groups)
    call.scratch = scratch.start
    call.count = Int32(width)
    withUnsafeMutableBytes(of: &call.reach) { bytes in for level in bytes.indices { bytes[level] = reach(level) } }
    (call.motion, call.motion_stride) = (motion.map { UnsafePointer($0.start) }, groups)
    call.still = 768
    call.range = 1536
    call.rates = (rate, 8000, 13107, 4000, 9000, 19661)
    call.sparse = sparse ? 1 : 0
    call.states = states.map { UnsafePointer($0.start) }
    call.drift = drift.start
    call.unrest = unrest.start
    starts.withUnsafeBufferPointer {
      call.rows = $0.baseAddress
      table.kernels.denoise(&call)
    }
    return rows.allSatisfy(\.isIntact) && history.isIntact && recent.isIntact && drift.isIntact && unrest.isIntact
      && scratch.isIntact
  }
}

@Suite struct DenoiseTests {
  /// What the luma of a place shows to have moved is taken from the new frame in chroma, too.
  @Test(arguments: Table.all)
  func followsMotionFromElsewhere(_ table: Table) {
    let fixture = DenoiseFixture(width: 128, history: { 4000 }, recent: { 0 })
    let isIntact = fixture.denoise(table, reach: { _ in 6 }, rate: 1000, motion: [0, 32767, 0, 0]) { _ in 4100 }
    #expect(isIntact)
    for x in 0..<fixture.width {
      let isMoving = x / Int(ZDK_DENOISE_GROUP) == 1
      #expect(abs(Int(fixture.history.elements[x]) - (isMoving ? 4100 : 4003)) <= 1, "at \(x)")
    }
  }

  /// What is spared or waits stays, what is repeated is followed sooner, and the changes of a call are told.
  @Test(arguments: Table.all)
  func takesGroupsForWhatTheyAre(_ table: Table) {
    let fixture = DenoiseFixture(width: 192, history: { 4000 }, recent: { 0 })
    var before: [UInt16] = []
    for _ in 0..<2 {
      before = fixture.history.array
      let states = [0, Int(ZDK_SPARED), 1, Int(ZDK_REPEATED) + 2, Int(ZDK_WAITING), 2].map { UInt8($0) }
      let isIntact = fixture.denoise(table, reach: { _ in 6 }, rate: 2000, states: states) { _ in 4100 }
      #expect(isIntact)
    }
    for x in 0..<fixture.width {
      let expected = [4012, 4000, 4043, 4084, 4000, 4064][x / Int(ZDK_DENOISE_GROUP)]
      #expect(abs(Int(fixture.history.elements[x]) - expected) <= 1, "at \(x)")
      let change = expected == 4000 ? 77 : Int(fixture.history.elements[x]) - Int(before[x])
      #expect(Int(fixture.drift.elements[x]) == change, "at \(x)")
    }
    #expect(fixture.unrest.array == [0, 77, 0, 0, 77, 0])
  }

  /// Rows of a call have a history and a memory of motion each, and their changes add up.
  @Test(arguments: Table.all)
  func rowsAreDenoisedByThemselves(_ table: Table) {
    let fixture = DenoiseFixture(width: 70, height: 3, history: { 4000 }, recent: { 0 })
    var row = -1
    let isIntact = fixture.denoise(table, reach: { _ in 0 }, rate: 16384) { x in
      if x == 0 { row += 1 }
      // Five rows make one: the second moves, the third changes a little.
      return row / 5 == 0 ? 4000 : row / 5 == 1 ? 9000 : 4100
    }
    #expect(isIntact)
    #expect(fixture.history.array.prefix(96).allSatisfy { $0 == 4000 })
    #expect(fixture.history.array.dropFirst(96).prefix(96).allSatisfy { $0 >= 8900 })
    #expect(fixture.history.array.suffix(96).allSatisfy { abs(Int($0) - 4050) <= 1 })
    #expect(fixture.recent.array == [0, 0, 0, 20512, 20512, 20512, 0, 0, 0])
    #expect(fixture.drift.array.allSatisfy { abs(Int($0) - 4972) <= 2 })
  }

  /// Bytes are denoised as the fine samples that they stand for, in every place of a row and whatever its states.
  @Test(arguments: Table.all)
  func bytesAreFineSamples(_ table: Table) {
    for width in oddSizes + [192, 224, 320] {
      for noise in [3, 40, 255] as [UInt8] {
        for sparse in [false, true] {
          let results = [false, true].map { narrow in
            var generator = SeededGenerator(width + Int(noise))
            let fixture = DenoiseFixture(
              width: width, height: 2, history: { UInt16.random(in: 0...UInt16(noise), using: &generator) << 7 },
              recent: { UInt16.random(in: 0...32767, using: &generator) })
            let states = fixture.unrest.array.map { _ in UInt8.random(in: 0..<UInt8(ZDK_STATES), using: &generator) }
            let reach: (Int) -> UInt8 = { UInt8($0 == 3 ? 63 : ($0 * 7 + 5) % 64) }
            func code(_ place: Int) -> UInt8 { UInt8.random(in: 0...noise, using: &generator) }
            let isIntact =
              narrow
              ? fixture.denoiseNarrow(table, reach: reach, rate: 3000, states: states, sparse: sparse, code: code)
              : fixture.denoise(table, reach: reach, rate: 3000, states: states, sparse: sparse) {
                UInt16(code($0)) << 7
              }
            #expect(isIntact)
            return fixture.history.array + fixture.recent.array + fixture.unrest.array
              + fixture.drift.array.map(UInt16.init(bitPattern:))
          }
          #expect(results[0] == results[1], "width \(width), noise \(noise), sparse \(sparse)")
        }
      }
    }
  }

  @Test(arguments: Table.variants)
  func equalsTheReference(_ table: Table) {
    for width in oddSizes {
      for noise in [300, 2000, 32767] as [UInt16] {
        for rate in [0, 4915, 32767] as [UInt16] {
          let results = [Table.plain, table].map { table in
            var generator = SeededGenerator(width)
            let fixture = DenoiseFixture(
              width: width, height: width % 3 + 1, history: { UInt16.random(in: 0...noise, using: &generator) },
              recent: { UInt16.random(in: 0...32767, using: &generator) })
            fixture.isWide = width % 4 == 3
            let motion: [UInt16]? =
              noise == 300 ? nil : fixture.recent.array.map { _ in UInt16.random(in: 0...32767, using: &generator) }
            let reach: (Int) -> UInt8 = { UInt8(($0 * 71 + 6) % 64) }
            let states: [UInt8]? =
              rate == 0
              ? nil : fixture.unrest.array.map { _ in UInt8.random(in: 0..<UInt8(ZDK_STATES), using: &generator) }
            let isIntact = fixture.denoise(
              table, reach: reach, rate: rate, motion: motion, states: states, sparse: width % 2 == 0
            ) { _ in
              UInt16.random(in: 0...noise, using: &generator)
            }
            #expect(isIntact)
            return fixture.history.array + fixture.recent.array + fixture.unrest.array
              + fixture.drift.array.map(UInt16.init(bitPattern:))
          }
          #expect(results[0] == results[1], "width \(width), noise \(noise), rate \(rate)")
        }
      }
    }
  }

  /// Of four neighbours, those on the right places count.
  @Test(arguments: Table.all)
  func looksAtFourNeighbours(_ table: Table) {
    // Place and row of a sample that stands out by 500, against the share of it that reaches sample 64.
    let places = [(1, -3, true), (1, 3, false), (2, 1, true), (2, -1, false), (3, -1, true), (4, 3, true)]
    for (row, place, counts) in places {
      let fixture = DenoiseFixture(width: 128, history: { 0 }, recent: { 0 })
      var number = 0
      let isIntact = fixture.denoise(table, reach: { _ in 63 }, rate: 32767, sparse: true) { x in
        if x == 0 { number += 1 }
        return 4000 + (number - 1 == row && x == 64 + place ? 500 : 0)
      }
      #expect(isIntact)
      #expect(abs(Int(fixture.history.elements[64]) - (counts ? 4100 : 4000)) <= 1, "row \(row), column \(place)")
    }
  }

  @Test(arguments: Table.all)
  func averagesNoiseAndKeepsEdges(_ table: Table) {
    var generator = SeededGenerator(5)
    let fixture = DenoiseFixture(width: 256, history: { 0 }, recent: { 0 })
    // A dark and a bright half, each with noise of a code and a half.
    func level(_ x: Int) -> Int { x < 128 ? 2560 : 12800 }
    for frame in 1...40 {
      let rate = UInt16(32767 / min(frame, 7))
      let isIntact = fixture.denoise(table, reach: { _ in 6 }, rate: rate) { x in
        UInt16(level(x) + Int.random(in: -192...192, using: &generator))
      }
      #expect(isIntact)
    }
    for x in 0..<fixture.width {
      #expect(abs(Int(fixture.history.elements[x]) - level(x)) < 64, "at \(x): \(fixture.history.elements[x])")
    }
  }
}
