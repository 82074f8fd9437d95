extension Safetensors {
  /// One array of floats to be written: as many values as the shape says, in C order.
  package typealias Tensor = (name: String, shape: [Int], values: [Float])

  /// The bytes of a file of F32 tensors: the same tensors in the same order give the same bytes.
  ///
  /// Header: JSON, first the metadata with its keys sorted by their Unicode scalars, then the tensors in the order that
  /// they are given in, padded with spaces so that the data starts at a multiple of 8. Data: little-endian.
  /// - Parameters:
  ///   - tensors: names that differ.
  ///   - metadata: what the file says about itself; see docs/weights.md for the keys in use.
  package static func serialize(_ tensors: [Tensor], metadata: [String: String] = [:]) -> [UInt8] {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "names differ")
    var members: [String] = []
    if !metadata.isEmpty {
      // Swift compares strings by canonical equivalence, which is not what a reader of bytes expects.
      let entries = metadata.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) }
        .map { "\(json($0.key)):\(json($0.value))" }
      members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
    }
    var data: [UInt8] = []
    data.reserveCapacity(tensors.reduce(0) { $0 + $1.values.count * 4 })
    for (name, shape, values) in tensors {
      precondition(shape.reduce(1, *) == values.count, "\(name) has the values of its shape")
      let start = data.count
      for value in values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      let extents = shape.map(String.init).joined(separator: ",")
      members.append(
        "\(json(name)):{\"dtype\":\"F32\",\"shape\":[\(extents)],\"data_offsets\":[\(start),\(data.count)]}")
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
  }

  /// A JSON string.
  private static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
