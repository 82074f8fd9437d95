internal import CFFmpeg

/// What turns and mirrors pixels as a display matrix asks, for containers that cannot carry the matrix.
enum Rotation {
  /// Filters that do what the matrix says; nil for none, or for an angle that is no quarter turn.
  static func filters(for matrix: [Int32]) -> String? {
    guard matrix.count == 9 else { return nil }
    let clockwise = -matrix.withUnsafeBufferPointer { av_display_rotation_get($0.baseAddress!) }
    guard clockwise.isFinite else { return nil }
    switch (Int(clockwise.rounded()) % 360 + 360) % 360 {
    case 90: return matrix[3] > 0 ? "transpose=cclock_flip" : "transpose=clock"
    case 270: return matrix[3] < 0 ? "transpose=clock_flip" : "transpose=cclock"
    case 180:
      let flips = (matrix[0] < 0 ? ["hflip"] : []) + (matrix[4] < 0 ? ["vflip"] : [])
      return flips.isEmpty ? nil : flips.joined(separator: ",")
    case 0: return matrix[4] < 0 ? "vflip" : nil
    default: return nil
    }
  }
}
