import TestSupport
import Testing

/// What a start costs: sixteen cameras are sixteen processes.
@Suite struct StartTests {
  /// Libraries that few runs need come when they are needed; with them, eighty more would.
  @Test func loadsNoMoreThanItNeeds() async throws {
    let result = try await Program.shell("LD_TRACE_LOADED_OBJECTS=1 \"$ZDCE\"")
    expectSuccess(result)
    #expect(result.text.contains("libavcodec"), "\(result)")
    for library in ["libavfilter", "libavdevice", "libopenblas"] {
      #expect(!result.text.contains(library), "\(library) is loaded with the program")
    }
  }
}
