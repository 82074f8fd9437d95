/// Parser for the header of a safetensors file.
///
/// Not a general JSON parser on purpose: only the two levels that the format has can be nested, so a hostile header
/// cannot grow the stack, and duplicate names are seen instead of silently dropped.
struct SafetensorsHeader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  typealias Refusal = Safetensors.Refusal

  mutating func parse() throws(Refusal) -> (entries: [String: Safetensors.Entry], metadata: [String: String]) {
    var entries: [String: Safetensors.Entry] = [:]
    var metadata: [String: String]?
    try members { parser, name throws(Refusal) in
      if name == "__metadata__" {
        guard metadata == nil else { throw Refusal("its header names \(name.quoted) twice") }
        metadata = try parser.strings()
      } else {
        guard entries[name] == nil else { throw Refusal("its header names tensor \(name.quoted) twice") }
        entries[name] = try parser.entry(name)
      }
    }
    skipSpace()
    guard position == bytes.endIndex else { throw unexpected() }
    return (entries, metadata ?? [:])
  }

  private mutating func strings() throws(Refusal) -> [String: String] {
    var result: [String: String] = [:]
    try members { parser, key throws(Refusal) in
      let value = try parser.string()
      guard result.updateValue(value, forKey: key) == nil else {
        throw Refusal("its metadata names \(key.quoted) twice")
      }
    }
    return result
  }

  private mutating func entry(_ name: String) throws(Refusal) -> Safetensors.Entry {
    var dtype: Safetensors.DType?
    var shape: [Int]?
    var offsets: [Int]?
    try members { parser, key throws(Refusal) in
      switch key {
      case "dtype" where dtype == nil:
        let text = try parser.string()
        guard let known = Safetensors.DType(rawValue: text) else {
          throw Refusal("tensor \(name.quoted) has the type \(text.quoted) instead of F32, F16 or BF16")
        }
        dtype = known
      case "shape" where shape == nil: shape = try parser.integers(atMost: 8)
      case "data_offsets" where offsets == nil: offsets = try parser.integers(atMost: 2)
      default: throw Refusal("the header of tensor \(name.quoted) has a surplus entry \(key.quoted)")
      }
    }
    guard let dtype, let shape, let offsets, offsets.count == 2 else {
      throw Refusal("the header of tensor \(name.quoted) lacks its type, shape or offsets")
    }
    guard offsets[0] <= offsets[1] else { throw Refusal("the data of tensor \(name.quoted) ends before it starts") }
    return Safetensors.Entry(dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
  }

  // MARK: JSON

  private mutating func members(_ body: (inout Self, String) throws(Refusal) -> Void) throws(Refusal) {
    try expect("{")
    if accept("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try body(&self, key)
    } while accept(",")
    try expect("}")
  }

  private mutating func integers(atMost limit: Int) throws(Refusal) -> [Int] {
    var result: [Int] = []
    try expect("[")
    if accept("]") { return result }
    repeat {
      guard result.count < limit else { throw Refusal("its header has a list of more than \(limit) numbers") }
      result.append(try integer())
    } while accept(",")
    try expect("]")
    return result
  }

  /// A non-negative integer without leading zeros, sign, fraction or exponent: all that the format needs.
  private mutating func integer() throws(Refusal) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
      guard position - start < 15 else { throw Refusal("its header has a number that is too large") }
      value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
      position += 1
    }
    guard position > start, bytes[start] != UInt8(ascii: "0") || position == start + 1 else { throw unexpected() }
    return value
  }

  private mutating func string() throws(Refusal) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: text, as: UTF8.self) else {
          throw Refusal("its header has a name that is not UTF-8")
        }
        return result
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
      case 0..<32: throw Refusal("its header has a control character within a name")
      default: text.append(byte)
      }
    }
    throw Refusal("its header ends within a name")
  }

  private mutating func escape() throws(Refusal) -> Unicode.Scalar {
    guard position < bytes.endIndex else { throw unexpected() }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try hexadecimal()
      if let scalar = Unicode.Scalar(first) { return scalar }
      // Half of a surrogate pair: the other must follow.
      guard (0xD800..<0xDC00).contains(first), accept("\\", skippingSpace: false), accept("u", skippingSpace: false)
      else { throw Refusal("its header has half of a surrogate pair") }
      let second = try hexadecimal()
      guard (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      else { throw Refusal("its header has half of a surrogate pair") }
      return scalar
    default: throw unexpected(at: position - 1)
    }
  }

  private mutating func hexadecimal() throws(Refusal) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.endIndex, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw unexpected()
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipSpace() {
    while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar, skippingSpace: Bool = true) -> Bool {
    if skippingSpace { skipSpace() }
    guard position < bytes.endIndex, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Refusal) {
    guard accept(character) else { throw unexpected() }
  }

  private func unexpected(at place: Int? = nil) -> Refusal {
    let place = place ?? position
    guard place < bytes.endIndex else { return Refusal("its header ends too early") }
    return Refusal("its header is malformed at byte \(place)")
  }
}
