internal import CKernels
public import Frames
internal import Synchronization

/// Applies curve maps to whole frames, band by band on several threads.
///
/// Every pixel is computed alike whatever the bands and threads, so results do not depend on them. Keeps its scratch
/// rows and output planes between frames. For one caller at a time.
public final class CurveApplication {
  /// Threads that share the bands of a frame, the caller's own included.
  public let threads: Int
  let kernels: Kernels
  private let workers: [Worker]
  private let team: BandTeam
  private let denoiser: Denoiser
  /// For tests, too, to see what rests.
  let tiles: StillTiles
  private let denoising: Double
  private var axes: MapAxes?
  private var pool: FramePool?
  private var layouts = LayoutCache()

  /// Bands are of so many rows or multiples, so that no row of tiles is split.
  private static let bandUnit = 8
  /// Units of a band: what makes up for expanding one row of cells twice, and what stays in the caches.
  private static let leastUnits = 2, mostUnits = 6
  /// Floats of a frame from which on results are written past the caches: more than the second level holds.
  private static let streamedCount = 1 << 19

  /// What one thread keeps between bands.
  private struct Worker {
    let curves: CurveRows
    let window = FineWindow()
  }

  /// - Parameters:
  ///   - threads: at least 1.
  ///   - denoising: how much noise is averaged away under maps that have a tone, 0...1.
  public init(threads: Int, denoising: Double = 1, kernels: Kernels = .best) {
    precondition(threads > 0, "work needs at least one thread")
    self.threads = threads
    self.kernels = kernels
    self.denoising = denoising
    denoiser = Denoiser(kernels: kernels)
    tiles = StillTiles(kernels: kernels)
    team = BandTeam(threads: threads)
    workers = (0..<threads).map { _ in Worker(curves: CurveRows(kernels: kernels)) }
  }

  deinit { team.dismiss() }

  /// The enhanced frame, with the format, timestamps and colour description of `frame`; `frame` itself if the map is
  /// an identity. The map must be of the frame's size.
  public func apply(_ map: CurveMap, to frame: VideoFrame) throws(EnhancerError) -> VideoFrame {
    check(map, width: frame.width, height: frame.height)
    guard let layout = layouts.layout(of: frame.format) else { throw .unsupportedFormat(frame.format) }
    if map.isIdentity {
      denoiser.forget()
      tiles.forget()
      return frame
    }
    let result: VideoFrame
    do {
      if pool?.width != frame.width || pool?.height != frame.height || pool?.format != frame.format {
        pool = try FramePool(width: frame.width, height: frame.height, format: frame.format)
      }
      guard let pool else { return frame }
      result = try pool.frame(describedBy: frame)
    } catch {
      throw .frame(error)
    }
    // Under a tone, curves are those of chroma samples.
    let axes = begin(map, halvesColumns: map.tone != nil && layout.model == .yuv && layout.chromaShiftX == 1)
    let source = map.tone.map { prepare(FineSource(frame, layout: layout), $0) }
    var tiles: StillTiles?
    if let source, self.tiles.begin(source, into: result, map: map, axes: axes, denoiser: denoiser) {
      tiles = self.tiles
    }
    let bands = NativeBands(
      source: frame, result: result, layout: layout, sourcePlaces: ComponentPlaces(frame, layout),
      resultPlaces: ComponentPlaces(result, layout), map: map, axes: axes, kernels: kernels,
      denoiser: source.map { _ in denoiser }, tiles: tiles,
      matrix: zdk_matrix(color: frame.color, format: frame.format, layout: layout, height: frame.height))
    guard let source else {
      denoiser.forget()
      self.tiles.forget()
      forEachBand(height: frame.height) { bands.enhance(rows: $0, curves: $1.curves) }
      return result
    }
    denoise(source, height: frame.height, tiles: tiles) { bands.enhance(rows: $0, curves: $1) }
    tiles?.end()
    return result
  }

  /// Writes the enhanced `frame` to `result`, of the same size, which may be `frame` itself.
  public func apply(_ map: CurveMap, to frame: PlanarFrame, into result: PlanarFrame) {
    check(map, width: frame.width, height: frame.height)
    precondition(frame.width == result.width && frame.height == result.height, "both frames have one size")
    let axes = begin(map)
    let isStreamed = frame !== result && 3 * frame.stride * frame.height > Self.streamedCount
    if let tone = map.tone {
      let source = prepare(FineSource(frame), tone)
      let bands = FloatBands(
        result: result, isStreamed: isStreamed, map: map, tone: tone, axes: axes, kernels: kernels, denoiser: denoiser)
      return denoise(source, height: frame.height, inPlace: frame === result) { bands.enhance(rows: $0, curves: $1) }
    }
    forEachBand(height: frame.height) { [kernels] rows, worker in
      var terms = zdk_float_row()
      terms.width = frame.width
      terms.maps = Int32(map.maps)
      terms.iterations = Int32(CurveMap.iterations)
      terms.streamed = isStreamed ? 1 : 0
      // In place: it is too large to be copied for every row.
      withUnsafeMutablePointer(to: &terms) { row in
        let (r, g, b) = (frame.plane(0), frame.plane(1), frame.plane(2))
        let (newR, newG, newB) = (result.plane(0), result.plane(1), result.plane(2))
        for y in rows {
          let old = y * frame.stride, new = y * result.stride
          row.pointee.x = (UnsafePointer(r + old), UnsafePointer(g + old), UnsafePointer(b + old))
          row.pointee.out = (newR + new, newG + new, newB + new)
          worker.curves.point(&row.pointee.curve, to: y, of: map, axes: axes)
          kernels.table.pointee.curve(row)
        }
      }
    }
  }

  private func check(_ map: CurveMap, width: Int, height: Int) {
    precondition(
      map.geometry.pictureWidth == width && map.geometry.pictureHeight == height, "the map is of the frame's size")
  }

  private func prepare(_ source: FineSource, _ tone: Tone) -> FineSource {
    denoiser.begin(source, scene: tone.scene, amount: denoising * Double(tone.amount))
    return source
  }

  /// Denoises all bands and calls `enhance` for each, while it is in the cache; `inPlace`, when all are denoised, since
  /// bands read rows of their neighbours.
  private func denoise(
    _ source: FineSource, height: Int, tiles: StillTiles? = nil, inPlace: Bool = false,
    enhance: @Sendable (_ rows: Range<Int>, _ curves: CurveRows) -> Void
  ) {
    // Rows are read without retaining it.
    defer { withExtendedLifetime(source) {} }
    var current = source
    for pass in 1..<max(denoiser.passes, 1) {
      forEachBand(height: height) { [denoiser, current] rows, worker in
        denoiser.denoise(rows, of: current, pictureHeight: height, window: worker.window)
      }
      current = denoiser.next(pass: pass, of: current)
    }
    let measure = denoiser.measuresBeside ? { @Sendable [denoiser] in denoiser.measure(source) } : nil
    forEachBand(height: height, beside: measure) { [denoiser, current] rows, worker in
      tiles?.find(rows)
      denoiser.denoise(rows, of: current, pictureHeight: height, window: worker.window, tiles: tiles)
      tiles?.hold(rows)
      if !inPlace { enhance(rows, worker.curves) }
    }
    if inPlace { forEachBand(height: height) { enhance($0, $1.curves) } }
    denoiser.end()
  }

  private func begin(_ map: CurveMap, halvesColumns: Bool = false) -> MapAxes {
    team.beginFrame()
    var axes = axes
    if axes?.geometry != map.geometry || axes?.halvesColumns != halvesColumns { axes = nil }
    let current = axes ?? MapAxes(map.geometry, halvesColumns: halvesColumns)
    self.axes = current
    for worker in workers { worker.curves.begin(map, across: current.across) }
    return current
  }

  /// Calls `body` once for each band, on all threads, and `beside` once while they are at it; returns when all are done.
  private func forEachBand(
    height: Int, beside: (@Sendable () -> Void)? = nil, _ body: @Sendable (_ rows: Range<Int>, _ worker: Worker) -> Void
  ) {
    let units = (height + Self.bandUnit - 1) / Self.bandUnit
    let next = Atomic(0), isBesideTaken = Atomic(beside == nil)
    // Safe: this call outlives the work, and each worker index is given to one thread at a time.
    nonisolated(unsafe) let workers = workers
    let threads = threads
    @Sendable func work(_ worker: Int) {
      // First, since nothing may be left that lasts as long.
      if let beside, !isBesideTaken.exchange(true, ordering: .relaxed) { beside() }
      // Bands are handed out as threads get free: others, such as an encoder's, compete for the processors.
      while let band = Self.takeBand(from: next, of: units, threads: threads) {
        body(band.lowerBound * Self.bandUnit..<min(band.upperBound * Self.bandUnit, height), workers[worker])
      }
    }
    if threads == 1 || units <= Self.leastUnits {
      work(0)
    } else {
      team.perform(work)
    }
  }

  /// The next band, in units of rows: smaller ones to the end, so that all threads end together.
  private static func takeBand(from next: borrowing Atomic<Int>, of units: Int, threads: Int) -> Range<Int>? {
    var start = next.load(ordering: .relaxed)
    while start < units {
      let share = (units - start) / (2 * threads)
      let end = min(start + min(max(share, leastUnits), mostUnits), units)
      let (isTaken, original) = next.compareExchange(expected: start, desired: end, ordering: .relaxed)
      if isTaken { return start..<end }
      start = original
    }
    return nil
  }
}
