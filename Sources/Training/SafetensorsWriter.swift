internal import Foundation

/// Serialises arrays of floats as a safetensors file: the same input gives the same bytes.
///
/// Format: 8 bytes length of the header, little-endian; the header, JSON, padded to a multiple of 8; the data.
struct SafetensorsWriter {
  /// Written as `__metadata__`.
  var metadata: [String: String] = [:]
  private var tensors: [(name: String, shape: [Int], values: [Float])] = []

  /// Appends a tensor; `values` in C order.
  mutating func add(_ name: String, shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "\(name) has \(values.count) values")
    tensors.append((name, shape, values))
  }

  /// The whole file.
  var bytes: [UInt8] {
    var fields = [
      "\"__metadata__\":{"
        + metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
        .joined(separator: ",") + "}"
    ]
    var end = 0
    for tensor in tensors {
      let start = end
      end += 4 * tensor.values.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(Self.quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    var result = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    result += header
    result.reserveCapacity(result.count + end)
    for tensor in tensors {
      for value in tensor.values { withUnsafeBytes(of: value.bitPattern.littleEndian) { result += $0 } }
    }
    return result
  }

  /// Writes the file beside `path` first, so that what was there stays whole until the new one is.
  func write(to path: String) throws(TrainingError) {
    try writeFile(bytes, to: path)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20: result += String(format: "\\u%04x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Replaces a file, or leaves the old one if that fails.
func writeFile(_ bytes: [UInt8], to path: String) throws(TrainingError) {
  do {
    try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw .cannotWrite(path: path, reason: "\((error as NSError).localizedDescription)")
  }
}
