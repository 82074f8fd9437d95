internal import CFFmpeg
internal import CFFmpegShims
internal import Foundation
internal import Frames

/// Writes one still picture: the encoder's bytes with everything that the input's file said beside its pixels.
final class PictureSink {
  /// The input's file.
  var source: [UInt8]?
  var trail: String?
  /// The orientation has been applied to the pixels.
  var isUpright = false
  private let file: OutputFile
  private let cancellation: Cancellation
  private var encoded: [UInt8] = []

  /// - Parameter cancellation: after it, a pipe is written to only as long as its reader reads.
  init(file: OutputFile, cancellation: Cancellation) {
    self.file = file
    self.cancellation = cancellation
  }

  /// Whether a picture goes in and a single picture is to come out.
  static func serves(_ location: String, input: MediaDescription, options: StreamOutOptions) -> Bool {
    guard input.isStillPicture, options.format == nil else { return false }
    return isPicture(location)
  }

  /// Whether the name is that of a picture.
  static func isPicture(_ location: String) -> Bool {
    av_match_ext(location, "png,jpg,jpeg,tif,tiff,webp,bmp,ppm,pgm,pnm,jp2,tga") != 0
  }

  /// Whether the output's format has a place for an orientation.
  var carriesOrientation: Bool { av_match_ext(file.location, "png,jpg,jpeg,tif,tiff,webp") != 0 }

  func take(_ packet: Packet) {
    encoded = Array(UnsafeBufferPointer(start: packet.raw.pointee.data, count: Int(packet.raw.pointee.size)))
  }

  /// Writes the file; what of the input's description the output's format cannot hold.
  func finish() throws(StreamOutError) -> [String] {
    let (bytes, omitted) = describe(encoded)
    if file.isPipe {
      do {
        let pipe = try OutputPipe(file, patience: Patience(cancellation))
        try check(pipe.write(bytes, count: bytes.count), "write", file.name)
      } catch {
        throw .cannotWrite(error)
      }
    } else {
      try write(bytes)
    }
    return omitted
  }

  private func write(_ bytes: [UInt8]) throws(StreamOutError) {
    let descriptor = open(file.location, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotCreate(failure(errno)) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + written, bytes.count - written)
      }
      guard count > 0 else {
        let reason = errno
        close(descriptor)
        throw .cannotWrite(failure(reason))
      }
      written += count
    }
    guard close(descriptor) == 0 else { throw .cannotWrite(failure(errno)) }
  }

  /// The encoded picture with the input's description in it, where its format has a place for any.
  private func describe(_ picture: [UInt8]) -> (bytes: [UInt8], omitted: [String]) {
    let metadata = source.flatMap { PictureMetadata(readingFrom: $0) } ?? PictureMetadata()
    guard PictureMetadata.format(of: picture) != nil else {
      guard let pieces = metadata.summary else { return (picture, []) }
      return (
        picture, ["left out of the picture: \(pieces), which this format has no place for; PNG, JPEG, TIFF and WebP do"]
      )
    }
    do throws(PictureMetadata.WriteError) {
      let written = try metadata.write(into: picture, isUpright: isUpright, processing: trail)
      return (written.bytes, written.omitted.map { "left out of the picture: \($0.rawValue)" })
    } catch {
      return (picture, ["the picture's metadata could not be carried over: \(error)"])
    }
  }

  private func failure(_ posix: Int32) -> FFmpegError {
    FFmpegError(code: zdv_averror(posix), operation: "write", subject: file.name)
  }
}
