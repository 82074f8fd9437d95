import Foundation
import TestSupport
import Testing

/// systemd's own checks of the unit template.
@Suite(.enabled(if: Subprocess.isAvailable("systemd-analyze"))) struct ServiceUnitTests {
  /// An instance whose program exists on this machine, with `extra` appended to its section [Service].
  private func instance(in folder: TemporaryDirectory, extra: String = "") throws -> String {
    let template = String(decoding: try Files.read(Package.path + "/packaging/zdce-video@.service"), as: UTF8.self)
    let unit = template.replacing("/usr/local/bin/zdce-video", with: "/bin/true")
      .replacing("[Install]", with: extra + "\n[Install]")
    return try folder.write(Array(unit.utf8), to: "zdce-video@yard.service")
  }

  @Test func isValid() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Subprocess.run("systemd-analyze", ["verify", "--man=no", try instance(in: folder)])
    #expect(result.status == 0 && result.standardError.isEmpty, "\(result)")
    let odd = try await Subprocess.run(
      "systemd-analyze", ["verify", "--man=no", try instance(in: folder, extra: "RestartSec=often")])
    #expect(odd.standardError.contains("often"), "systemd-analyze finds mistakes: \(odd)")
  }

  /// 0 is nothing exposed, 10 everything; systemd calls it OK up to 4.
  @Test func isHardened() async throws {
    let folder = try TemporaryDirectory()
    let result = try await Subprocess.run(
      "systemd-analyze", ["security", "--offline=true", "--threshold=20", "--no-pager", try instance(in: folder)])
    #expect(result.status == 0, "\(result)\(result.text)")
  }
}
