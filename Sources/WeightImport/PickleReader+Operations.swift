internal import Enhancer

extension PickleReader {
  /// One operation, other than the end. Names are those of pickletools.
  mutating func perform(_ operation: UInt8) throws(Refusal) {
    switch operation {
    case 0x80:  // PROTO
      let version = try cursor.byte()
      guard (2...5).contains(version) else { throw malformed("has protocol \(version) instead of 2 to 5") }
    case 0x95: _ = try cursor.integer(8)  // FRAME
    case UInt8(ascii: "("): marks.append(stack.count)  // MARK
    case UInt8(ascii: "0"): _ = try pop()  // POP
    case UInt8(ascii: "1"): _ = try popToMark()  // POP_MARK
    case UInt8(ascii: "N"): push(.none)
    case 0x88: push(.bool(true))
    case 0x89: push(.bool(false))
    case UInt8(ascii: "J"): push(.int(Int(Int32(truncatingIfNeeded: try cursor.integer(4)))))  // BININT
    case UInt8(ascii: "K"): push(.int(try cursor.integer(1)))
    case UInt8(ascii: "M"): push(.int(try cursor.integer(2)))
    case 0x8A: push(long(try cursor.take(try cursor.integer(1))))  // LONG1
    case UInt8(ascii: "G"): push(.double(Double(bitPattern: bigEndian(try cursor.take(8)))))  // BINFLOAT
    case UInt8(ascii: "X"): push(.text(try cursor.text(try cursor.integer(4))))  // BINUNICODE
    case 0x8C: push(.text(try cursor.text(try cursor.integer(1))))  // SHORT_BINUNICODE
    case 0x8D: push(.text(try cursor.text(try cursor.integer(8))))  // BINUNICODE8
    case UInt8(ascii: "U"): push(.text(try cursor.text(try cursor.integer(1))))  // SHORT_BINSTRING, of Python 2
    case UInt8(ascii: "B"): try skipBytes(4)  // BINBYTES
    case UInt8(ascii: "C"): try skipBytes(1)  // SHORT_BINBYTES
    case 0x8E: try skipBytes(8)  // BINBYTES8
    case UInt8(ascii: ")"): pushTuple([])
    case UInt8(ascii: "t"): pushTuple(try popToMark())
    case 0x85: pushTuple([try pop()])
    case 0x86: try pushTuple(of: 2)
    case 0x87: try pushTuple(of: 3)
    case UInt8(ascii: "]"): pushList()
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "}"): pushDictionary()
    case UInt8(ascii: "s"):  // SETITEM
      let value = try pop()
      try set([try pop(), value])
    case UInt8(ascii: "u"): try set(try popToMark())
    case UInt8(ascii: "q"): try remember(try cursor.integer(1))  // BINPUT
    case UInt8(ascii: "r"): try remember(try cursor.integer(4))  // LONG_BINPUT
    case 0x94: try remember(memo.count)  // MEMOIZE
    case UInt8(ascii: "h"): try recall(try cursor.integer(1))  // BINGET
    case UInt8(ascii: "j"): try recall(try cursor.integer(4))  // LONG_BINGET
    case UInt8(ascii: "c"): try pushGlobal(module: try cursor.line(), name: try cursor.line())
    case 0x93:  // STACK_GLOBAL
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw malformed("names something with what is no text")
      }
      try pushGlobal(module: module, name: name)
    case UInt8(ascii: "Q"): try pushStorage(try pop())  // BINPERSID
    case UInt8(ascii: "R"): try reduce()
    case UInt8(ascii: "b"):  // BUILD: an OrderedDict may have attributes, of which PyTorch keeps versions.
      _ = try pop()
      guard case .dictionary = stack.last else { throw malformed("sets the state of an object") }
    default: throw malformed("has the operation 0x\(String(operation, radix: 16)), which no file of tensors needs")
    }
  }

  private func long(_ bytes: ArraySlice<UInt8>) -> PickleValue {
    guard bytes.count <= 8 else { return .opaque }
    let value = bytes.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    let unused = UInt64(64 - 8 * bytes.count)
    return .int(bytes.isEmpty ? 0 : Int(Int64(bitPattern: value << unused) >> Int64(unused)))
  }

  private func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

  private mutating func skipBytes(_ lengthSize: Int) throws(Refusal) {
    _ = try cursor.take(try cursor.integer(lengthSize))
    push(.opaque)
  }

  private mutating func pushTuple(of count: Int) throws(Refusal) {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop()) }
    pushTuple(values.reversed())
  }

  private mutating func remember(_ index: Int) throws(Refusal) {
    guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw malformed("remembers nothing") }
    memo[index] = value
  }

  private mutating func recall(_ index: Int) throws(Refusal) {
    guard let value = memo[index] else { throw malformed("recalls what it never remembered") }
    push(value)
  }

  private mutating func pushGlobal(module: String, name: String) throws(Refusal) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw Refusal("it asks for \("\(module).\(name)".quoted), and only tensors are read from it, nothing is run")
    }
    push(.global(global))
  }
}
