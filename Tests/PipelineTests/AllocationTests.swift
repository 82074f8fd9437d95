import Foundation
import TestSupport
import Testing

/// In the steady state the program's own code allocates next to nothing, whatever the size of the pictures.
@Suite struct AllocationTests {
  private struct Count: Decodable {
    let frames: Int, bytes: Int, calls: Int, estimates: Int
  }

  /// Light that flickers from frame to frame, so that with reuse `off` and `auto` curves are estimated all the time.
  private static func clip(_ size: String) -> Clip {
    Clip(
      "flicker-\(size).mp4", size: size, frames: 720, filter: "eq=brightness='0.04*mod(n,2)':eval=frame",
      encoder: ["-c:v", "libx264", "-preset", "ultrafast"])
  }

  /// What the probe, a program of its own that stands in for malloc, counts over 500 frames.
  private func count(_ clip: Clip, look: String, reuse: String) async throws -> Count? {
    let folder = try TemporaryDirectory()
    let probe = (try Program.located() as NSString).deletingLastPathComponent + "/AllocationProbe"
    let result = try await Subprocess.run(probe, [try await clip.path(), folder.file("out.mkv"), look, reuse])
    try #require(result.status == 0, "\(result)")
    return try JSONDecoder().decode(Count?.self, from: Data(result.standardOutput))
  }

  @Test(arguments: ["natural", "faithful"], ["off", "always"])
  func framesCostNoMemory(look: String, reuse: String) async throws {
    // Nil under a sanitizer, which needs malloc for itself.
    guard let small = try await count(Self.clip("160x120"), look: look, reuse: reuse),
      let large = try await count(Self.clip("640x480"), look: look, reuse: reuse)
    else { return }
    for count in [small, large] {
      #expect(count.frames == 500)
      #expect(count.estimates == (reuse == "off" ? 500 : 0))
      // The objects that hold a frame, its packets and the closures that work on it; a thumbnail alone is bigger.
      #expect(count.bytes < 1500 * count.frames, "\(count.bytes / count.frames) bytes per frame")
      #expect(count.calls < 30 * count.frames, "\(count.calls / count.frames) calls per frame")
    }
    #expect(large.bytes < small.bytes + 500 * large.frames, "\(small) \(large)")
  }
}
