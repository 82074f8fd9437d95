import CFFmpeg
import Frames
import Testing

@testable import Enhancer

/// The facade: any size, options, errors, two threads.
struct EnhancerTests {
  private static func enhancer(
    threads: Int = 1, _ change: (inout EnhancementOptions) -> Void = { _ in }
  ) throws -> Enhancer {
    var options = EnhancementOptions()
    options.look = .faithful
    change(&options)
    return try Enhancer(weights: madeUpWeights(.zeroDCEPlusPlus, seed: 1), options: options, threads: threads)
  }

  @Test(arguments: [(1, 1), (3, 2), (17, 1023), (720, 405), (4096, 2160)], Sampling.allCases)
  func sizes(_ size: (Int, Int), _ sampling: Sampling) throws {
    let enhancer = try Self.enhancer(threads: 2) { $0.sampling = sampling }
    for format in ["yuv420p", "rgb24"] {
      let frame = try TestFrame(format, width: size.0, height: size.1)
      // Grey, so that every pixel must come out alike only where the curve does: not black, not gone.
      for plane in 0..<frame.layout.planeCount {
        let rows = frame.layout.height(ofPlane: plane, picture: size.1)
        frame.frame.plane(plane).update(repeating: 128, count: rows * frame.frame.stride(ofPlane: plane))
      }
      let result = try enhancer.enhance(frame.frame)
      #expect(result.width == size.0 && result.height == size.1 && result.format == frame.frame.format)
      #expect(result !== frame.frame)
    }
  }

  @Test func strengthZero() throws {
    let enhancer = try Self.enhancer { $0.strength = 0 }
    let frame = try TestFrame("yuv420p10le", width: 50, height: 40)
    let first = try enhancer.curve(for: frame.frame)
    #expect(first.map.isIdentity && !first.reused)
    #expect(try enhancer.curve(for: frame.frame).reused)
    #expect(try enhancer.apply(first.map, to: frame.frame) === frame.frame)
    let planar = PlanarFrame.random(width: 50, height: 40, seed: 1)
    #expect(enhancer.enhance(planar).values == planar.values)
  }

  @Test func strengthIsMonotonous() throws {
    let planar = PlanarFrame.random(width: 48, height: 36, seed: 2)
    func distance(_ strength: Double) throws -> Float {
      difference(try Self.enhancer { $0.strength = strength }.enhance(planar).values, planar.values).mean
    }
    let half = try distance(0.5), one = try distance(1)
    #expect(half > 0.01 && one > half)
  }

  @Test(arguments: Look.allCases)
  func planarVariantsAgree(_ look: Look) throws {
    func enhancer() throws -> Enhancer {
      try Self.enhancer(threads: 2) {
        $0.reuse = .off; $0.look = look; $0.when = .always
      }
    }
    // Several bands high.
    let planar = PlanarFrame.random(width: 48, height: 236, seed: 3)
    let result = try enhancer().enhance(planar)
    try enhancer().enhance(inPlace: planar)
    #expect(planar.values == result.values)
  }

  /// A change of size, format or colour is never bridged by a map of before.
  @Test func formatChanges() throws {
    let enhancer = try Self.enhancer()
    func frame(_ format: String, _ width: Int, _ range: AVColorRange) throws -> VideoFrame {
      try TestFrame(format, width: width, height: 32, color: (AVCOL_SPC_BT709, range)).frame
    }
    #expect(try !enhancer.curve(for: frame("yuv420p", 32, AVCOL_RANGE_MPEG)).reused)
    #expect(try enhancer.curve(for: frame("yuv420p", 32, AVCOL_RANGE_MPEG)).reused)
    #expect(try !enhancer.curve(for: frame("yuv420p", 32, AVCOL_RANGE_JPEG)).reused)
    #expect(try !enhancer.curve(for: frame("yuv422p", 32, AVCOL_RANGE_JPEG)).reused)
    #expect(try !enhancer.curve(for: frame("yuv422p", 33, AVCOL_RANGE_JPEG)).reused)
  }

  @Test func refusals() throws {
    let enhancer = try Self.enhancer()
    let hdr = try TestFrame("yuv420p10le", width: 16, height: 16)
    hdr.frame.raw.pointee.color_trc = AVCOL_TRC_SMPTE2084
    #expect(throws: EnhancerError.highDynamicRange(transfer: "PQ (SMPTE ST 2084)")) {
      try enhancer.curve(for: hdr.frame)
    }
    let odd = try TestFrame("yuv420p", width: 16, height: 16)
    odd.frame.raw.pointee.format = AV_PIX_FMT_YUV410P.rawValue
    #expect(throws: EnhancerError.unsupportedFormat(PixelFormat(AV_PIX_FMT_YUV410P))) {
      try enhancer.curve(for: odd.frame)
    }
    for change in [
      { $0.strength = -1 }, { $0.strength = .nan }, { $0.strength = .infinity }, { $0.scale = 0 }, { $0.scale = 65 },
      { $0.reuseThreshold = -0.1 },
    ] as [(inout EnhancementOptions) -> Void] {
      #expect(throws: EnhancerError.self) { try Self.enhancer(change) }
    }
    #expect(throws: EnhancerError.self) { try Self.enhancer(threads: 0) }
  }

  /// One task asks for curves while another applies them: what the thread sanitizer should see.
  @Test func curvesAndApplicationSideBySide() async throws {
    let enhancer = try Self.enhancer(threads: 2) { $0.reuse = .off }
    let frames = try (0..<24).map { index in
      let frame = try TestFrame("yuv420p", width: 96, height: 200)
      frame.fill(seed: UInt64(index))
      return frame.frame
    }
    let (stream, continuation) = AsyncStream.makeStream(of: (VideoFrame, CurveMap).self)
    async let applied = {
      var results: [[Int]] = []
      for await (frame, map) in stream { results.append(TestFrame(try enhancer.apply(map, to: frame)).codes) }
      return results
    }()
    for frame in frames { continuation.yield((frame, try enhancer.curve(for: frame).map)) }
    continuation.finish()
    let results = try await applied
    let alone = try Self.enhancer { $0.reuse = .off }
    for (frame, codes) in zip(frames, results) { #expect(TestFrame(try alone.enhance(frame)).codes == codes) }
    #expect(results.count == frames.count)
  }

  /// Thumbnails made ahead, on another task, lead to the same curves; each keeps its values as long as it is held.
  @Test(arguments: [ReuseMode.off, .auto, .always]) func thumbnailsAhead(reuse: ReuseMode) async throws {
    let frames = try (0..<24).map { index in
      let frame = try TestFrame("yuv420p", width: 200, height: 96)
      frame.fill(seed: UInt64(index / 3))
      frame.frame.raw.pointee.pts = Int64(index)
      return frame.frame
    }
    let enhancer = try Self.enhancer { $0.reuse = reuse }
    let (stream, continuation) = AsyncStream.makeStream(of: Thumbnail.self)
    async let decided = {
      var decisions: [(reused: Bool, values: [Float])] = []
      for await thumbnail in stream {
        let decision = enhancer.curve(for: thumbnail)
        decisions.append((decision.reused, decision.map.values))
      }
      return decisions
    }()
    for frame in frames { continuation.yield(try enhancer.thumbnail(of: frame)) }
    continuation.finish()
    let decisions = await decided
    let alone = try Self.enhancer { $0.reuse = reuse }
    for (frame, decision) in zip(frames, decisions) {
      let expected = try alone.curve(for: frame)
      #expect(decision.reused == expected.reused && decision.values == expected.map.values)
    }
    #expect(decisions.count == frames.count)

    let planar = PlanarFrame.random(width: 64, height: 40, seed: 1)
    #expect(
      try enhancer.curve(for: enhancer.thumbnail(of: planar)).map.values
        == Self.enhancer().curve(for: planar).map.values)
    let hdr = try TestFrame("yuv420p10le", width: 16, height: 16)
    hdr.frame.raw.pointee.color_trc = AVCOL_TRC_SMPTE2084
    #expect(throws: EnhancerError.highDynamicRange(transfer: "PQ (SMPTE ST 2084)")) {
      try enhancer.thumbnail(of: hdr.frame)
    }
  }
}
