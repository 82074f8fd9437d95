internal import CKernels
internal import Frames

/// Finds the tiles of a picture that look as they did one frame before, so that what was made of them serves again.
///
/// Fixed cameras show what they showed, and codecs repeat it bit by bit. A tile of a component is *still* if its samples
/// are those of the frame before and its history has settled: it need not be denoised; and not in every frame while it
/// repeats but has yet to settle. Where next to nothing repeats, nothing is looked for. A tile of the picture is *held* if
/// what was denoised has drifted since its result was made by less than can be seen, and its curves likewise: it keeps
/// that result. Drift adds up, so slow changes come through.
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
  /// A row of tiles of which less than this share repeats saves less time than it takes to find that out. If none of so
  /// many frames in a row has more, it is not looked at for so many: one of six frames may be shown twice.
  private static let leastRepeats = (1, of: 16), vainLooks: UInt8 = 6, unseenFrames: UInt8 = 32
  /// What is left of the trail of something that has moved when a tile counts as calm again: e to the minus this.
  private static let fadedTrail: Float = 1.5

  /// A frame on its way.
  private struct Picture {
    let result: VideoFrame
    let places: ComponentPlaces
    let map: CurveMap
    let color: ColorDescription
    let isInterlaced: Bool
  }

  private let kernels: Kernels
  private var memory = TileMemory(.init())

  /// The frame before and the present one.
  private var before: Picture?, present: Picture?
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
    let shape = TileMemory.Shape(
      groups: source.groups, format: frame.format, geometry: map.geometry, curves: 3 * map.maps)
    if shape != memory.shape { reserve(shape, map.geometry, axes) }
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
    colorRow.set(patience, shares, settledSteps: Self.settledSteps * Float(memory.components.last!.rows))
    isAveraging = denoiser.amount > 0
    number += 1
    heldNumber = numbers.removeValue(forKey: result.plane(0)) ?? -1
    if numbers.count > 16 { numbers = [:] }
    numbers[result.plane(0)] = number
    if before?.map !== map {
      if before == nil {
        shown.begin(map, tone, kernels)
      } else {
        shown.compare(map, tone, memory.outdated, kernels)
      }
      setUnseenDrift(tone, denoiser.amount)
    } else {
      memory.outdated.update(repeating: 0)
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
      for index in memory.components.indices { find(index, tileRow) }
    }
  }

  /// Prepares what the rows of tiles of a frame have in common.
  private func point(to frame: VideoFrame, _ layout: PixelLayout) {
    for (index, component) in memory.components.enumerated() {
      let plane = layout.components[index].plane
      var row = zdk_print_row()
      row.plane = UnsafePointer(frame.plane(plane))
      row.stride = frame.stride(ofPlane: plane)
      row.bytes = component.columns * layout.bytesPerSample
      row.tiles = memory.tilesPerRow
      row.patience = Int32(patience)
      row.tiles_of_group = Self.columns / component.columns
      row.is_first = before == nil ? 1 : 0
      memory.printRows[index] = row
    }
  }

  private func find(_ index: Int, _ tileRow: Int) {
    let component = memory.components[index]
    let first = tileRow * memory.tilesPerRow, count = memory.tilesPerRow
    let top = tileRow * component.rows
    var row = memory.printRows[index]
    let unseen = component.unseen + tileRow, vain = component.vain + tileRow
    if row.is_first == 1 {
      for marks in [component.settled, component.calm, component.rest] {
        (marks + first).update(repeating: 0, count: count)
      }
      (unseen.pointee, vain.pointee) = (0, 0)
    } else if unseen.pointee > 0 {
      unseen.pointee -= 1
      guard unseen.pointee == 0 else { return passBy(component, tileRow) }
      // Nothing to compare with but fingerprints of long ago: the next frame has those of this one.
      row.is_first = 1
    }
    row.plane += top * row.stride
    row.rows = max(min(component.rows, component.height - top), 0)
    row.prints = component.prints + first
    row.waits = component.waits + first
    row.rest = UnsafePointer(component.rest + first)
    row.settled = UnsafePointer(component.settled + first)
    row.luma = index == 0 ? nil : UnsafePointer(memory.components[0].states + first)
    row.states = component.states + first
    row.groups = component.groups + tileRow * component.groupsPerRow
    kernels.table.pointee.fingerprint(&row)
    if row.is_first == 0 {
      let isVain = row.repeats * Self.leastRepeats.of < count * Self.leastRepeats.0
      vain.pointee = isVain ? vain.pointee + 1 : 0
      if vain.pointee == Self.vainLooks { (unseen.pointee, vain.pointee) = (Self.unseenFrames, 0) }
    }
    component.activity[tileRow] = memory.hasRemainder || row.is_active == 1 ? 1 : 0
    guard memory.hasRemainder, count % row.tiles_of_group == 1 else { return }
    // Such a group is a tile and a part of one, which is always new.
    (row.states[count - 1], row.groups[count / row.tiles_of_group]) = (UInt8(ZDK_NEW), UInt8(ZDK_NEW))
    row.waits[count - 1] = 0
  }

  /// Takes a row of tiles for new.
  private func passBy(_ component: TileMemory.Component, _ tileRow: Int) {
    let first = tileRow * memory.tilesPerRow, count = memory.tilesPerRow
    (component.states + first).update(repeating: UInt8(ZDK_NEW), count: count)
    (component.waits + first).update(repeating: 0, count: count)
    (component.groups + tileRow * component.groupsPerRow).update(
      repeating: UInt8(ZDK_NEW), count: component.groupsPerRow)
    component.activity[tileRow] = 1
  }

  /// Whether anything in a component's row `y` is to be denoised, or to come to rest.
  func isActive(_ y: Int, component index: Int) -> Bool {
    let component = memory.components[index]
    return component.activity[y / component.rows] == 1
  }

  /// For each group of a component's row `y` what the denoiser is to take it for.
  func states(_ y: Int, component: Int) -> UnsafePointer<UInt8> {
    let component = memory.components[component]
    return UnsafePointer(component.groups + y / component.rows * component.groupsPerRow)
  }

  /// How many rows of a component a tile has.
  func rows(ofComponent index: Int) -> Int { memory.components[index].rows }

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
    let component = memory.components[index]
    let first = y / component.rows * memory.tilesPerRow
    // What is calm has not changed its brightness for longer than it takes to come here again.
    if index == 0,
      before == nil || patience < Self.levelFrames || (Int(number) + y / component.rows) % Self.levelFrames == 0
    {
      for tile in 0..<memory.tilesPerRow {
        // The darkest of some: where it is darker, less may change.
        var darkest = history[tile * Self.columns]
        for column in stride(from: 4, to: Self.columns, by: 4) {
          darkest = min(darkest, history[tile * Self.columns + column])
        }
        memory.levels[first + tile] = UInt8(truncatingIfNeeded: darkest >> 11)
      }
    }
    var row = index == 0 ? lumaRow : colorRow
    row.drift = drift
    row.unrest = unrest
    row.tiles = memory.tilesPerRow
    row.columns = component.columns
    row.sums = component.drift + first * component.blocks
    row.levels = UnsafePointer(memory.levels + first)
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
      let first = tileRow * memory.tilesPerRow, count = memory.tilesPerRow
      let held = memory.held + first, made = memory.made + first
      let outdated = memory.outdated.baseAddress! + first
      if isFirst {
        held.update(repeating: 0, count: count)
      } else {
        for tile in 0..<count { held[tile] = 1 &- outdated[tile] }
      }
      for component in memory.components {
        let calm = component.calm + first, states = component.states + first
        for tile in 0..<count { held[tile] &= calm[tile] }
        guard !isAveraging else { continue }
        for tile in 0..<count { held[tile] &= states[tile] >= UInt8(ZDK_REPEATED) ? 1 : 0 }
      }
      var least = memory.hasRemainder || isFirst ? UInt8(ZDK_MAKE) : UInt8(ZDK_LEAVE)
      for tile in 0..<count {
        if held[tile] == 0 {
          make(first + tile)
        } else {
          held[tile] = UInt8(made[tile] <= heldNumber ? ZDK_LEAVE : ZDK_COPY)
        }
        least = min(least, held[tile])
      }
      memory.leastHeld[tileRow] = least
    }
  }

  /// Notes that the result of a tile is made anew.
  private func make(_ place: Int) {
    memory.held[place] = UInt8(ZDK_MAKE)
    memory.made[place] = number
    for component in memory.components {
      component.clearDrift(place)
      // Until it settles anew, which rows that are not denoised do not.
      component.calm[place] = 1
    }
  }

  /// For each whole tile of picture row `y` what becomes of its result, and the frame before; nil where there is none.
  func held(_ y: Int) -> (tiles: UnsafePointer<UInt8>, before: ComponentPlaces)? {
    before.map { (UnsafePointer(memory.held + y / Self.rows * memory.tilesPerRow), $0.places) }
  }

  /// Of what becomes of picture row `y`, what is most work.
  func leastHeld(_ y: Int) -> Int { Int(memory.leastHeld[y / Self.rows]) }

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
      lumaRow.setUnseen(unseen * memory.components[0].blockSize, at: level)
      if memory.components.count > 1 { colorRow.setUnseen(unseen * memory.components[1].blockSize, at: level) }
    }
  }

  private func reserve(_ shape: TileMemory.Shape, _ geometry: MapGeometry, _ axes: MapAxes) {
    forget()
    memory = TileMemory(shape)
    shown = ShownCurves(
      geometry: geometry, curves: shape.curves,
      rows: (0..<memory.tileRows).map { row in
        axes.vertical.cells(row * Self.rows..<min((row + 1) * Self.rows, shape.height))
      },
      columns: (0..<memory.tilesPerRow).map { axes.horizontal.cells($0 * Self.columns..<($0 + 1) * Self.columns) })
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
