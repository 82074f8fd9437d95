internal import CKernels
internal import Frames

/// Finds the tiles of a picture that look as they did one frame before, so that what was made of them serves again.
///
/// Fixed cameras show what they showed, and codecs repeat it bit by bit. A tile of a component is *still* if its samples
/// are those of the frame before and its history has settled: it need not be denoised; and not in every frame while it
/// repeats but has yet to settle. A tile of the picture is *held* if what was denoised has drifted since its result was
/// made by less than can be seen, and its curves likewise: it keeps that result. Drift adds up, so slow changes come
/// through.
///
/// `@unchecked Sendable`: between `begin` and `end`, the bands that work on it at a time are different rows of tiles.
final class StillTiles: @unchecked Sendable {
  /// Size of a tile in luma samples; rows divide those of a band, and hold whole groups of rows that share chroma.
  static let columns = Int(ZDK_DENOISE_GROUP), rows = 8

  /// What may change unseen: levels of 255 in the mean of a block of the result.
  private static let unseenLevels: Float = 1.5
  /// Mean distance of a tile's column from its history up to which that has settled, in fine steps: a quarter of a code.
  private static let settledSteps: Float = 32
  /// Frames from one look at a tile's brightness to the next, unless fewer make it calm.
  private static let levelFrames = 4
  /// What is left of the trail of something that has moved when a tile counts as calm again: e to the minus this.
  private static let fadedTrail: Float = 1.5

  /// One component's tiles, row by row.
  private struct Component {
    /// Size of a tile in its own samples; rows that the component has in all.
    let columns: Int, rows: Int, height: Int
    let groupsPerRow: Int
    /// For each tile, and for each group of each row of tiles: what the denoiser is to take it for.
    let states: UnsafeMutablePointer<UInt8>, groups: UnsafeMutablePointer<UInt8>
    /// For each row of tiles: 1 where there is anything to be denoised or to come to rest, else 0.
    let activity: UnsafeMutablePointer<UInt8>
    /// For each tile: whether its history has settled; whether nothing in it has moved or drifted.
    let settled: UnsafeMutablePointer<UInt8>, calm: UnsafeMutablePointer<UInt8>
    /// For each tile: frames since something moved; frames for which it waits.
    let rest: UnsafeMutablePointer<UInt8>, waits: UnsafeMutablePointer<UInt8>
    /// For each block of each tile: the sum of what its samples have changed since the tile's result was made.
    let drift: UnsafeMutablePointer<Int32>
    /// For each tile: the fingerprint of its samples.
    let prints: UnsafeMutablePointer<UInt64>

    /// Blocks of columns of a tile.
    var blocks: Int { columns / Int(ZDK_DRIFT_COLUMNS) }

    /// At once, since this is for many tiles of a frame.
    func clearDrift(_ tile: Int) {
      let start = UnsafeMutableRawPointer(drift + tile * blocks)
      if blocks == 8 {
        start.storeBytes(of: SIMD8<Int32>(), as: SIMD8<Int32>.self)
      } else {
        start.storeBytes(of: SIMD4<Int32>(), as: SIMD4<Int32>.self)
      }
    }

    /// Samples of a block.
    var blockSize: Float { Float(Int(ZDK_DRIFT_COLUMNS) * rows) }
  }

  private struct Shape: Equatable {
    var groups: [FineSource.Group]
    var format: PixelFormat
    var geometry: MapGeometry
    var curves: Int
  }

  /// A frame on its way.
  private struct Picture {
    let result: VideoFrame
    let places: ComponentPlaces
    let map: CurveMap
    let color: ColorDescription
    let isInterlaced: Bool
  }

  private let kernels: Kernels
  private var shape: Shape?
  private var tilesPerRow = 0, tileRows = 0
  private var components = UnsafeMutableBufferPointer<Component>(start: nil, count: 0)
  private var marks = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  private var sums = UnsafeMutableBufferPointer<Int32>(start: nil, count: 0)
  private var prints = UnsafeMutableBufferPointer<UInt64>(start: nil, count: 0)
  /// The number of the frame in which a tile's result was made.
  private var made = UnsafeMutableBufferPointer<Int32>(start: nil, count: 0)
  /// For each tile: its brightness, as a level of the denoiser's; whether its curves are others than those that its
  /// result was made with; what becomes of its result.
  private var levels = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  private var outdated = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  private var held = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  /// For each row of tiles, the least that is held of it, and whether there are columns behind the last tile.
  private var leastHeld = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
  private var hasRemainder = false

  /// The frame before and the present one.
  private var before: Picture?, present: Picture?
  /// For each component, what the rows of its tiles have in common; valid while the present frame is worked on.
  private var printRows = UnsafeMutableBufferPointer<zdk_print_row>(start: nil, count: 0)
  /// The number of the present frame.
  private var number: Int32 = 0
  /// For memory that results were written to, the number of the last frame that was.
  private var numbers: [UnsafeMutablePointer<UInt8>: Int32] = [:]
  /// The number of the frame that the present result's memory holds; -1 if unknown.
  private var heldNumber: Int32 = -1

  /// What results were made with, as far as can be seen.
  private var shown = ShownCurves()
  /// Frames at rest that make a tile calm.
  private var patience: UInt8 = 0
  /// What the rows of tiles of a frame have in common.
  private var lumaRow = zdk_settle_row(), colorRow = zdk_settle_row()
  private var isAveraging = false

  init(kernels: Kernels) { self.kernels = kernels }

  deinit { deallocate() }

  /// Prepares for a frame.
  /// - Parameters:
  ///   - result: what it becomes; keeps what its memory holds where that serves.
  ///   - denoiser: what is about to denoise it. If it averages nothing, only what is the same to the last bit is held.
  /// - Returns: Whether there are tiles: formats whose components lie in planes of their own have.
  func begin(
    _ source: FineSource, into result: VideoFrame, map: CurveMap, axes: MapAxes, denoiser: Denoiser
  ) -> Bool {
    guard case .native(let frame, let layout) = source.picture, let tone = map.tone, layout.model != .rgb,
      layout.components.allSatisfy({ $0.step == 1 })
    else {
      forget()
      return false
    }
    let shape = Shape(groups: source.groups, format: frame.format, geometry: map.geometry, curves: 3 * map.maps)
    if shape != self.shape { reserve(shape, axes) }
    // After years of frames.
    if number == .max {
      forget()
      number = 0
    }
    // A history that begins anew knows nothing of what was shown.
    if let before,
      denoiser.isBeginning || before.map.tone?.scene != tone.scene || before.color != frame.color
        || before.isInterlaced != frame.isInterlaced
    {
      forget()
    }
    present = Picture(
      result: result, places: ComponentPlaces(result, layout), map: map, color: frame.color,
      isInterlaced: frame.isInterlaced)
    let shares = denoiser.shares
    patience = UInt8(min(Self.fadedTrail * 32768 / Float(shares.0), 255))
    point(to: frame, layout)
    (lumaRow.restful, colorRow.restful) = denoiser.restlessShare
    lumaRow.set(patience, shares, settledSteps: Self.settledSteps * Float(Self.rows))
    colorRow.set(patience, shares, settledSteps: Self.settledSteps * Float(components.last!.rows))
    isAveraging = denoiser.amount > 0
    number += 1
    heldNumber = numbers.removeValue(forKey: result.plane(0)) ?? -1
    if numbers.count > 16 { numbers = [:] }
    numbers[result.plane(0)] = number
    if before?.map !== map {
      if before == nil {
        shown.begin(map, tone)
      } else {
        shown.compare(map, tone, outdated)
      }
      setUnseenDrift(tone, denoiser.amount)
    } else {
      outdated.update(repeating: 0)
    }
    return true
  }

  /// Ends a frame.
  func end() {
    before = present
    present = nil
  }

  /// Forgets the frame before.
  func forget() {
    (before, present) = (nil, nil)
    numbers = [:]
  }

  // MARK: Still

  /// Finds the tiles of picture rows `rows` that are still.
  func find(_ rows: Range<Int>) {
    for tileRow in Self.tileRows(rows) {
      for index in components.indices { find(index, tileRow) }
    }
  }

  /// Prepares what the rows of tiles of a frame have in common.
  private func point(to frame: VideoFrame, _ layout: PixelLayout) {
    for (index, component) in components.enumerated() {
      let plane = layout.components[index].plane
      var row = zdk_print_row()
      row.plane = UnsafePointer(frame.plane(plane))
      row.stride = frame.stride(ofPlane: plane)
      row.bytes = component.columns * layout.bytesPerSample
      row.tiles = tilesPerRow
      row.patience = Int32(patience)
      row.tiles_of_group = Self.columns / component.columns
      row.is_first = before == nil ? 1 : 0
      printRows[index] = row
    }
  }

  private func find(_ index: Int, _ tileRow: Int) {
    let component = components[index]
    let first = tileRow * tilesPerRow, count = tilesPerRow
    let top = tileRow * component.rows
    var row = printRows[index]
    if row.is_first == 1 {
      for marks in [component.settled, component.calm, component.rest] {
        (marks + first).update(repeating: 0, count: count)
      }
    }
    row.plane += top * row.stride
    row.rows = max(min(component.rows, component.height - top), 0)
    row.prints = component.prints + first
    row.waits = component.waits + first
    row.rest = UnsafePointer(component.rest + first)
    row.settled = UnsafePointer(component.settled + first)
    row.luma = index == 0 ? nil : UnsafePointer(components[0].states + first)
    row.states = component.states + first
    row.groups = component.groups + tileRow * component.groupsPerRow
    kernels.table.pointee.fingerprint(&row)
    component.activity[tileRow] = hasRemainder || row.is_active == 1 ? 1 : 0
    guard hasRemainder, count % row.tiles_of_group == 1 else { return }
    // Such a group is a tile and a part of one, which is always new.
    (row.states[count - 1], row.groups[count / row.tiles_of_group]) = (UInt8(ZDK_NEW), UInt8(ZDK_NEW))
    row.waits[count - 1] = 0
  }

  /// Whether anything in a component's row `y` is to be denoised, or to come to rest.
  func isActive(_ y: Int, component index: Int) -> Bool {
    let component = components[index]
    return component.activity[y / component.rows] == 1
  }

  /// For each group of a component's row `y` what the denoiser is to take it for.
  func states(_ y: Int, component: Int) -> UnsafePointer<UInt8> {
    let component = components[component]
    return UnsafePointer(component.groups + y / component.rows * component.groupsPerRow)
  }

  /// How many rows of a component a tile has.
  func rows(ofComponent index: Int) -> Int { components[index].rows }

  // MARK: Held

  /// Takes in what the denoiser did to a row of tiles, the one that the component's row `y` ends.
  /// - Parameters:
  ///   - drift: for each column, the sum of what its samples changed.
  ///   - unrest: for each group, the greatest share of motion.
  ///   - history: row `y` of the component, denoised.
  func settle(
    _ y: Int, component index: Int, drift: UnsafePointer<Int16>, unrest: UnsafePointer<UInt16>,
    history: UnsafePointer<UInt16>
  ) {
    let component = components[index]
    let first = y / component.rows * tilesPerRow
    // What is calm has not changed its brightness for longer than it takes to come here again.
    if index == 0,
      before == nil || patience < Self.levelFrames || (Int(number) + y / component.rows) % Self.levelFrames == 0
    {
      for tile in 0..<tilesPerRow {
        // The darkest of some: where it is darker, less may change.
        var darkest = history[tile * Self.columns]
        for column in stride(from: 4, to: Self.columns, by: 4) {
          darkest = min(darkest, history[tile * Self.columns + column])
        }
        levels[first + tile] = UInt8(truncatingIfNeeded: darkest >> 11)
      }
    }
    var row = index == 0 ? lumaRow : colorRow
    row.drift = drift
    row.unrest = unrest
    row.tiles = tilesPerRow
    row.columns = component.columns
    row.sums = component.drift + first * component.blocks
    row.levels = UnsafePointer(levels.baseAddress! + first)
    row.states = UnsafePointer(component.states + first)
    row.rest = component.rest + first
    row.calm = component.calm + first
    row.settled = component.settled + first
    kernels.table.pointee.settle(&row)
  }

  /// Decides what becomes of the results of tiles in picture rows `rows`, after all components have settled.
  func hold(_ rows: Range<Int>) {
    let isFirst = before == nil
    for tileRow in Self.tileRows(rows) {
      let first = tileRow * tilesPerRow, count = tilesPerRow
      let held = held.baseAddress! + first, made = made.baseAddress! + first
      let outdated = outdated.baseAddress! + first
      if isFirst {
        held.update(repeating: 0, count: count)
      } else {
        for tile in 0..<count { held[tile] = 1 &- outdated[tile] }
      }
      for component in components {
        let calm = component.calm + first, states = component.states + first
        for tile in 0..<count { held[tile] &= calm[tile] }
        guard !isAveraging else { continue }
        for tile in 0..<count { held[tile] &= states[tile] >= UInt8(ZDK_REPEATED) ? 1 : 0 }
      }
      var least = hasRemainder || isFirst ? UInt8(ZDK_MAKE) : UInt8(ZDK_LEAVE)
      for tile in 0..<count {
        if held[tile] == 0 {
          make(first + tile)
        } else {
          held[tile] = UInt8(made[tile] <= heldNumber ? ZDK_LEAVE : ZDK_COPY)
        }
        least = min(least, held[tile])
      }
      leastHeld[tileRow] = least
    }
  }

  /// Notes that the result of a tile is made anew.
  private func make(_ place: Int) {
    held[place] = UInt8(ZDK_MAKE)
    made[place] = number
    for component in components {
      component.clearDrift(place)
      // Until it settles anew, which rows that are not denoised do not.
      component.calm[place] = 1
    }
  }

  /// For each whole tile of picture row `y` what becomes of its result, and the frame before; nil where there is none.
  func held(_ y: Int) -> (tiles: UnsafePointer<UInt8>, before: ComponentPlaces)? {
    before.map { (UnsafePointer(held.baseAddress! + y / Self.rows * tilesPerRow), $0.places) }
  }

  /// Of what becomes of picture row `y`, what is most work.
  func leastHeld(_ y: Int) -> Int { Int(leastHeld[y / Self.rows]) }

  private static func tileRows(_ rows: Range<Int>) -> Range<Int> {
    rows.lowerBound / Self.rows..<(rows.upperBound + Self.rows - 1) / Self.rows
  }

  /// Sets how far a sample may drift at each level of brightness: less where tone and curve are steep.
  private func setUnseenDrift(_ tone: Tone, _ amount: Double) {
    let largest = shown.largest
    for level in 0..<Int(ZDK_DENOISE_LEVELS) {
      // The darker end of the level, of limited range: it is the steeper one.
      let code = max(Float(level) * 16 - 16, 0)
      func bent(_ code: Float) -> Float {
        var x = min(code / 219 * tone.gain, 1)
        for _ in 0..<CurveMap.iterations { x += largest * (x - x * x) }
        return x * 219
      }
      let slope = max(bent(code + 1) - bent(code), 1)
      let unseen = Float(amount) * Self.unseenLevels / slope * Float(NoiseLevels.stepsPerCode)
      lumaRow.setUnseen(unseen * components[0].blockSize, at: level)
      if components.count > 1 { colorRow.setUnseen(unseen * components[1].blockSize, at: level) }
    }
  }

  // MARK: Memory

  private func reserve(_ shape: Shape, _ axes: MapAxes) {
    self.shape = shape
    forget()
    deallocate()
    let picture = shape.groups[0]
    tilesPerRow = picture.width / Self.columns
    tileRows = (picture.height + Self.rows - 1) / Self.rows
    let tiles = tilesPerRow * tileRows
    let groups = shape.groups.flatMap { group in group.components.map { _ in group } }
    // Of components as high or wide as the picture, or half so.
    let columns = groups.map { $0.width < picture.width ? Self.columns / 2 : Self.columns }
    let groupCounts = groups.map { Denoiser.wholeGroups($0.width) / Self.columns }
    let blockCount = columns.reduce(0) { $0 + $1 / Int(ZDK_DRIFT_COLUMNS) } * tiles
    marks = .allocate(capacity: groupCounts.reduce(3 * tiles + tileRows) { $0 + 5 * tiles + ($1 + 1) * tileRows })
    marks.initialize(repeating: 0)
    sums = .allocate(capacity: blockCount)
    sums.initialize(repeating: 0)
    prints = .allocate(capacity: groups.count * tiles)
    prints.initialize(repeating: 0)
    made = .allocate(capacity: tiles)
    made.initialize(repeating: 0)
    var mark = marks.baseAddress!
    var sum = sums.baseAddress!
    func take(_ count: Int) -> UnsafeMutablePointer<UInt8> {
      defer { mark += count }
      return mark
    }
    func takeSums(_ count: Int) -> UnsafeMutablePointer<Int32> {
      defer { sum += count }
      return sum
    }
    func takeTiles() -> UnsafeMutableBufferPointer<UInt8> {
      UnsafeMutableBufferPointer(start: take(tiles), count: tiles)
    }
    (levels, outdated, held) = (takeTiles(), takeTiles(), takeTiles())
    leastHeld = UnsafeMutableBufferPointer(start: take(tileRows), count: tileRows)
    hasRemainder = picture.width % Self.columns != 0
    components = .allocate(capacity: groups.count)
    printRows = .allocate(capacity: groups.count)
    printRows.initialize(repeating: zdk_print_row())
    for (index, group) in groups.enumerated() {
      let blocks = columns[index] / Int(ZDK_DRIFT_COLUMNS) * tiles
      components.initializeElement(
        at: index,
        to: Component(
          columns: columns[index], rows: group.height < picture.height ? Self.rows / 2 : Self.rows,
          height: group.height, groupsPerRow: groupCounts[index], states: take(tiles),
          groups: take(groupCounts[index] * tileRows), activity: take(tileRows), settled: take(tiles),
          calm: take(tiles), rest: take(tiles), waits: take(tiles),
          drift: takeSums(blocks), prints: prints.baseAddress! + index * tiles))
    }
    shown = ShownCurves(
      geometry: shape.geometry, curves: shape.curves,
      rows: (0..<tileRows).map { row in
        axes.vertical.cells(row * Self.rows..<min((row + 1) * Self.rows, picture.height))
      },
      columns: (0..<tilesPerRow).map { axes.horizontal.cells($0 * Self.columns..<($0 + 1) * Self.columns) })
  }

  private func deallocate() {
    marks.deallocate()
    sums.deallocate()
    prints.deallocate()
    made.deallocate()
    components.deallocate()
    printRows.deallocate()
  }
}

extension zdk_settle_row {
  /// - Parameter settledSteps: distances of a column's samples from their history up to which that has settled, in sum.
  fileprivate mutating func set(
    _ patience: UInt8, _ shares: Denoiser.Shares, settledSteps: Float
  ) {
    self.patience = Int32(patience)
    func change(_ share: UInt16) -> Int32 { Int32(Float(share) / 32768 * settledSteps) }
    // What is spared has settled, and what waits has not.
    settled_change = (
      change(shares.0), change(shares.1), change(shares.2), change(shares.3), change(shares.4), change(shares.5), -1, 0
    )
  }

  fileprivate mutating func setUnseen(_ drift: Float, at level: Int) {
    withUnsafeMutableBytes(of: &unseen) {
      $0.storeBytes(of: Int32(drift), toByteOffset: level * MemoryLayout<Int32>.stride, as: Int32.self)
    }
  }
}

extension MapAxis {
  /// The cells that these pixels lie between.
  fileprivate func cells(_ pixels: Range<Int>) -> ClosedRange<Int> {
    position(ofPixel: pixels.lowerBound).lower...position(ofPixel: pixels.upperBound - 1).upper
  }
}
