import Frames
import TestSupport

/// Pictures that a test and a script make alike: sums of products of coordinates, modulo 256.
struct Pattern {
  let width: Int, height: Int

  /// The codes of the reference: `(x·x·3 + y·y·5 + x·y·(c + 1) + 40·c) / 16 mod 256`.
  var reference: [UInt8] { codes { x, y, c in (x * x * 3 + y * y * 5 + x * y * (c + 1) + 40 * c) / 16 } }

  /// Those of the result: the reference's scaled by 3/4, plus a disturbance of 0 to 12.
  var enhanced: [UInt8] {
    let reference = reference
    return codes { x, y, c in Int(reference[(y * width + x) * 3 + c]) * 3 / 4 + (x * 7 + y * 13 + c * 5) % 13 }
  }

  private func codes(_ value: (_ x: Int, _ y: Int, _ c: Int) -> Int) -> [UInt8] {
    (0..<height).flatMap { y in
      (0..<width).flatMap { x in (0..<3).map { c in UInt8(truncatingIfNeeded: value(x, y, c)) } }
    }
  }

  /// Writes both as pictures; `wide` in 16 bits, each code times 257.
  func write(to folder: TemporaryDirectory, wide: Bool = false) async throws -> (enhanced: String, reference: String) {
    let size = "\(width)x\(height)\(wide ? "-16" : "")"
    let paths = (folder.file("enhanced-\(size).png"), folder.file("reference-\(size).png"))
    for (path, pixels) in [(paths.0, enhanced), (paths.1, reference)] {
      try await FFmpeg.write(
        pixels: wide ? pixels.flatMap { [$0, $0] } : pixels, width: width, height: height,
        format: wide ? "rgb48be" : "rgb24", to: path)
    }
    return paths
  }
}
