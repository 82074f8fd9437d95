internal import Foundation

/// What this process takes of the machine, as Linux tells in `/proc/self`.
struct ProcessFigures {
  /// Memory in use that lies in RAM, in bytes.
  let residentBytes: Double
  /// Address space, in bytes.
  let virtualBytes: Double
  /// User and system time of all threads, in seconds.
  let processorSeconds: Double
  /// Threads.
  let threads: Double
  /// Files, sockets and pipes that are open.
  let openDescriptors: Double
  /// How many may be open.
  let descriptorLimit: Double
  /// When the process began, in seconds since 1970.
  let startTime: Double

  /// The present figures; nil where `/proc` is missing or speaks otherwise.
  init?() {
    // The name of the program stands in parentheses and may contain anything, even more of them.
    guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let end = stat.lastIndex(of: ")")
    else { return nil }
    // Fields are counted from 1 in proc(5); the first one here is the third there.
    let fields = stat[stat.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
    guard fields.count > 21, let boot = Self.bootTime, let open = Self.countDescriptors() else { return nil }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    processorSeconds = (fields[14 - 3] + fields[15 - 3]) / ticks
    threads = fields[20 - 3]
    startTime = boot + fields[22 - 3] / ticks
    virtualBytes = fields[23 - 3]
    residentBytes = fields[24 - 3] * Double(sysconf(Int32(_SC_PAGESIZE)))
    openDescriptors = open
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    descriptorLimit = Double(limit.rlim_cur)
  }

  /// The one that reads the folder is not counted.
  private static func countDescriptors() -> Double? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = -1.0
    while let entry = readdir(folder) {
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return count
  }

  /// In seconds since 1970.
  private static let bootTime: Double? = {
    guard let stat = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
    return stat.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst("btime ".count)) }
  }()
}
