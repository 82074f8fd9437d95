import Testing

@testable import WeightImport

/// Files that nobody vouches for: nothing runs, traps, loops or grows.
@Suite struct HostileTests {
  @Test(arguments: ImportTests.formats)
  func truncatedAnywhere(_ format: ImportedWeights.Format, _ bytes: [UInt8]) {
    // Every byte of the part with structure, then some of the numbers; the archive's structure is at both ends.
    let structure = format == .torchStream ? 5000 : format == .torchArchive ? 400 : 3000
    let places = Array(0..<structure) + Array(stride(from: structure, to: bytes.count - 400, by: 997))
    for count in places + Array(bytes.count - 400..<bytes.count) {
      let refusal = Sample.refusal(Array(bytes[..<count]))
      #expect(refusal != nil, "cut after \(count) bytes")
      #expect(refusal?.contains("\n") == false)
    }
  }

  @Test func truncatedPickleAtEveryByte() {
    let pickle = Sample.pickle()
    for count in pickle.indices { #expect(Sample.refusal(Sample.archive(pickle: Array(pickle[..<count]))) != nil) }
  }

  /// Damage may go unnoticed in a value, but never crashes. Positions of structure are hit more often than numbers.
  @Test(arguments: ImportTests.formats)
  func damagedAnywhere(_ format: ImportedWeights.Format, _ bytes: [UInt8]) {
    var numbers = Numbers(state: 11)
    for _ in 0..<1500 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        let range = [0..<4000, bytes.count - 3000..<bytes.count, 0..<bytes.count].randomElement(using: &numbers)!
        damaged[Int.random(in: range, using: &numbers)] =
          [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &numbers)].randomElement(using: &numbers)!
      }
      _ = Sample.refusal(damaged)
    }
  }

  /// The archive's checksums would catch what this is about.
  @Test func damagedPickles() {
    var numbers = Numbers(state: 12)
    let pickle = Sample.pickle()
    for _ in 0..<4000 {
      var damaged = pickle
      for _ in 0..<Int.random(in: 1...6, using: &numbers) {
        damaged[Int.random(in: damaged.indices, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
      }
      _ = Sample.refusal(Sample.archive(pickle: damaged))
    }
    for _ in 0..<4000 {
      let random = (0..<200).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      var reader = PickleReader(ByteCursor(random, subject: "pickle"))
      _ = try? reader.read()
    }
  }

  @Test(arguments: [
    ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("torch", "load"), ("collections", "x"),
  ])
  func callablesAreRefused(_ module: String, _ name: String) {
    var writer = PickleWriter()
    writer.global(module, name)
    writer.text("touch /tmp/owned")
    writer.bytes += [0x85, 0x52, 0x2E]
    let refusal = Sample.refusal(Sample.archive(pickle: writer.bytes))
    #expect(refusal?.contains("\(module).\(name)") == true && refusal?.contains("nothing is run") == true)

    var modern = PickleWriter()
    modern.text(module)
    modern.text(name)
    modern.bytes += [0x93, 0x2E]
    #expect(Sample.refusal(Sample.archive(pickle: modern.bytes))?.contains("\(module).\(name)") == true)
  }

  /// Old-style objects, extension codes, integers as text: all can be spelled in ways that tensors need.
  @Test(arguments: Array("iolIFLSVPdTg2".utf8) + [0x81, 0x82, 0x92, 0x8B, 0x8F, 0x90, 0x91, 0x96, 0x97, 0x98, 0xFF])
  func otherOperationsAreRefused(_ operation: UInt8) {
    #expect(Sample.refusal(Sample.archive(pickle: [0x80, 2, 0x4E, operation, 0x2E])) != nil)
  }

  @Test(
    arguments: [
      ".", "t.", "(t", "Q.", "R.", "b.", "N)R.", "(Q.", "s.", "u.", "(u.", "}(Nu.", "]N(a.", "Na.", "(1(1.", "1.", "0.",
      "h\u{7}.", "q\u{7}.", "(q\u{7}.", "N.", "}.", "].", ")Q.", "((((.", "X\u{7f}\u{7f}\u{7f}\u{7f}.", "}s.", "}Ns.",
    ])
  func nonsensePickles(_ text: String) {
    let refusal = Sample.refusal(Sample.archive(pickle: [0x80, 2] + Array(text.utf8)))
    #expect(refusal != nil && refusal?.contains("\n") == false)
  }

  @Test func selfContainingAndDeepContainers() {
    // A list in itself, and one behind a million marks, tuples and lists.
    #expect(Sample.refusal(Sample.archive(pickle: [0x80, 2] + Array("]q\u{1}h\u{1}a.".utf8))) != nil)
    for unit in ["(", "]", "}", ")\u{85}", "N", "(N", "]q\u{1}(h\u{1}e", ")\u{85}q\u{1}"] {
      let bytes = unit.unicodeScalars.map { UInt8($0.value) }
      let bomb = Array(repeatElement(bytes, count: 1_000_000 / bytes.count).joined())
      #expect(Sample.refusal(Sample.archive(pickle: [0x80, 2] + bomb + [0x2E])) != nil)
    }
    // Nesting as deep as the limit of operations lets it be.
    let deep = [UInt8](repeating: 0x85, count: 200_000)
    #expect(Sample.refusal(Sample.archive(pickle: [0x80, 2, 0x4E] + deep + [0x2E]))?.contains("dictionary") == true)
  }

  /// A list of many pairs that is copied again and again.
  @Test(.timeLimit(.minutes(1))) func amplification() {
    var writer = PickleWriter()
    writer.bytes += Array("](".utf8)
    for _ in 0..<20_000 { writer.bytes += [0x4E, 0x4E, 0x86] }
    // The list in a tuple, which is remembered and dropped.
    writer.bytes += [0x65, 0x85, 0x71, 1, 0x30]
    for _ in 0..<5000 {
      writer.global("collections", "OrderedDict")
      writer.bytes += [0x68, 1, 0x52]
    }
    #expect(Sample.refusal(Sample.archive(pickle: writer.bytes + [0x2E]))?.contains("operations") == true)
  }

  @Test func zipBombs() throws {
    // 70 MiB promised; and deflate data that makes far more than its entry promises: a zero, then copies of it.
    let huge = Sample.zip([("a/data.pkl", [0], 8, 70 << 20)])
    #expect(Sample.refusal(huge)?.contains("64 MiB") == true)
    let copies: [UInt8] = [0x63, 0x60, 0x18, 0x05, 0xA3, 0x60, 0x14, 0x0C, 0x58, 0x00, 0x00]
    #expect(Sample.refusal(Sample.zip([("a/data.pkl", copies, 8, 3)]))?.contains("damaged") == true)
    #expect(Sample.refusal(Sample.zip([("a/data.pkl", [0], 12, 1)]))?.contains("method 12") == true)
    #expect(Sample.refusal(Sample.zip([]))?.contains("no known format") == true)
    let twice = Sample.zip([("a/data.pkl", [0x2E], 0, 1), ("a/data.pkl", [0x2E], 0, 1)])
    #expect(Sample.refusal(twice)?.contains("twice") == true)
    let two = Sample.zip([("a/data.pkl", [0x2E], 0, 1), ("b/data.pkl", [0x2E], 0, 1)])
    #expect(Sample.refusal(two)?.contains("exactly one") == true)
  }

  @Test func protobufLengths() {
    // A length beyond the file, one of 2⁶³, a varint without end, groups, field 0.
    for bytes: [UInt8] in [
      [0x0A, 0x7F, 0], [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01], [UInt8](repeating: 0x8A, count: 30),
      [0x0A, 1, 0x0B], [0x0A, 2, 0x02, 0x00],
    ] {
      #expect(Sample.refusal(bytes) != nil)
    }
  }

  @Test func otherFiles() {
    #expect(Sample.refusal([])?.contains("empty") == true)
    #expect(Sample.refusal(Array("hello".utf8))?.contains("no known format") == true)
    #expect(Sample.refusal(little(2, 8) + Array("{}".utf8))?.contains("safetensors already") == true)
    let tar = [UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8)
    #expect(Sample.refusal(tar)?.contains("tar archive") == true)
  }
}
