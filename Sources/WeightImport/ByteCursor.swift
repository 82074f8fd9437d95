internal import Enhancer

/// Why bytes are refused, as the middle of a sentence.
typealias Refusal = Safetensors.Refusal

/// Reads bytes of unknown quality one after the other; what is not there is refused, nothing traps.
struct ByteCursor {
  let bytes: [UInt8]
  /// What the bytes are, for messages: "pickle", "zip archive".
  let subject: String
  private(set) var position: Int
  let end: Int

  /// Over `range` of `bytes`, all of them unless told; the range lies within.
  init(_ bytes: [UInt8], subject: String, range: Range<Int>? = nil) {
    self.bytes = bytes
    self.subject = subject
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
    assert(position >= 0 && end <= bytes.count)
  }

  var remaining: Int { end - position }

  /// Goes to a place; refuses one that is not there.
  mutating func seek(to place: Int) throws(Refusal) {
    guard place >= 0, place <= end else { throw Refusal("its \(subject) points to byte \(place), which is not there") }
    position = place
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(Refusal) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw Refusal("its \(subject) ends too early, at byte \(end)")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func byte() throws(Refusal) -> UInt8 {
    guard position < end else { throw Refusal("its \(subject) ends too early, at byte \(end)") }
    defer { position += 1 }
    return bytes[position]
  }

  /// An unsigned little-endian integer of up to 8 bytes; refuses what does not fit `Int`.
  mutating func integer(_ count: Int) throws(Refusal) -> Int {
    let value = try take(count).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard let result = Int(exactly: value) else { throw Refusal("its \(subject) holds a number that is too large") }
    return result
  }

  /// UTF-8 text of `count` bytes.
  mutating func text(_ count: Int) throws(Refusal) -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw Refusal("its \(subject) holds a text that is not UTF-8")
    }
    return text
  }

  /// The bytes up to the next newline, as text; the newline is skipped.
  mutating func line() throws(Refusal) -> String {
    guard let newline = bytes[position..<end].firstIndex(of: 0x0A) else {
      throw Refusal("its \(subject) ends too early, at byte \(end)")
    }
    let line = try text(newline - position)
    position += 1
    return line
  }
}
