/// The curves and the tone that the tiles of a picture were shown with, as far as can be seen.
///
/// Keeps its values between frames. For one thread at a time.
struct ShownCurves {
  /// What values of a map may change unseen, and gain and amount of a tone; the gain as a share of it.
  private static let unseenCurve: Float = 0.002, unseenGain: Float = 0.004

  private var values: [Float] = []
  /// The largest value of a curve; at least 0.
  private(set) var largest: Float = 0
  private var tone = Tone()
  /// For each cell of the map, 1 where its values are others than before, else 0.
  private var outdatedCells: [UInt8] = []
  /// The same of the columns of cells that a row of tiles lies between.
  private var outdatedColumns: [UInt8] = []
  /// The rows and columns of cells that a tile lies between.
  private var rows: [ClosedRange<Int>] = [], columns: [ClosedRange<Int>] = []

  /// No curves.
  init() {}

  /// For maps of this geometry, each of `curves` planes.
  /// - Parameter rows, columns: for each row and column of tiles, the cells that these lie between.
  init(geometry: MapGeometry, curves: Int, rows: [ClosedRange<Int>], columns: [ClosedRange<Int>]) {
    outdatedCells = [UInt8](repeating: 0, count: geometry.width * geometry.height)
    outdatedColumns = [UInt8](repeating: 0, count: geometry.width)
    values = [Float](repeating: 0, count: curves * outdatedCells.count)
    (self.rows, self.columns) = (rows, columns)
  }

  /// Takes in what a first frame is shown with.
  mutating func begin(_ map: CurveMap, _ tone: Tone, _ kernels: Kernels) {
    self.tone = tone
    largest = map.update(&values, where: &outdatedCells, differBy: -1, kernels)
  }

  /// Marks the tiles, row by row, whose curves are not those that they were shown with: 1, and 0 for all others. Takes in
  /// what marked ones are to be shown with.
  mutating func compare(
    _ map: CurveMap, _ tone: Tone, _ outdated: UnsafeMutableBufferPointer<UInt8>, _ kernels: Kernels
  ) {
    let isOther =
      abs(self.tone.gain - tone.gain) > Self.unseenGain * tone.gain
      || abs(self.tone.amount - tone.amount) > Self.unseenGain
    if isOther {
      begin(map, tone, kernels)
      return outdated.update(repeating: 1)
    }
    largest = map.update(&values, where: &outdatedCells, differBy: Self.unseenCurve, kernels)
    outdated.update(repeating: 0)
    guard outdatedCells.contains(1) else { return }
    outdatedCells.withUnsafeBufferPointer { cells in
      outdatedColumns.withUnsafeMutableBufferPointer { line in
        for (row, cellRows) in rows.enumerated() {
          line.update(repeating: 0)
          for y in cellRows { for x in 0..<map.width { line[x] |= cells[y * map.width + x] } }
          let tiles = outdated.baseAddress! + row * columns.count
          for column in columns.indices {
            var isOutdated: UInt8 = 0
            for x in columns[column] { isOutdated |= line[x] }
            tiles[column] = isOutdated
          }
        }
      }
    }
  }
}
