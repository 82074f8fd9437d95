public import Foundation

/// The built `zdce-video`, run as its users run it.
public enum Program {
  /// Where the binary is: `ZDCE_VIDEO` if set, else beside the test bundle (`.build/<configuration>/`).
  public static let path: String? = {
    if let path = ProcessInfo.processInfo.environment["ZDCE_VIDEO"] { return path }
    let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return [running, CommandLine.arguments[0], Bundle.main.executablePath ?? ""]
      .map { URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("zdce-video").path }
      .first { access($0, X_OK) == 0 }
  }()

  /// The binary, or an error that says how to get it.
  public static func located() throws -> String {
    guard let path else {
      throw ProcessError.notFound("zdce-video beside the test bundle; build it first, or set ZDCE_VIDEO")
    }
    return path
  }

  /// Runs the program to its end.
  public static func run(
    _ arguments: [String], input: FileHandle? = nil, directory: String? = nil, timeout: Double = 60
  ) async throws -> ProcessResult {
    try await Subprocess.run(
      try located(), arguments, input: input, directory: directory, timeout: timeout)
  }

  /// Runs `zdce-video enhance`.
  public static func enhance(_ arguments: String..., timeout: Double = 60) async throws -> ProcessResult {
    try await run(["enhance"] + arguments, timeout: timeout)
  }

  /// Runs `zdce-video enhance`.
  public static func enhance(_ arguments: [String], timeout: Double = 60) async throws -> ProcessResult {
    try await run(["enhance"] + arguments, timeout: timeout)
  }

  /// Starts the program and returns at once.
  public static func start(
    _ arguments: [String], input: FileHandle? = nil, output: FileHandle? = nil, timeout: Double = 60
  ) throws -> Subprocess {
    try Subprocess(try located(), arguments, input: input, output: output, timeout: timeout)
  }

  /// Runs a `bash` script in which `$ZDCE` is the program; for pipes and limits.
  public static func shell(_ script: String, timeout: Double = 60) async throws -> ProcessResult {
    try await Subprocess.run(
      "bash", ["-c", "set -o pipefail\n" + script], environment: ["ZDCE": try located()], timeout: timeout)
  }
}

/// The source tree that the tests were built from.
public enum Package {
  /// Its root.
  public static let path: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()
}

/// Material beside the package that is not part of it.
public enum Shared {
  /// `../shared` seen from the package root.
  public static let path = URL(fileURLWithPath: Package.path).deletingLastPathComponent()
    .appendingPathComponent("shared").path

  /// The path of `name` inside it.
  public static func file(_ name: String) -> String { path + "/" + name }

  /// True if the reference results are there.
  public static let hasReferences = Files.exists(file("reference/zero-dce++.weights.safetensors"))
}
