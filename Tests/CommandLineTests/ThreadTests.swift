import TestSupport
import Testing

/// Bands are shared out differently in every run, and nobody can see it.
@Suite struct ThreadTests {
  private static let formats = [
    "yuv420p", "yuv422p", "yuv444p", "gray", "gbrp", "yuv420p10le", "yuv422p10le", "yuv444p10le", "gray10le",
    "gbrp10le", "yuv420p12le", "bgr0",
  ]

  /// Any number of threads gives the same frames, on every format and in both looks; the size leaves a part of a band.
  @Test(arguments: formats, ["natural", "faithful"])
  func sameFramesWithAnyNumberOfThreads(format: String, look: String) async throws {
    let clip = Clip(
      "threads-\(format).mkv", size: "150x166", frames: 5, format: format, encoder: ["-c:v", "ffv1"])
    let input = try await clip.path()
    let folder = try TemporaryDirectory()
    let outputs = [1, 2, 4].map { folder.file("threads-\($0).mkv") }
    for (threads, output) in zip([1, 2, 4], outputs) {
      expectSuccess(
        try await Program.enhance(
          input, "-o", output, "--codec", "ffv1", "--look", look, "--when", "always", "--threads", "\(threads)"))
    }
    try await expectSameFrames(outputs[1], outputs[0])
    try await expectSameFrames(outputs[2], outputs[0])
  }
}
