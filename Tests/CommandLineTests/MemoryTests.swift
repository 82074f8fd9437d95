import Foundation
import TestSupport
import Testing

/// Memory is bounded, whatever order the input comes in.
@Suite(.serialized) struct MemoryTests {
  /// Enhances into `out.mkv`; the largest resident size in MB.
  private func peak(_ input: String, in folder: TemporaryDirectory) async throws -> Int {
    let result = try await Program.shell(
      """
      "$ZDCE" enhance '\(input)' -o '\(folder.file("out.mkv"))' -y --quiet & pid=$!
      while [ -e /proc/$pid/exe ]; do awk '/VmHWM/ { print $2 }' /proc/$pid/status; sleep 0.02; done 2> /dev/null
      wait $pid
      """)
    expectSuccess(result)
    return try #require(result.text.split(separator: "\n").compactMap { Int($0) }.max()) / 1024
  }

  /// 200 MB of sound before the first picture are copied without being held in memory.
  @Test func soundBeforeTheFirstPicture() async throws {
    let folder = try TemporaryDirectory()
    let everyday = try await Clips.everyday.path()
    let (input, output) = (folder.file("late.mkv"), folder.file("out.mkv"))
    let sound = "anoisesrc=sample_rate=96000:amplitude=0.1:seed=5,aformat=channel_layouts=7.1"
    try await FFmpeg.run(
      ["-f", "lavfi", "-i", sound, "-itsoffset", "65", "-i", everyday, "-map", "1:v", "-map", "0:a"]
        + ["-c:v", "copy", "-c:a", "pcm_s32le", "-t", "66.2", input])
    let (usual, late) = (try await peak(everyday, in: folder), try await peak(input, in: folder))
    #expect(late < usual + 130, "\(usual) MB with sound beside the picture, \(late) MB with sound before it")
    try await expectSameFrameTimes(output, input)
    #expect(try await FFmpeg.packetHash(of: output, stream: "a:0") == FFmpeg.packetHash(of: input, stream: "a:0"))
    let times = try await [input, output].asyncMap { try await FFprobe.packets(of: $0, stream: "a:0").map(\.time) }
    expectSameTimes(times[1], times[0], "packet")
  }

  /// Where the sound can be kept nowhere, the job fails with a reason and leaves nothing.
  @Test func noRoomForTheSound() async throws {
    let folder = try TemporaryDirectory()
    let sound = "anoisesrc=sample_rate=96000:amplitude=0.1:seed=5,aformat=channel_layouts=7.1"
    let input = folder.file("late.mkv")
    try await FFmpeg.run(
      ["-f", "lavfi", "-i", sound, "-itsoffset", "25", "-i", try await Clips.everyday.path(), "-map", "1:v"]
        + ["-map", "0:a", "-c:v", "copy", "-c:a", "pcm_s32le", "-t", "26.2", input])
    let result = try await Program.shell(
      "TMPDIR=/nowhere \"$ZDCE\" enhance '\(input)' -o '\(folder.file("out.mkv"))' --quiet")
    expectFailure(result, naming: "TMPDIR")
    #expect(try folder.contents() == ["late.mkv"])
  }
}
