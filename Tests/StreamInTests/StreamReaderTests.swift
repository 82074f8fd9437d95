import Foundation
import Frames
import StreamIn
import TestSupport
import Testing

/// The reader through its public face, on clips that ffmpeg makes.
@Suite struct StreamReaderTests {
  @Test func everyFrameAndPacketIsHandedOut() async throws {
    let clip = try await Clips.everyday.path()
    let expected = try await FFprobe.frames(of: clip).map(\.time)
    let reader = try StreamReader(clip)
    var times: [Double] = []
    var packets = 0
    while let event = try reader.next() {
      switch event {
      case .frame(let frame): times.append(frame.timestamp.seconds)
      case .packet(let packet):
        packets += 1
        #expect(packet.streamIndex != reader.description.videoIndex)
      }
    }
    #expect(times.count == expected.count)
    for (own, other) in zip(times, expected) { #expect(abs(own - other) < 0.001) }
    #expect(packets > 10)
    #expect(reader.damage.count == 0)
    guard case nil = try reader.next() else { return #expect(Bool(false), "the end stays the end") }
  }

  @Test func cancellationDrainsAndEnds() async throws {
    let cancellation = Cancellation()
    let reader = try StreamReader(try await Clips.everyday.path(), cancellation: cancellation)
    var frames = 0
    while let event = try reader.next() {
      if case .frame = event { frames += 1 }
      if frames == 5 { cancellation.cancel() }
    }
    // What the decoder still held comes out; the rest of the file is not read.
    #expect(frames >= 5 && frames < 40)
  }

  @Test func limitOnPixels() async throws {
    let clip = try await Clips.everyday.path()
    #expect(throws: StreamInError.self) { try StreamReader(clip, options: .init(maximumPixels: 100)) }
  }

  @Test func aColonInANameIsNoProtocol() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("a:b%03d.mp4")
    try FileManager.default.copyItem(atPath: try await Clips.everyday.path(), toPath: path)
    #expect(try StreamReader(path).description.video.codecName == "h264")
  }

  @Test func errorsAreOneSentence() {
    do {
      _ = try StreamReader("/nonexistent/clip.mp4")
      Issue.record("a missing file opened")
    } catch {
      #expect("\(error)".contains("/nonexistent/clip.mp4") && !"\(error)".contains("\n"))
    }
  }
}
