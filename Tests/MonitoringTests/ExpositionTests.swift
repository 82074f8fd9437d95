import Foundation
import Pipeline
import StreamOut
import TestSupport
import Testing

@testable import Monitoring

/// A run in the middle of its work, with everything that a status can hold.
func busyStatus() -> LiveStatus {
  var status = LiveStatus()
  status.source = #"rtsp://***@camera/"stream"\1"#
  status.sourceState = .streaming
  (status.framesIn, status.framesOut, status.framesDropped, status.framesReused) = (1000, 990, 10, 900)
  (status.inFPS, status.outFPS, status.uptime) = (30, 29.97, 40)
  (status.secondsSinceFrameIn, status.secondsSinceFrameOut, status.timeOfLastFrame) = (0.01, 0.02, 1_790_000_000.25)
  for seconds in [0.0005, 0.001, 0.03, 0.2, 70] { status.latencies.total.add(seconds) }
  status.latencies.decode.add(0.004)
  // The same name twice must not make the same series twice.
  status.sinks = [
    LiveSinkStatus(name: "rtsp://127.0.0.1/a"), LiveSinkStatus(name: "null"), LiveSinkStatus(name: "null"),
  ]
  return status
}

@Suite struct ExpositionTests {
  /// Prometheus's own tool reads it and has nothing to say against names, types and texts.
  @Test(arguments: [LiveStatus(), busyStatus()])
  func promtoolAccepts(status: LiveStatus) async throws {
    let text = Exposition(status, process: ProcessFigures(), version: "1.2.3").text
    #expect(text.contains("process_resident_memory_bytes"), "the process's own figures are there")
    let folder = try TemporaryDirectory()
    let file = try folder.write(Array(text.utf8), to: "metrics")
    let result = try await Subprocess.run(
      Package.path + "/Tests/Rigs/promtool.sh", ["check", "metrics"],
      input: try FileHandle(forReadingFrom: URL(fileURLWithPath: file)))
    #expect(result.status == 0 && result.standardError.isEmpty, "\(result)\(result.text)")
    // What it does not look for.
    let series = text.split(separator: "\n").filter { $0.first != "#" }.map {
      $0[..<($0.lastIndex(of: " ") ?? $0.endIndex)]
    }
    #expect(Set(series).count == series.count, "each series once")
  }

  /// The judge of the test above does object.
  @Test(arguments: [
    "# TYPE a counter\na 1\n", "# HELP a b\n# TYPE a counter\na 1\n", "a{ 1\n",
  ])
  func promtoolObjects(text: String) async throws {
    let folder = try TemporaryDirectory()
    let file = try folder.write(Array(text.utf8), to: "metrics")
    let result = try await Subprocess.run(
      Package.path + "/Tests/Rigs/promtool.sh", ["check", "metrics"],
      input: try FileHandle(forReadingFrom: URL(fileURLWithPath: file)))
    #expect(result.status != 0, "\(result)")
  }

  @Test func values() {
    let lines = Exposition(busyStatus(), process: nil, version: "1").text.split(separator: "\n").map(String.init)
    for line in [
      "# TYPE zdce_video_frames_in_total counter",
      "zdce_video_frames_in_total 1000",
      "zdce_video_frames_dropped_total 10",
      "zdce_video_output_fps 29.97",
      #"zdce_video_info{version="1",source="rtsp://***@camera/\"stream\"\\1"} 1"#,
      #"zdce_video_source_state{state="streaming"} 1"#,
      #"zdce_video_source_state{state="waiting"} 0"#,
      #"zdce_video_latency_seconds_bucket{le="0.001"} 2"#,
      #"zdce_video_latency_seconds_bucket{le="0.2"} 4"#,
      #"zdce_video_latency_seconds_bucket{le="5"} 4"#,
      #"zdce_video_latency_seconds_bucket{le="+Inf"} 5"#,
      "zdce_video_latency_seconds_count 5",
      #"zdce_video_stage_duration_seconds_sum{stage="decode"} 0.004"#,
      #"zdce_video_sink_state{sink="2",target="null",state="idle"} 1"#,
      "zdce_video_last_frame_timestamp_seconds 1790000000.25",
    ] { #expect(lines.contains(line), "\(line)") }
  }

  @Test func numbers() {
    let values: [Double] = [0, -3, 0.5, 1e-9, 1e300, .infinity, -.infinity, .nan]
    #expect(values.map(Exposition.number) == ["0", "-3", "0.5", "1e-09", "1e+300", "+Inf", "-Inf", "NaN"])
  }

  @Test func processFiguresAreTrue() throws {
    let before = try #require(ProcessFigures())
    let handles = try (0..<5).map { _ in try #require(FileHandle(forReadingAtPath: "/dev/null")) }
    let after = try #require(ProcessFigures())
    // Other tests run at the same time.
    #expect(after.openDescriptors >= before.openDescriptors - 100 && after.openDescriptors >= 5)
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let resident = try #require(
      status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }?.split(separator: " ").dropFirst().first)
    #expect(abs(after.residentBytes / 1024 / (Double(resident) ?? 0) - 1) < 0.2)
    #expect(after.startTime < Date().timeIntervalSince1970 && after.startTime > Date().timeIntervalSince1970 - 7200)
    #expect(after.processorSeconds > 0 && after.threads >= 1)
    withExtendedLifetime(handles) {}
  }
}
