import Foundation
import TestSupport
import Testing

/// The run succeeded: exit status 0.
func expectSuccess(_ result: ProcessResult, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(result.status == 0, "\(result)", sourceLocation: sourceLocation)
}

/// The run failed with `status`, by itself, and says in exactly one line on standard error what happened to `subject`.
///
/// Only for runs with `--quiet`, which leaves nothing but the error itself.
func expectFailure(
  _ result: ProcessResult, status: Int32 = 1, naming subject: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.signal == nil, "\(result)", sourceLocation: sourceLocation)
  #expect(result.status == status, "\(result)", sourceLocation: sourceLocation)
  #expect(result.messages.count == 1, "one line on standard error: \(result)", sourceLocation: sourceLocation)
  #expect(
    result.standardError.localizedCaseInsensitiveContains(subject), "the message names \(subject): \(result)",
    sourceLocation: sourceLocation)
  #expect(result.standardOutput.isEmpty, "messages go to standard error", sourceLocation: sourceLocation)
}

/// The arguments alone are wrong: exit status 64, a message, nothing on standard output.
func expectUsageError(
  _ result: ProcessResult, naming subject: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.status == 64, "\(result)", sourceLocation: sourceLocation)
  #expect(
    result.standardError.localizedCaseInsensitiveContains(subject), "the message names \(subject): \(result)",
    sourceLocation: sourceLocation)
  #expect(result.standardOutput.isEmpty, sourceLocation: sourceLocation)
}

/// The run was refused. What the libraries or the file system know may count as seen from the arguments or not: 1 or 64.
func expectRefusal(_ result: ProcessResult, naming subject: String, sourceLocation: SourceLocation = #_sourceLocation) {
  if result.status == 64 {
    expectUsageError(result, naming: subject, sourceLocation: sourceLocation)
  } else {
    expectFailure(result, naming: subject, sourceLocation: sourceLocation)
  }
}

/// Some line on standard error contains every one of `words`, in any case.
func expectWarning(
  _ result: ProcessResult, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  let found = result.messages.contains { line in words.allSatisfy { line.localizedCaseInsensitiveContains($0) } }
  #expect(found, "a warning with \(words): \(result)", sourceLocation: sourceLocation)
}

/// Two files decode to the same frames, bit for bit, in the same order.
func expectSameFrames(
  _ output: String, _ input: String, format: String? = nil, filter: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let expected = try await FFmpeg.frameHashes(of: input, format: format, filter: filter)
  let actual = try await FFmpeg.frameHashes(of: output, format: format, filter: filter)
  #expect(!expected.isEmpty, "the test clip has frames", sourceLocation: sourceLocation)
  expectEqual(actual, expected, "frame", sourceLocation: sourceLocation)
}

/// Two lists are equal; says where they first differ instead of printing both.
func expectEqual(
  _ actual: [String], _ expected: [String], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "number of \(what)s", sourceLocation: sourceLocation)
  let different = zip(actual, expected).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
  #expect(
    different.isEmpty,
    "\(what)s \(different.prefix(10)) differ, \(different.count) of \(expected.count)", sourceLocation: sourceLocation)
}

/// Two lists of seconds are equal to within a millisecond.
func expectSameTimes(
  _ actual: [Double], _ expected: [Double], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(!expected.isEmpty, "the test clip has \(what)s", sourceLocation: sourceLocation)
  #expect(expected.allSatisfy { $0.isFinite }, "the test clip has times", sourceLocation: sourceLocation)
  #expect(actual.count == expected.count, "number of \(what)s", sourceLocation: sourceLocation)
  // 1 ms, and the last printed digit.
  let wrong = zip(actual, expected).enumerated().first { !(abs($1.0 - $1.1) <= 0.001_002) }
  if let wrong {
    let message = "\(what) \(wrong.offset): \(wrong.element.0) s instead of \(wrong.element.1) s"
    Issue.record("\(message)", sourceLocation: sourceLocation)
  }
}

/// Every decoded frame has the time it has in the input.
func expectSameFrameTimes(
  _ output: String, _ input: String, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let expected = try await FFprobe.frames(of: input).map(\.time)
  let actual = try await FFprobe.frames(of: output).map(\.time)
  expectSameTimes(actual, expected, "frame", sourceLocation: sourceLocation)
}

/// A stream was copied: the same packets at the same times.
func expectSamePackets(
  _ output: String, _ outputStream: String, _ input: String, _ inputStream: String, times: Bool = true,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let expected = try await FFprobe.packets(of: input, stream: inputStream)
  let actual = try await FFprobe.packets(of: output, stream: outputStream)
  #expect(!expected.isEmpty, "the test clip has packets", sourceLocation: sourceLocation)
  expectEqual(actual.map(\.dataHash), expected.map(\.dataHash), "packet", sourceLocation: sourceLocation)
  if times {
    expectSameTimes(actual.map(\.time), expected.map(\.time), "packet", sourceLocation: sourceLocation)
  }
}

/// The file decodes from end to end without a complaint; returns its number of frames.
@discardableResult
func expectPlayable(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int {
  #expect(Files.exists(path), "there is an output", sourceLocation: sourceLocation)
  let complaints = try await FFmpeg.complaints(about: path)
  #expect(complaints.isEmpty, "\(complaints)", sourceLocation: sourceLocation)
  let count = try await FFprobe.frames(of: path).count
  #expect(count > 0, sourceLocation: sourceLocation)
  return count
}

/// Mean of 8-bit samples.
func mean(_ samples: some Sequence<UInt8>) -> Double {
  var (sum, count) = (0, 0)
  for sample in samples {
    sum += Int(sample)
    count += 1
  }
  return Double(sum) / Double(count)
}
