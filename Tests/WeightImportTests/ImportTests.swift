import Enhancer
import Foundation
import TestSupport
import Testing

@testable import WeightImport

/// What is understood, and what becomes of it.
@Suite struct ImportTests {
  static let formats: [(ImportedWeights.Format, [UInt8])] = [
    (.torchArchive, Sample.archive()), (.torchStream, Sample.stream()), (.mindSpore, Sample.checkpoint()),
  ]

  @Test(arguments: formats)
  func formatsGiveTheSameTensors(_ format: ImportedWeights.Format, _ bytes: [UInt8]) throws {
    let imported = try Sample.read(bytes)
    #expect(imported.format == format)
    #expect(imported.weights.model == .zeroDCEPlusPlus)
    for tensor in Sample.tensors { #expect(imported.weights.tensor(tensor.name) == tensor.values, "\(tensor.name)") }
    #expect(imported.leftOut.isEmpty)
    #expect(imported.weights.metadata["source"] == "sample")
    #expect(imported.weights.metadata["source_sha256"]?.count == 64)
    #expect(imported.weights.metadata["licences"]?.contains("unknown") == true)
    #expect(try Sample.read(bytes).bytes == imported.bytes)
  }

  @Test func wrappersAreStripped() throws {
    for prefix in ["module.", "_orig_mod.", "module.module."] {
      let imported = try Sample.read(Sample.archive(prefix: prefix))
      #expect(imported.weights.tensor("e_conv3.point_conv.bias") == Sample.tensors[11].values)
    }
  }

  @Test func optimisersAreLeftOut() throws {
    let extra = [
      "moment1.e_conv1.depth_conv.weight", "moment2.x", "learning_rate", "beta1_power", "global_step", "step",
    ]
    #expect(try Sample.read(Sample.checkpoint(extra: extra)).leftOut == extra)
    #expect(Sample.refusal(Sample.checkpoint(extra: ["e_conv8.bias"]))?.contains("e_conv8.bias") == true)
    #expect(Sample.refusal(Sample.checkpoint(extra: ["e_conv1.depth_conv.bias"]))?.contains("twice") == true)
  }

  @Test func otherTypesAreConverted() throws {
    func floats(_ type: ElementType, _ bytes: [UInt8]) throws -> [Float] {
      try StoredTensor.contiguous(type, shape: [bytes.count / type.size], storage: bytes[...]).floats("x")
    }
    #expect(try floats(.float16, [0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00]) == [1, -2, 0x1p-24])
    #expect(try floats(.bfloat16, [0x80, 0x3F, 0x40, 0xC0]) == [1, -3])
    #expect(try floats(.float64, withUnsafeBytes(of: 0.1.bitPattern.littleEndian, Array.init)) == [0.1])
    #expect(throws: Refusal.self) {
      try StoredTensor.contiguous(.other("LongStorage"), shape: [1], storage: [0, 0, 0, 0, 0, 0, 0, 0]).floats("x")
    }
  }

  @Test func stridesAreFollowed() throws {
    let storage = Sample.floats((0..<24).map(Float.init))
    func read(_ shape: [Int], _ stride: [Int], _ offset: Int) throws -> [Float] {
      try StoredTensor(type: .float32, shape: shape, stride: stride, offset: offset, storage: storage[...]).floats("x")
    }
    #expect(try read([2, 3], [1, 2], 1) == [1, 3, 5, 2, 4, 6])
    #expect(try read([2, 2], [0, 5], 0) == [0, 5, 0, 5])
    #expect(try read([], [], 7) == [7])
    #expect(try read([0, 5], [5, 1], 0) == [])
    let wrong: [([Int], [Int], Int)] = [
      ([24], [1], 1), ([2], [24], 0), ([3], [Int.max], 0), ([Int.max, 4], [0, 0], 0), ([2], [-1], 1), ([1], [1], -1),
      ([1], [1], Int.max), ([1, 2], [1], 0), ([1 << 25], [0], 0),
    ]
    for (shape, stride, offset) in wrong {
      #expect(throws: Refusal.self, "\(shape) \(stride) \(offset)") { try read(shape, stride, offset) }
    }
  }

  @Test(.enabled(if: Shared.hasReferences, "needs ../shared"), arguments: Weights.Model.allCases)
  func publishedWeightsBitForBit(_ model: Weights.Model) throws {
    let imported = try ImportedWeights(contentsOf: Shared.file("weights/\(model.rawValue).pth"), program: "test")
    let reference = try Weights(contentsOf: Shared.file("reference/\(model.rawValue).weights.safetensors"))
    #expect(imported.weights.model == model)
    for (name, _) in model.shapes {
      #expect(
        imported.weights.tensor(name).map(\.bitPattern) == reference.tensor(name).map(\.bitPattern), "\(name)")
    }
  }

  @Test(.enabled(if: Shared.hasReferences, "needs ../shared"), arguments: Weights.Model.allCases)
  func mindSporeCheckpoints(_ model: Weights.Model) throws {
    let path = Shared.file("weights/\(model.rawValue).mindspore.ckpt")
    let imported = try ImportedWeights(contentsOf: path, program: "test")
    #expect(imported.weights.model == model && imported.format == .mindSpore)
    #expect(imported.leftOut.contains { $0.hasPrefix("moment1.") })
  }
}
