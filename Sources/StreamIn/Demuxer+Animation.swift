internal import CFFmpeg
internal import Foundation
internal import Frames

extension Demuxer {
  /// How often an animated GIF or PNG is shown, which FFmpeg reads and does not tell; 0 is for ever, nil is unknown.
  var plays: Int? {
    switch String(cString: context.pointee.iformat.pointee.name) {
    case "gif":
      guard let bytes = beginning else { return nil }
      // The application extension: its name, then a block of three bytes: 1 and the number of repetitions.
      guard let name = bytes.firstRange(of: Array("NETSCAPE2.0".utf8)), name.upperBound + 4 <= bytes.count else {
        return 1
      }
      let repetitions = Int(bytes[name.upperBound + 2]) | Int(bytes[name.upperBound + 3]) << 8
      return repetitions == 0 ? 0 : repetitions + 1
    case "apng":
      // The chunk acTL: the number of frames, then the number of plays.
      guard let bytes = beginning, let name = bytes.firstRange(of: Array("acTL".utf8)),
        name.upperBound + 8 <= bytes.count
      else { return nil }
      return bytes[name.upperBound + 4..<name.upperBound + 8].reduce(0) { $0 << 8 | Int($1) }
    default: return nil
    }
  }

  /// The first bytes of the file; nil where there is no way back to them.
  private var beginning: [UInt8]? {
    guard let io = context.pointee.pb, io.pointee.seekable & AVIO_SEEKABLE_NORMAL != 0 else { return nil }
    let position = avio_seek(io, 0, SEEK_CUR)
    guard avio_seek(io, 0, SEEK_SET) == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = avio_read(io, &bytes, Int32(bytes.count))
    avio_seek(io, position, SEEK_SET)
    return count > 0 ? Array(bytes.prefix(Int(count))) : nil
  }
}
