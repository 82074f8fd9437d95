import Foundation
import Frames
import Pipeline
import TestSupport
import Testing

/// The pipeline as a library user meets it.
@Suite struct EnhancementPipelineTests {
  @Test func reportsEveryFrameInOrder() async throws {
    let folder = try TemporaryDirectory()
    let clip = try await Clips.everyday.path()
    var reports: [FrameReport] = []
    let summary = try EnhancementPipeline(Job(input: clip, output: folder.file("out.mkv"))).run { reports.append($0) }
    #expect(reports.map(\.frame) == Array(0..<summary.framesOut))
    #expect(summary.framesIn == summary.framesOut && summary.estimates + summary.reused == summary.framesOut)
    #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.ptsSeconds < $1.ptsSeconds })
    #expect(reports.allSatisfy { $0.latencyMilliseconds >= $0.applyMilliseconds + $0.encodeMilliseconds })
  }

  @Test func cancellationLeavesAPlayableOutput() async throws {
    let folder = try TemporaryDirectory()
    let cancellation = Cancellation()
    let output = folder.file("out.mp4")
    let job = Job(input: try await Clips.everyday.path(), output: output)
    let summary = try EnhancementPipeline(job, cancellation: cancellation).run { frame in
      if frame.frame == 10 { cancellation.cancel() }
    }
    #expect(summary.isInterrupted && summary.framesOut > 10)
    #expect(try await FFprobe.frames(of: output).count == summary.framesOut)
  }

  /// Packets that wait in the muxer must not pile up when one stream has nothing for a long time.
  @Test func memoryDoesNotGrowWithLength() async throws {
    let folder = try TemporaryDirectory()
    let clip = try await Clips.long.path()
    var sizes: [Int] = []
    var job = Job(input: clip, output: folder.file("out.mkv"))
    job.streamOut.preset = "ultrafast"
    _ = try EnhancementPipeline(job).run { frame in
      if [400, 2300].contains(frame.frame) { sizes.append(Self.residentBytes) }
    }
    #expect(sizes.count == 2)
    #expect(sizes[1] < sizes[0] + (8 << 20), "\(sizes) bytes resident")
  }

  private static var residentBytes: Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
  }
}
