import Foundation
import Frames
import Testing

@testable import Enhancer

/// Files of weights: what is read from good ones, and that bad ones get a sentence, not a crash.
struct WeightsTests {
  private static func tensors(_ model: Weights.Model = .zeroDCEPlusPlus) -> Tensors {
    var numbers = Numbers(seed: 1)
    return madeUpTensors(model, &numbers)
  }

  private static func refusal(_ bytes: [UInt8]) -> String? {
    do {
      _ = try Weights(parsing: bytes, source: "test.safetensors")
      return nil
    } catch {
      return error.description
    }
  }

  @Test func builtIn() {
    #expect(Weights.builtIn.model == .zeroDCEPlusPlus)
    #expect(Weights.builtIn.digest.count == 64)
  }

  @Test(arguments: Weights.Model.allCases)
  func goodFiles(_ model: Weights.Model) throws {
    let bytes = safetensors(Self.tensors(model), metadata: ["licence": "none", "date": "today"])
    let path = FileManager.default.temporaryDirectory.appending(path: "weights-\(UUID()).safetensors").path
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let weights = try Weights(contentsOf: path)
    #expect(weights.model == model)
    #expect(weights.metadata == ["licence": "none", "date": "today"])
    #expect(weights.digest == sha256(bytes))
    for (name, _, values) in Self.tensors(model) { #expect(weights.tensor(name) == values) }
  }

  @Test func halvesAndEscapes() throws {
    let data: [UInt8] = [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0x80, 0x3F, 0x20, 0xC1, 7]
    let file = try Safetensors(
      parsing: safetensors(
        header: """
           { "a\\u0062\\n" : {"dtype":"F16","shape":[3],"data_offsets":[0,6]},"\\ud83d\\ude00":
           {"shape":[2],"data_offsets":[6,10],"dtype":"BF16"},
           "u":{"dtype":"U8","shape":[1,1],"data_offsets":[10,11]}, "__metadata__":{}}
          """, data: data))
    #expect(file.floats("ab\n") == [1, -2, 0x1p-24])
    #expect(file.floats("😀") == [1, -10])
    #expect(file.floats("u") == [7])
    #expect(file.floats("v") == nil)
  }

  @Test(arguments: Weights.Model.allCases)
  func serializationIsEscaped(_ model: Weights.Model) throws {
    let metadata = ["b": "2", "a\"\\\n": "\u{1}é"]
    let bytes = Safetensors.serialize(Self.tensors(model), metadata: metadata)
    #expect(bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) } % 8 == 0)
    let weights = try Weights(parsing: bytes)
    #expect(weights.metadata == metadata)
    for (name, _, values) in Self.tensors(model) { #expect(weights.tensor(name) == values) }
  }

  /// The built-in file is one that this program wrote: to take it apart and put it together again changes no byte.
  @Test func builtInFileIsSerializedAlike() throws {
    let bytes = PackageResources.zero_dce___safetensors
    let file = try Safetensors(parsing: bytes)
    let tensors = try file.entries.sorted { $0.value.range.lowerBound < $1.value.range.lowerBound }
      .map { name, entry in (name, entry.shape, try #require(file.floats(name))) }
    #expect(Safetensors.serialize(tensors, metadata: file.metadata) == bytes)
  }

  @Test func missingFile() {
    #expect(throws: EnhancerError.unreadableWeights(path: "/no/such/file", reason: "no such file or directory")) {
      try Weights(contentsOf: "/no/such/file")
    }
    #expect(throws: EnhancerError.self) { try Weights(contentsOf: "/") }
    #expect(throws: EnhancerError.self) { try Weights(contentsOf: "/dev/zero") }
  }

  @Test func truncatedAnywhere() {
    let bytes = safetensors(Self.tensors(), metadata: ["a": "b"])
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    for end in Array(0...length + 8) + [bytes.count / 2, bytes.count - 1] {
      #expect(Self.refusal(Array(bytes[..<end])) != nil, "cut after \(end) bytes")
    }
    #expect(Self.refusal(bytes + [0])?.contains("bytes of data") == true)
  }

  /// Damage may go unnoticed in a value, but never crashes.
  @Test func damagedAnywhere() {
    let bytes = safetensors(Self.tensors())
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    for index in 0..<length + 8 {
      for flip in [0x01, 0x20, 0x80] as [UInt8] {
        var damaged = bytes
        damaged[index] ^= flip
        if let reason = Self.refusal(damaged) { #expect(reason.hasPrefix("cannot use weights test.safetensors: ")) }
      }
    }
  }

  @Test(
    arguments: [
      (UInt64.max, "header length"), (1 << 20 + 1, "header length"), (0, "header length"), (1 << 20, "ends within"),
    ] as [(UInt64, String)])
  func headerLengths(_ length: UInt64, _ part: String) throws {
    let bytes = withUnsafeBytes(of: length.littleEndian, Array.init) + Array("{}".utf8)
    #expect(try #require(Self.refusal(bytes)).contains(part))
  }

  @Test(
    arguments: [
      (#"{ "#, "ends too early"), (#"{}x"#, "malformed at byte 10"), (#"[]"#, "malformed"), (#"{"a":1}"#, "malformed"),
      (#"{"a"#, "within a name"), (#"{"a\"#, "too early"), (#"{"\q":1}"#, "malformed"),
      (#"{"\ud800":{}}"#, "surrogate"), (#"{"\ud800\u0041":{}}"#, "surrogate"), (#"{"a":{}}"#, "lacks"),
      (#"{"a":{"dtype":"I64"}}"#, "type \"I64\""), (#"{"a":{"dtype":"F32","dtype":"F32"}}"#, "surplus"),
      (#"{"a":{"shape":[1,2,3,4,5,6,7,8,9]}}"#, "more than 8"), (#"{"a":{"shape":[-1]}}"#, "malformed"),
      (#"{"a":{"shape":[01]}}"#, "malformed"), (#"{"a":{"shape":[1.0]}}"#, "malformed"),
      (#"{"a":{"shape":[99999999999999999999]}}"#, "too large"), (#"{"a":{"shape":{}}}"#, "malformed"),
      (#"{"__metadata__":{"a":"b","a":"c"}}"#, "twice"), (#"{"__metadata__":{},"__metadata__":{}}"#, "twice"),
      (#"{"__metadata__":{"a":{}}}"#, "malformed"), (#"{}"#, "no tensor of a known network"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "ends before it starts"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "0 are there"),
      (#"{"a":{"dtype":"F32","shape":[999999999999999,999999999999999],"data_offsets":[0,4]}}"#, "too large"),
      (
        #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#,
        "twice"
      ),
    ] as [(String, String)])
  func headers(_ header: String, _ part: String) throws {
    let reason = try #require(Self.refusal(safetensors(header: header, data: [])))
    #expect(reason.contains(part), "\(reason)")
    #expect(!reason.contains("\n"))
  }

  @Test func deepNesting() {
    for opening in ["[", "{\"a\":", "{\"a\":{\"shape\":["] {
      let header = String(repeating: opening, count: (1 << 20) / opening.utf8.count)
      #expect(Self.refusal(safetensors(header: header, data: [])) != nil)
    }
    #expect(Self.refusal(safetensors(header: "{\"\u{1}\":1}", data: [])) != nil)
    let broken = withUnsafeBytes(of: UInt64(5).littleEndian, Array.init) + [0x7B, 0x22, 0xFF, 0x22, 0x7D]
    #expect(Self.refusal(broken)?.contains("UTF-8") == true)
  }

  @Test func wrongTensors() throws {
    let good = Self.tensors()
    func refusal(_ change: (inout Tensors) -> Void) throws -> String {
      var tensors = good
      change(&tensors)
      return try #require(Self.refusal(safetensors(tensors)))
    }
    #expect(try refusal { $0.removeLast() }.contains("\"e_conv7.point_conv.bias\" of zero-dce++ is missing"))
    #expect(try refusal { $0.append(("extra", [1], [1])) }.contains("\"extra\" is not part of"))
    #expect(try refusal { $0[0].shape = [3, 9, 1, 1] }.contains("has the shape [3, 9, 1, 1] instead of [3, 1, 3, 3]"))
    #expect(try refusal { $0[5].values[0] = .nan }.contains("not finite"))
    #expect(try refusal { $0[5].values[1] = -.infinity }.contains("not finite"))
    #expect(try refusal { $0.append($0[3]) }.contains("twice"))
    for (name, _, _) in good {
      #expect(try refusal { $0.removeAll { $0.name == name } }.contains("missing"))
    }
  }

  @Test func overlapsAndGaps() throws {
    for (first, second) in [("[0,8]", "[4,12]"), ("[0,8]", "[0,8]"), ("[0,8]", "[12,20]"), ("[4,12]", "[12,20]")] {
      let header =
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":\#(first)},"b":{"dtype":"F32","shape":[2],"data_offsets":\#(second)}}"#
      let reason = try #require(Self.refusal(safetensors(header: header, data: Array(repeating: 0, count: 20))))
      #expect(reason.contains("starts at byte"))
    }
  }
}
