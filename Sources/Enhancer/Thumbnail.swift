internal import Frames

/// A picture made small, which is all that its curves depend on. Does not hold the picture.
public struct Thumbnail: Sendable {
  /// Of the size of the curve map; RGB in [0, 1].
  let pixels: PlanarFrame
  let picture: PictureKind
  /// Seconds; nil for pictures without a time.
  let time: Double?
}

/// What must be alike for two frames to share a map, besides looking alike.
enum PictureKind: Equatable {
  case video(MapGeometry, PixelFormat, ColorDescription)
  case planar(MapGeometry)

  var geometry: MapGeometry {
    switch self {
    case .video(let geometry, _, _), .planar(let geometry): geometry
    }
  }
}

/// Makes thumbnails, in the memory of those that nobody holds any more. For one thread at a time.
final class ThumbnailSource {
  private let scale: Int
  private let sampling: Sampling
  private let thumbnailer: Thumbnailer
  private var pool = ObjectPool<PlanarFrame>()

  init(options: EnhancementOptions, kernels: Kernels) {
    scale = options.scale
    sampling = options.sampling
    thumbnailer = Thumbnailer(kernels: kernels)
  }

  /// Throws for formats that the kernels do not read, and for PQ and HLG.
  func thumbnail(of frame: VideoFrame) throws(EnhancerError) -> Thumbnail {
    let picture = try kind(of: frame)
    return Thumbnail(
      pixels: try pixels(of: frame, picture.geometry), picture: picture, time: frame.timestamp.seconds)
  }

  func thumbnail(of frame: PlanarFrame) -> Thumbnail {
    let picture = kind(of: frame)
    return Thumbnail(pixels: pixels(of: frame, picture.geometry), picture: picture, time: nil)
  }

  func kind(of frame: VideoFrame) throws(EnhancerError) -> PictureKind {
    if let transfer = frame.color.highDynamicRangeTransfer { throw .highDynamicRange(transfer: transfer) }
    return .video(geometry(frame.width, frame.height), frame.format, frame.color)
  }

  func kind(of frame: PlanarFrame) -> PictureKind { .planar(geometry(frame.width, frame.height)) }

  func pixels(of frame: VideoFrame, _ geometry: MapGeometry) throws(EnhancerError) -> PlanarFrame {
    let pixels = free(geometry)
    try thumbnailer.fill(pixels, from: frame, geometry: geometry)
    return pixels
  }

  func pixels(of frame: PlanarFrame, _ geometry: MapGeometry) -> PlanarFrame {
    let pixels = free(geometry)
    thumbnailer.fill(pixels, from: frame, geometry: geometry)
    return pixels
  }

  /// One that nobody holds, with values of whatever picture.
  func free(_ geometry: MapGeometry) -> PlanarFrame {
    pool.free(where: { $0.width == geometry.width && $0.height == geometry.height }) {
      PlanarFrame(width: geometry.width, height: geometry.height)
    }
  }

  private func geometry(_ width: Int, _ height: Int) -> MapGeometry {
    MapGeometry(pictureWidth: width, pictureHeight: height, scale: scale, sampling: sampling)
  }
}

/// Objects that are alike; those that nobody else holds are free to be used again.
struct ObjectPool<Object: AnyObject> {
  private var objects: [Object] = []

  /// A free one, or a new one. All are let go of once the first does not fit any more.
  mutating func free(where fits: (Object) -> Bool, make: () -> Object) -> Object {
    if let first = objects.first, !fits(first) { objects = [] }
    for index in objects.indices where isKnownUniquelyReferenced(&objects[index]) { return objects[index] }
    let object = make()
    objects.append(object)
    return object
  }
}
