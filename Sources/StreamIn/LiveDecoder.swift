internal import CFFmpeg
internal import CFFmpegShims
public import Frames

/// Decodes the video of one connection of a live source.
///
/// `@unchecked Sendable`: the source makes it and hands it on before any packet; from then on it belongs to the one
/// thread that decodes.
public final class LiveDecoder: @unchecked Sendable {
  private let decoder: Decoder
  private let frameRate: Rational
  private var clock = FrameClock()
  /// Packets that the decoder refused, frames with errors.
  public private(set) var damage = Damage()

  init(_ decoder: Decoder, frameRate: Rational) {
    self.decoder = decoder
    self.frameRate = frameRate
  }

  /// Feeds one packet, or nil for the end, and hands out the frames that come of it, in order of display.
  ///
  /// Damaged data is counted and skipped. Throws only when memory runs out.
  public func decode(_ packet: Packet?, _ body: (VideoFrame) -> Void) throws(StreamInError) {
    do throws(FFmpegError) {
      do throws(FFmpegError) {
        try decoder.send(packet?.raw)
      } catch {
        try note(error)
      }
      while true {
        do throws(FFmpegError) {
          guard case .output(let frame) = try decoder.receive() else { return }
          frame.raw.pointee.pts = clock.time(of: frame.raw.pointee, timeBase: frame.timeBase, rate: frameRate)
          if frame.isDamaged { damage.noteDamagedFrame() }
          body(frame)
        } catch {
          try note(error)
          return
        }
      }
    } catch {
      throw .failed(error)
    }
  }

  /// Whether frames that no other frame refers to are left out.
  public func skipsUnreferenced(_ skips: Bool) { decoder.skipsUnreferenced(skips) }

  private func note(_ error: FFmpegError) throws(FFmpegError) {
    if error.code == zdv_averror(ENOMEM) { throw error }
    damage.note(error)
  }
}
