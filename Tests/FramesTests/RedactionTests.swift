import Testing

@testable import Frames

@Suite struct RedactionTests {
  @Test(
    arguments: [
      ("/a/b?c=d.mp4", "/a/b?c=d.mp4"), ("rtsp://cam/live", "rtsp://cam/live"),
      ("rtsp://me:pa@ss@cam:554/live", "rtsp://***@cam:554/live"),
      ("http://h/a?t=1&u=2;v=3", "http://h/a?t=***&u=***;v=***"),
      ("http://h/a?secret", "http://h/a?***"), ("http://h?t=a=b", "http://h?t=***"), ("http://h/a?", "http://h/a?"),
      ("http://h/a#t=1", "http://h/a#t=***"), ("http://h/a?t=x#u=y", "http://h/a?t=***#u=***"),
      ("srt://h:9?passphrase=x&mode=caller", "srt://h:9?passphrase=***&mode=***"),
      ("https://h/@user/clip.mp4", "https://h/@user/clip.mp4"),
    ])
  func locations(location: String, expected: String) { #expect(redacted(location) == expected) }

  @Test func urlsInText() {
    #expect(
      redactedURLs(in: "[hls] Opening 'http://u:p@h/a?t=1' for reading, then https://h/b?c=d")
        == "[hls] Opening 'http://***@h/a?t=***' for reading, then https://h/b?c=***")
    #expect(redactedURLs(in: "a = b? c = d") == "a = b? c = d")
  }
}
