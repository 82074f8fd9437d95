import Frames
import Testing

@Suite struct FrameTests {
  /// A released frame's planes serve the next one.
  @Test func poolGivesPlanesAgain() throws {
    let format = try #require(PixelFormat(named: "yuv420p"))
    let pool = try FramePool(width: 64, height: 48, format: format)
    let model = try FramePool(width: 64, height: 48, format: format).blankFrame()
    var address: UInt?
    for _ in 0..<5 {
      let frame = try pool.frame(describedBy: model)
      #expect(frame.width == 64 && frame.height == 48 && frame.format == format)
      let own = UInt(bitPattern: frame.plane(0))
      #expect(address == nil || address == own)
      address = own
    }
  }

  @Test func poolRefusesImpossibleSizes() throws {
    let format = try #require(PixelFormat(named: "yuv420p"))
    #expect(throws: FFmpegError.self) { try FramePool(width: 0, height: 48, format: format) }
    #expect(throws: FFmpegError.self) { try FramePool(width: 1 << 20, height: 1 << 20, format: format) }
  }

  @Test func planarFrameStartsBlackAndPadded() {
    let frame = PlanarFrame(width: 17, height: 3)
    #expect(frame.stride == 32)
    #expect(frame[2, 2, 16] == 0)
    frame[1, 2, 16] = 0.5
    #expect(frame.row(2, channel: 1)[16] == 0.5 && frame[0, 2, 16] == 0 && frame[2, 2, 16] == 0)
  }

  @Test(arguments: [
    ("rtsp://user:secret@camera/1", "rtsp://***@camera/1"),
    ("rtsp://user:p@ss@camera:554/a?b=c@d", "rtsp://***@camera:554/a?b=***"),
    ("http://camera/a@b", "http://camera/a@b"), ("night@home.mp4", "night@home.mp4"), ("-", "-"),
  ])
  func secretsAreRedacted(location: String, shown: String) {
    #expect(redacted(location) == shown)
  }

  @Test func rationalsNeverDivideByZero() {
    #expect(Rational(1, 0).value == 0 && !Rational(0, 1).isPositive && Rational(1, 25).inverse == Rational(25, 1))
    #expect(Timestamp(ticks: -90, timeBase: Rational(1, 90000)).seconds == -0.001)
  }
}
