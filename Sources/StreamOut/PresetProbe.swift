internal import Foundation
internal import Frames

/// Finds the best preset that this machine keeps up with, by encoding the first frames of the video with each.
struct PresetProbe {
  /// From the fastest to the best.
  private static let presets = ["ultrafast", "superfast", "veryfast"]
  private static let frameCount = 6
  /// Of the time between two frames, so much may be spent on encoding one: the rest is for decoding and enhancing, on
  /// the same cores, and for frames that are harder than these.
  private static let share = 0.35

  private var frames: [VideoFrame] = []

  /// Whether the encoder has presets of these names.
  static func serves(_ settings: EncoderSettings) -> Bool { settings.name.hasPrefix("libx26") }

  /// Adds a frame; the preset once there are enough of them, which takes some tenths of a second.
  mutating func add(
    _ frame: VideoFrame, settings: EncoderSettings, options: StreamOutOptions, input: MediaDescription
  ) throws(StreamOutError) -> String? {
    frames.append(frame)
    guard frames.count == Self.frameCount else { return nil }
    let budget = interval(input.video) * Self.share
    var best = Self.presets[0]
    for preset in Self.presets {
      var trial = options
      trial.preset = preset
      let encoder = try Encoder(
        settings, first: frames[0], fields: frames[0].isInterlaced ? frames[0] : nil, stream: input.video,
        container: nil, options: trial)
      var times: [Double] = []
      for frame in frames {
        let begin = ContinuousClock.now
        try encoder.send(frame)
        while case .output = try encoder.receive() {}
        times.append((ContinuousClock.now - begin) / .seconds(1))
      }
      // The first frame is a key frame, and not like the others.
      let typical = times.dropFirst().sorted()[(times.count - 1) / 2]
      if typical > budget { break }
      best = preset
    }
    return best
  }

  /// Seconds between two frames: what lies between the first ones, else what the source says.
  private func interval(_ video: StreamDescription) -> Double {
    let times = frames.map(\.timestamp.seconds)
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }.filter { $0 > 0 }.sorted()
    if !gaps.isEmpty { return gaps[gaps.count / 2] }
    return video.averageFrameRate.isPositive ? video.averageFrameRate.inverse.value : 1.0 / 30
  }
}
