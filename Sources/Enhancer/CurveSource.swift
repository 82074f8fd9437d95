public import Frames

/// The curves for one frame, and whether they were made for it or for one before.
public struct CurveDecision: Sendable {
  /// Of the frame's size.
  public let map: CurveMap
  /// Whether an earlier map serves this frame; else the network ran for it.
  public let reused: Bool
}

/// Finds the curve map of each frame: thumbnail, comparison with the last estimate, estimate.
///
/// Keeps its thumbnails and maps: in the steady state nothing is allocated. For one thread at a time.
public final class CurveSource {
  /// As given.
  public let options: EnhancementOptions
  private let reuse: CurveReuse
  private let estimator: Estimator
  private let thumbnailer: Thumbnailer
  /// What the present map was made from and for.
  private var origin: Origin?
  /// The other thumbnail: made for each frame, and swapped with the origin's at an estimate.
  private var spare: PlanarFrame?
  /// All maps of the present geometry; those that nobody else holds are free to be filled again.
  private var maps: [CurveMap] = []

  private struct Origin {
    var thumbnail: PlanarFrame
    var map: CurveMap
    var picture: Picture
  }

  /// What must be alike for two frames to share a map, besides looking alike.
  private enum Picture: Equatable {
    case video(MapGeometry, PixelFormat, ColorDescription)
    case planar(MapGeometry)

    var geometry: MapGeometry {
      switch self {
      case .video(let geometry, _, _), .planar(let geometry): geometry
      }
    }
  }

  /// Throws an `invalidOption` if an option is outside its range.
  public init(weights: Weights = .builtIn, options: EnhancementOptions = .init(), kernels: Kernels = .best)
    throws(EnhancerError)
  {
    try options.validate()
    self.options = options
    reuse = CurveReuse(mode: options.reuse, threshold: options.reuseThreshold)
    estimator = Estimator(weights: weights, kernels: kernels)
    thumbnailer = Thumbnailer(kernels: kernels)
  }

  /// The curves for a frame. Throws for formats that the kernels do not read, and for PQ and HLG.
  public func curve(for frame: VideoFrame) throws(EnhancerError) -> CurveDecision {
    if let transfer = frame.color.highDynamicRangeTransfer { throw .highDynamicRange(transfer: transfer) }
    let geometry = geometry(width: frame.width, height: frame.height)
    return try decide(.video(geometry, frame.format, frame.color)) { thumbnail throws(EnhancerError) in
      try thumbnailer.fill(thumbnail, from: frame, geometry: geometry)
    }
  }

  /// The curves for a planar frame.
  public func curve(for frame: PlanarFrame) -> CurveDecision {
    let geometry = geometry(width: frame.width, height: frame.height)
    return decide(.planar(geometry)) { thumbnailer.fill($0, from: frame, geometry: geometry) }
  }

  private func geometry(width: Int, height: Int) -> MapGeometry {
    MapGeometry(pictureWidth: width, pictureHeight: height, scale: options.scale, sampling: options.sampling)
  }

  private func decide<Failure: Error>(
    _ picture: Picture, fill: (PlanarFrame) throws(Failure) -> Void
  ) throws(Failure) -> CurveDecision {
    let geometry = picture.geometry
    let isKnown = origin?.picture == picture
    if let origin, isKnown, options.strength == 0 || options.reuse == .always {
      return CurveDecision(map: origin.map, reused: true)
    }
    let thumbnail =
      spare.flatMap { $0.width == geometry.width && $0.height == geometry.height ? $0 : nil }
      ?? PlanarFrame(width: geometry.width, height: geometry.height)
    if options.strength > 0 {
      try fill(thumbnail)
      if let origin, isKnown, reuse.isReusable(from: origin.thumbnail, for: thumbnail) {
        spare = thumbnail
        return CurveDecision(map: origin.map, reused: true)
      }
    }
    let map = freeMap(geometry)
    if options.strength > 0 { estimator.estimate(thumbnail, strength: options.strength, into: map) }
    spare = origin?.thumbnail
    origin = Origin(thumbnail: thumbnail, map: map, picture: picture)
    return CurveDecision(map: map, reused: false)
  }

  private func freeMap(_ geometry: MapGeometry) -> CurveMap {
    if maps.first?.geometry != geometry { maps = [] }
    for index in maps.indices where isKnownUniquelyReferenced(&maps[index]) { return maps[index] }
    let map = CurveMap(geometry: geometry, maps: estimator.model.maps)
    maps.append(map)
    return map
  }
}
