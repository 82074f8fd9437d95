extension Weights {
  /// The bytes of a safetensors file with F32 tensors: the same for the same content, whatever the order it comes in.
  ///
  /// Header: JSON with all keys sorted by their Unicode scalars, padded with spaces so that the data starts at a
  /// multiple of 8. Data: the tensors in the order of their names, little-endian.
  /// - Parameters:
  ///   - tensors: names that differ, and as many values as the shape says, in C order.
  ///   - metadata: what the file says about itself; see docs/weights.md for the keys in use.
  package static func serialize(
    _ tensors: [(name: String, shape: [Int], values: [Float])], metadata: [String: String]
  ) -> [UInt8] {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "names differ")
    var members: [String] = []
    if !metadata.isEmpty {
      let entries = metadata.sorted { precedes($0.key, $1.key) }.map { "\(json($0.key)):\(json($0.value))" }
      members.append("\"__metadata__\":{\(entries.joined(separator: ","))}")
    }
    var data: [UInt8] = []
    data.reserveCapacity(tensors.reduce(0) { $0 + $1.values.count * 4 })
    for (name, shape, values) in tensors.sorted(by: { precedes($0.name, $1.name) }) {
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

  /// Swift compares strings by canonical equivalence, which is not what a reader of bytes expects.
  private static func precedes(_ a: String, _ b: String) -> Bool {
    a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
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
