package import CFFmpeg

extension AVPacketSideDataType {
  /// A 3x3 transformation for display, as nine 32-bit integers.
  package static let displayMatrix = AV_PKT_DATA_DISPLAYMATRIX
}

extension StreamDescription {
  /// How the container asks for the pictures to be turned; nil if it does not.
  package var displayMatrix: [Int32]? {
    sideData.first { $0.type == .displayMatrix }.flatMap { matrix(of: $0.bytes) }
  }
}

extension VideoFrame {
  /// How the picture itself asks to be turned: from EXIF or from H.264 and HEVC messages.
  package var displayMatrix: [Int32]? {
    guard let data = av_frame_get_side_data(raw, AV_FRAME_DATA_DISPLAYMATRIX) else { return nil }
    return matrix(of: Array(UnsafeBufferPointer(start: data.pointee.data, count: Int(data.pointee.size))))
  }
}

private func matrix(of bytes: [UInt8]) -> [Int32]? {
  guard bytes.count >= 36 else { return nil }
  return bytes.withUnsafeBytes { raw in
    (0..<9).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self) }
  }
}
