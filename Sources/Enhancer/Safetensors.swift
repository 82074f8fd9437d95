/// A parsed safetensors file: named arrays of numbers. Checked strictly, since files come from anywhere.
///
/// Format: 8 bytes length of the header, little-endian; the header, JSON; the data. Tensors cover the data without
/// gaps or overlaps. Source: github.com/huggingface/safetensors, README, "Format".
package struct Safetensors: Sendable {
  /// Sample types that are understood.
  package enum DType: String, Sendable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case u8 = "U8"

    package var size: Int {
      switch self {
      case .f32: 4
      case .f16, .bf16: 2
      case .u8: 1
      }
    }
  }

  /// Where a tensor lies, and how.
  package struct Entry: Sendable {
    package var dtype: DType
    package var shape: [Int]
    /// Byte offsets from the start of the data.
    package var range: Range<Int>
  }

  /// Why bytes are refused, as the middle of a sentence.
  package struct Refusal: Error {
    package var reason: String
    package init(_ reason: String) { self.reason = reason }
  }

  package let metadata: [String: String]
  package let entries: [String: Entry]
  private let bytes: [UInt8]
  private let dataStart: Int

  /// Largest header, in bytes: a hundred times that of these networks.
  package static let headerLimit = 1 << 20
  /// Largest file, in bytes.
  package static let fileLimit = 64 << 20

  package init(parsing bytes: [UInt8]) throws(Refusal) {
    guard bytes.count <= Self.fileLimit else { throw Refusal("it is larger than 64 MiB") }
    guard bytes.count >= 8 else { throw Refusal("it is shorter than the 8 bytes of a safetensors length") }
    let length = bytes.prefix(8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= Self.headerLimit else {
      throw Refusal("its header length of \(length) bytes is not between 2 and 1 MiB, so it is no safetensors file")
    }
    guard length <= bytes.count - 8 else {
      throw Refusal("it ends within its header of \(length) bytes")
    }
    dataStart = 8 + Int(length)
    var parser = SafetensorsHeader(bytes[8..<dataStart])
    (entries, metadata) = try parser.parse()
    self.bytes = bytes
    try checkCoverage(dataSize: bytes.count - dataStart)
  }

  /// Tensors stand one after the other, from the first byte of the data to the last.
  private func checkCoverage(dataSize: Int) throws(Refusal) {
    var end = 0
    for (name, entry) in entries.sorted(by: {
      ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key)
    }) {
      guard entry.range.lowerBound == end else {
        throw Refusal("the data of tensor \(name.quoted) starts at byte \(entry.range.lowerBound) instead of \(end)")
      }
      var size = entry.dtype.size
      for extent in entry.shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: extent)
        guard !overflow else { throw Refusal("the shape of tensor \(name.quoted) is too large") }
        size = product
      }
      guard entry.range.count == size else {
        throw Refusal("tensor \(name.quoted) has \(entry.range.count) bytes of data, but its shape needs \(size)")
      }
      end = entry.range.upperBound
    }
    guard end == dataSize else {
      throw Refusal("its tensors need \(end) bytes of data, but \(dataSize) are there")
    }
  }

  /// The values of a tensor as floats, `U8` from 0 to 255; nil if there is none of that name.
  package func floats(_ name: String) -> [Float]? {
    guard let entry = entries[name] else { return nil }
    return bytes.withUnsafeBytes { raw in
      let data = UnsafeRawBufferPointer(rebasing: raw[dataStart...][(dataStart + entry.range.lowerBound)...])
      let count = entry.range.count / entry.dtype.size
      return (0..<count).map { index in
        switch entry.dtype {
        case .f32:
          Float(bitPattern: UInt32(littleEndian: data.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        case .bf16:
          Float(
            bitPattern: UInt32(UInt16(littleEndian: data.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
              << 16)
        case .f16:
          Float(halfBits: UInt16(littleEndian: data.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        case .u8: Float(data[index])
        }
      }
    }
  }
}

extension String {
  /// A name out of a file, fit for a message: short, printable, in quotes.
  package var quoted: String {
    let printable = unicodeScalars.prefix(64).map {
      $0.properties.isPatternWhitespace || $0.value < 32 ? "?" : String($0)
    }
    return "\"" + printable.joined() + (unicodeScalars.count > 64 ? "..." : "") + "\""
  }
}

extension Float {
  /// The value of an IEEE 754 half; `Float16` is not there on every platform.
  package init(halfBits bits: UInt16) {
    let sign: Float = bits & 0x8000 != 0 ? -1 : 1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: self = sign * fraction * 0x1p-24
    case 31: self = fraction == 0 ? sign * .infinity : .nan
    default: self = sign * (1 + fraction * 0x1p-10) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
