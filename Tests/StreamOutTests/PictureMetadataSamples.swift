import Foundation
import Testing

@testable import StreamOut

/// A directory of its own for one test's files, removed with the value.
final class PictureDirectory {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "picture-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  func path(_ name: String) -> String { url.appending(path: name).path }

  func read(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: url.appending(path: name)))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: url.appending(path: name))
  }

  /// Standard output of a tool run in the directory; a failing tool fails the test.
  @discardableResult
  func run(_ tool: String, _ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.currentDirectoryURL = url
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(tool) \(arguments.joined(separator: " "))")
    return Array(data)
  }

  /// A picture as the program's encoders leave it: no metadata.
  func encode(_ name: String, source: String = "testsrc2=size=64x48", _ options: [String] = []) throws {
    try run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", source, "-frames:v", "1"] + options + [name])
  }

  /// Decoded pixels as stored, not turned.
  func pixels(_ name: String) throws -> [UInt8] {
    try run(
      "ffmpeg",
      [
        "-v", "error", "-xerror", "-noautorotate", "-i", name, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgba",
        "-",
      ]
    )
  }

  /// All tags by `group:name` as ExifTool reads them, numeric where they are numbers; repeated ones by lines.
  func tags(_ name: String) throws -> [String: String] {
    let text = String(decoding: try run("exiftool", ["-s", "-G1", "-n", "-a", "-m", name]), as: UTF8.self)
    return text.split(separator: "\n").reduce(into: [:]) { tags, line in
      guard let match = line.firstMatch(of: /^\[(.+?)\] +(\S+) *: (.*)$/) else { return }
      tags["\(match.1):\(match.2)", default: ""] += (tags["\(match.1):\(match.2)"] == nil ? "" : "\n") + match.3
    }
  }

  /// The bytes of a binary tag.
  func data(_ tag: String, of name: String) throws -> [UInt8] {
    try run("exiftool", ["-b", "-m", "-\(tag)", name])
  }
}

enum Sample {
  static let formats: [PictureMetadata.Format] = [.jpeg, .png, .webP, .tiff]

  static func suffix(_ format: PictureMetadata.Format) -> String {
    switch format {
    case .jpeg: "jpg"
    case .png: "png"
    case .webP: "webp"
    case .tiff: "tiff"
    }
  }

  /// A profile header (ICC.1:2022, 7.2) with no tags, then compressible bytes up to `count`.
  static func profile(space: String = "RGB ", count: Int = 150_000) -> [UInt8] {
    var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7 ^ $0 >> 9) }
    bytes.replaceSubrange(0..<132, with: [UInt8](repeating: 0, count: 132))
    bytes.replaceSubrange(0..<4, with: PictureMetadata.encode(count, count: 4, .big))
    bytes[8] = 4
    for (offset, text) in [(12, "mntr"), (16, space), (20, "XYZ "), (36, "acsp")] {
      bytes.replaceSubrange(offset..<offset + 4, with: text.utf8)
    }
    return bytes
  }

  /// Makes `source.*` with everything that is carried and returns its name.
  static func dressed(
    _ format: PictureMetadata.Format, in directory: PictureDirectory, size: String = "80x56",
    profile: [UInt8] = profile()
  ) throws -> String {
    let name = "source.\(suffix(format))"
    try directory.encode(name, source: "mandelbrot=size=\(size)", format == .webP ? ["-c:v", "libwebp"] : [])
    try directory.encode("thumbnail.jpg", source: "testsrc2=size=16x12")
    try directory.write(profile, to: "source.icc")
    var options = [
      "-q", "-m", "-overwrite_original", "-api", "Compact=NoPadding", "-Orientation#=6", "-GPSLatitude=52.5",
      "-GPSLatitudeRef=N",
      "-GPSLongitude=13.25", "-GPSLongitudeRef=E", "-DateTimeOriginal=2021:03:04 05:06:07", "-Make=Maker",
      "-Model=Model 1", "-IFD0:Artist=J\u{F6}rg", "-ExposureTime=0.5", "-ExifImageWidth=4000",
      "-XResolution=300", "-YResolution=150", "-ResolutionUnit=inches",
      "-XMP-dc:Title=Night", "-XMP-tiff:Orientation#=6", "-ICC_Profile<=source.icc",
    ]
    switch format {
    case .jpeg:
      options += ["-IPTC:Keywords=harbour", "-Comment=first comment", "-ThumbnailImage<=thumbnail.jpg"]
    case .png:
      options += [
        "-z", "-IPTC:Keywords=harbour", "-PNG:Comment=first comment", "-PNG:Title=Caf\u{E9}",
        "-PNG:PixelsPerUnitX=5000", "-PNG:PixelsPerUnitY=4000", "-PNG:PixelUnits#=1",
        "-PNG:ModifyDate=2022:01:02 03:04:05", "-PNG:Disclaimer=" + String(repeating: "long text ", count: 40),
      ]
    case .tiff: options += ["-IPTC:Keywords=harbour", "-ImageDescription=first comment"]
    case .webP: options += ["-ImageDescription=first comment"]
    }
    try directory.run("exiftool", options + [name])
    return name
  }
}
