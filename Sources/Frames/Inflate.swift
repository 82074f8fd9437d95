/// Unpacks a zlib stream (RFC 1950, RFC 1951).
/// - Parameters:
///   - stream: header, deflate data and Adler-32; bytes after it are ignored.
///   - limit: the most bytes to make.
/// - Returns: nil if the stream is malformed, truncated, fails its checksum or is longer than `limit`.
package func inflate(zlib stream: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
  let bytes = Array(stream)
  guard bytes.count >= 2 else { return nil }
  let header = Int(bytes[0]) << 8 | Int(bytes[1])
  guard header % 31 == 0, header >> 8 & 0xF == 8, header >> 12 <= 7, header & 0x20 == 0 else { return nil }
  var inflater = Inflater(input: bytes, position: 2, limit: limit)
  guard inflater.run(), bytes.count - inflater.position >= 4 else { return nil }
  let checksum = bytes[inflater.position..<inflater.position + 4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
  return checksum == adler32(inflater.output) ? inflater.output : nil
}

/// Unpacks bare deflate data (RFC 1951), as in zip files.
/// - Parameter limit: the most bytes to make.
/// - Returns: nil if the data is malformed, truncated, or makes more than `limit`; bytes after its end are ignored.
package func inflate(deflate data: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
  var inflater = Inflater(input: Array(data), position: 0, limit: limit)
  return inflater.run() ? inflater.output : nil
}

/// The state of one run over deflate data; every step answers whether it went well.
private struct Inflater {
  let input: [UInt8]
  /// The next byte of input not yet in `buffer`.
  var position: Int
  let limit: Int
  var output: [UInt8] = []
  private var buffer = 0
  private var bufferedBits = 0

  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ]
  private static let lengthExtraBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577,
  ]
  private static let codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  init(input: [UInt8], position: Int, limit: Int) {
    (self.input, self.position, self.limit) = (input, position, limit)
  }

  mutating func run() -> Bool {
    while true {
      guard let isLast = bits(1), let kind = bits(2) else { return false }
      let done =
        switch kind {
        case 0: stored()
        case 1:
          compressed(
            literals: HuffmanCode(
              lengths: [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112)
                + [Int](repeating: 7, count: 24) + [Int](repeating: 8, count: 8)),
            distances: HuffmanCode(lengths: [Int](repeating: 5, count: 30)))
        case 2: dynamic()
        default: false
        }
      guard done else { return false }
      if isLast == 1 { return true }
    }
  }

  /// The next `count` bits, 0 to 15, the first in the lowest place. At most 7 bits stay buffered.
  private mutating func bits(_ count: Int) -> Int? {
    while bufferedBits < count {
      guard position < input.count else { return nil }
      buffer |= Int(input[position]) << bufferedBits
      position += 1
      bufferedBits += 8
    }
    let value = buffer & (1 << count - 1)
    buffer >>= count
    bufferedBits -= count
    return value
  }

  private mutating func stored() -> Bool {
    (buffer, bufferedBits) = (0, 0)
    guard let length = bits(15).flatMap({ low in bits(1).map { low | $0 << 15 } }),
      let check = bits(15).flatMap({ low in bits(1).map { low | $0 << 15 } }), length ^ check == 0xFFFF,
      length <= input.count - position, length <= limit - output.count
    else { return false }
    output += input[position..<position + length]
    position += length
    return true
  }

  private mutating func dynamic() -> Bool {
    guard let literals = bits(5), let distances = bits(5), let codes = bits(4) else { return false }
    var codeLengths = [Int](repeating: 0, count: 19)
    for place in Self.codeLengthOrder.prefix(codes + 4) {
      guard let length = bits(3) else { return false }
      codeLengths[place] = length
    }
    guard let code = HuffmanCode(lengths: codeLengths) else { return false }
    let total = literals + 257 + distances + 1
    var lengths: [Int] = []
    while lengths.count < total {
      guard let symbol = self.symbol(code) else { return false }
      if symbol < 16 {
        lengths.append(symbol)
        continue
      }
      let (extra, base) = symbol == 16 ? (2, 3) : symbol == 17 ? (3, 3) : (7, 11)
      guard let more = bits(extra), symbol != 16 || !lengths.isEmpty, base + more <= total - lengths.count else {
        return false
      }
      let repeated = symbol == 16 ? lengths[lengths.count - 1] : 0
      lengths += [Int](repeating: repeated, count: base + more)
    }
    return compressed(
      literals: HuffmanCode(lengths: Array(lengths[..<(literals + 257)])),
      distances: HuffmanCode(lengths: Array(lengths[(literals + 257)...])))
  }

  private mutating func compressed(literals: HuffmanCode?, distances: HuffmanCode?) -> Bool {
    guard let literals, let distances else { return false }
    while let symbol = symbol(literals) {
      if symbol == 256 { return true }
      if symbol < 256 {
        guard output.count < limit else { return false }
        output.append(UInt8(symbol))
        continue
      }
      guard Self.lengthBases.indices.contains(symbol - 257),
        let more = bits(Self.lengthExtraBits[symbol - 257]),
        let far = self.symbol(distances), Self.distanceBases.indices.contains(far),
        let farther = bits(max(0, far / 2 - 1))
      else { return false }
      let length = Self.lengthBases[symbol - 257] + more
      let distance = Self.distanceBases[far] + farther
      guard distance <= output.count, length <= limit - output.count else { return false }
      // Byte by byte, as the copy may run into what it writes.
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
    return false
  }

  private mutating func symbol(_ huffman: HuffmanCode) -> Int? {
    var (code, first, index) = (0, 0, 0)
    for length in 1...15 {
      guard let bit = bits(1) else { return nil }
      code |= bit
      let count = huffman.counts[length]
      if code - first < count { return huffman.symbols[index + code - first] }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    return nil
  }
}

/// A canonical prefix code (RFC 1951, 3.2.2).
private struct HuffmanCode {
  /// How many codes there are of each length, `0...15`.
  var counts = [Int](repeating: 0, count: 16)
  /// Symbols by length, then by value.
  let symbols: [Int]

  /// - Parameter lengths: the length of the code of each symbol, `0...15`, 0 for none.
  /// - Returns: nil if the lengths promise more codes than there are.
  init?(lengths: [Int]) {
    for length in lengths { counts[length] += 1 }
    counts[0] = 0
    var left = 1
    for length in 1...15 {
      left = left << 1 - counts[length]
      guard left >= 0 else { return nil }
    }
    symbols = (1...15).flatMap { length in lengths.indices.filter { lengths[$0] == length } }
  }
}
