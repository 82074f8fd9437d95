internal import CKernels
internal import Frames

/// What `StillTiles` keeps of each tile of a picture.
struct TileMemory: ~Copyable {
  /// What the memory is for.
  struct Shape: Equatable {
    /// Components by their size, those of the picture's own size first.
    var groups: [FineSource.Group] = []
    var format: PixelFormat?
    var geometry: MapGeometry?
    /// Curves of a cell, of all components.
    var curves = 0

    /// Size of the picture.
    var width: Int { groups.first?.width ?? 0 }
    var height: Int { groups.first?.height ?? 0 }
  }

  /// One component's tiles, row by row.
  struct Component {
    /// Size of a tile in its own samples; rows that the component has in all.
    let columns: Int, rows: Int, height: Int
    let groupsPerRow: Int
    /// For each tile, and for each group of each row of tiles: what the denoiser is to take it for.
    let states: UnsafeMutablePointer<UInt8>, groups: UnsafeMutablePointer<UInt8>
    /// For each row of tiles: 1 where there is anything to be denoised or to come to rest, else 0.
    let activity: UnsafeMutablePointer<UInt8>
    /// For each row of tiles: frames for which it is not looked at; before that, frames in a row that showed next to no
    /// repeat.
    let unseen: UnsafeMutablePointer<UInt8>, vain: UnsafeMutablePointer<UInt8>
    /// For each tile: whether its history has settled; whether nothing in it has moved or drifted.
    let settled: UnsafeMutablePointer<UInt8>, calm: UnsafeMutablePointer<UInt8>
    /// For each tile: frames since something moved; frames for which it waits.
    let rest: UnsafeMutablePointer<UInt8>, waits: UnsafeMutablePointer<UInt8>
    /// For each block of each tile: the sum of what its samples have changed since the tile's result was made.
    let drift: UnsafeMutablePointer<Int32>
    /// For each tile: the fingerprint of its samples.
    let prints: UnsafeMutablePointer<UInt64>

    /// Blocks of columns of a tile; samples of a block.
    var blocks: Int { columns / Int(ZDK_DRIFT_COLUMNS) }
    var blockSize: Float { Float(Int(ZDK_DRIFT_COLUMNS) * rows) }

    /// At once, since this is for many tiles of a frame.
    func clearDrift(_ tile: Int) {
      let start = UnsafeMutableRawPointer(drift + tile * blocks)
      if blocks == 8 {
        start.storeBytes(of: SIMD8<Int32>(), as: SIMD8<Int32>.self)
      } else {
        start.storeBytes(of: SIMD4<Int32>(), as: SIMD4<Int32>.self)
      }
    }
  }

  let shape: Shape
  let tilesPerRow: Int, tileRows: Int
  /// Whether there are columns behind the last tile.
  let hasRemainder: Bool
  let components: UnsafeMutableBufferPointer<Component>
  /// For each component, what the rows of its tiles have in common; valid while a frame is worked on.
  let printRows: UnsafeMutableBufferPointer<zdk_print_row>
  /// For each tile: its brightness, as a level of the denoiser's; whether its curves are others than those that its
  /// result was made with; what becomes of its result.
  let levels: UnsafeMutablePointer<UInt8>, outdated: UnsafeMutableBufferPointer<UInt8>
  let held: UnsafeMutablePointer<UInt8>
  /// For each row of tiles, the least that is held of it.
  let leastHeld: UnsafeMutablePointer<UInt8>
  /// The number of the frame in which a tile's result was made.
  let made: UnsafeMutablePointer<Int32>
  /// Behind all of the above: bytes; sums and numbers; fingerprints.
  private let marks: UnsafeMutablePointer<UInt8>, sums: UnsafeMutablePointer<Int32>
  private let prints: UnsafeMutablePointer<UInt64>

  init(_ shape: Shape) {
    self.shape = shape
    let (width, height) = (shape.width, shape.height)
    let tilesPerRow = width / StillTiles.columns
    let tileRows = (height + StillTiles.rows - 1) / StillTiles.rows
    let tiles = tilesPerRow * tileRows
    (self.tilesPerRow, self.tileRows) = (tilesPerRow, tileRows)
    hasRemainder = width % StillTiles.columns != 0
    let groups = shape.groups.flatMap { group in group.components.map { _ in group } }
    // Of components as high or wide as the picture, or half so.
    let columns = groups.map { $0.width < width ? StillTiles.columns / 2 : StillTiles.columns }
    let groupCounts = groups.map { Denoiser.wholeGroups($0.width) / StillTiles.columns }
    let blockCounts = columns.map { $0 / Int(ZDK_DRIFT_COLUMNS) * tiles }
    let markCount = groupCounts.reduce(3 * tiles + tileRows) { $0 + 5 * tiles + ($1 + 3) * tileRows }
    var mark = zeroed(UInt8.self, markCount)
    var sum = zeroed(Int32.self, blockCounts.reduce(tiles, +))
    (marks, sums, prints) = (mark, sum, zeroed(UInt64.self, groups.count * tiles))
    func take(_ count: Int) -> UnsafeMutablePointer<UInt8> {
      defer { mark += count }
      return mark
    }
    func takeSums(_ count: Int) -> UnsafeMutablePointer<Int32> {
      defer { sum += count }
      return sum
    }
    levels = take(tiles)
    outdated = UnsafeMutableBufferPointer(start: take(tiles), count: tiles)
    held = take(tiles)
    leastHeld = take(tileRows)
    made = takeSums(tiles)
    components = .allocate(capacity: groups.count)
    printRows = .allocate(capacity: groups.count)
    printRows.initialize(repeating: zdk_print_row())
    for (index, group) in groups.enumerated() {
      components.initializeElement(
        at: index,
        to: Component(
          columns: columns[index], rows: group.height < height ? StillTiles.rows / 2 : StillTiles.rows,
          height: group.height, groupsPerRow: groupCounts[index], states: take(tiles),
          groups: take(groupCounts[index] * tileRows), activity: take(tileRows), unseen: take(tileRows),
          vain: take(tileRows),
          settled: take(tiles), calm: take(tiles), rest: take(tiles), waits: take(tiles),
          drift: takeSums(blockCounts[index]),
          prints: prints + index * tiles))
    }
  }

  deinit {
    marks.deallocate()
    sums.deallocate()
    prints.deallocate()
    components.deallocate()
    printRows.deallocate()
  }
}

private func zeroed<Element: FixedWidthInteger>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
  let memory = UnsafeMutablePointer<Element>.allocate(capacity: count)
  memory.initialize(repeating: 0, count: count)
  return memory
}
