import Foundation
import Testing

@testable import Training

/// What the synthesis of dark scenes may and may not do.
struct SceneTests {
  private static let side = 24

  private func photo(light: UInt16) -> Photo.Level {
    Photo.Level(width: 40, height: 32, light: [UInt16](repeating: light, count: 3 * 40 * 32))
  }

  private func picture(_ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    var values = [Float](repeating: 0, count: 3 * Self.side * Self.side)
    values.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    return values
  }

  @Test func everySceneIsAPicture() {
    let photos = [Photo(name: "a", levels: [photo(light: 20_000)]), Photo(name: "b", levels: [photo(light: 60_000)])]
    let maker = SceneMaker(options: SceneOptions(), side: Self.side)
    var means: [Float] = []
    for index in 0..<200 {
      var random = RandomStream(seed: 1, purpose: .crops, index: UInt64(index))
      let scene = picture { maker.make(from: photos, random: &random, into: $0) }
      #expect(scene.allSatisfy { $0.isFinite && (0...1).contains($0) })
      means.append(scene.reduce(0, +) / Float(scene.count))
    }
    // Half of the scenes are well exposed, and many are very dark.
    #expect(means.filter { $0 > 0.35 }.count > 50)
    #expect(means.filter { $0 < 0.2 }.count > 20)
  }

  @Test func sameNumbersSameScene() {
    let photos = [Photo(name: "a", levels: [photo(light: 9000)])]
    let maker = SceneMaker(options: SceneOptions(), side: Self.side)
    let scenes = [7 as UInt64, 7, 8].map { index in
      var random = RandomStream(seed: 2, purpose: .crops, index: index)
      return picture { maker.make(from: photos, random: &random, into: $0) }
    }
    #expect(scenes[0] == scenes[1] && scenes[1] != scenes[2])
  }

  @Test func stopsHalveTheLight() {
    let maker = SceneMaker(options: SceneOptions(), side: Self.side)
    var random = RandomStream(seed: 3, purpose: .crops, index: 0)
    let dark = picture { target in
      for index in 0..<3 * Self.side * Self.side { target[index] = 0.8 }
      maker.expose(target, stops: 3, withLamps: false, random: &random)
    }
    // Up to the tint.
    #expect(dark.allSatisfy { abs($0 / 0.1 - 1) < 0.3 })
  }

  @Test func lampsOnlyAddLight() {
    let maker = SceneMaker(options: SceneOptions(), side: Self.side)
    var random = RandomStream(seed: 4, purpose: .crops, index: 0)
    let lit = picture { maker.expose($0, stops: 5, withLamps: true, random: &random) }
    #expect(lit.allSatisfy { $0 >= 0 } && lit.max()! > 0.3)
  }

  @Test func noiseIsNeutralAndOfTheRightSize() {
    var random = RandomStream(seed: 5, purpose: .crops, index: 0)
    let values = (0..<20_000).map { _ in random.normal() }
    let mean = values.reduce(0, +) / 20_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
  }

  @Test func chromaLossKeepsLuma() {
    let maker = SceneMaker(options: SceneOptions(), side: Self.side)
    let pixels = Self.side * Self.side
    let before = randomValues(3 * pixels, seed: 6, in: 0.35...0.65)
    var after = before
    after.withUnsafeMutableBufferPointer {
      maker.loseChroma($0.baseAddress!, block: 4, step: 2 / 255, keep: 0)
    }
    func luma(_ picture: [Float], _ index: Int) -> Float {
      0.299 * picture[index] + 0.587 * picture[pixels + index] + 0.114 * picture[2 * pixels + index]
    }
    #expect(before != after)
    #expect((0..<pixels).allSatisfy { abs(luma(before, $0) - luma(after, $0)) < 1e-5 })
  }

  @Test func reductionKeepsTheMean() {
    let values = randomValues(3 * 50 * 37, seed: 7, in: 0...1)
    let small = LightPicture(width: 50, height: 37, values: values).reduced(shorterSide: 20)
    #expect(small.height == 20 && small.width == 27)
    let (a, b) = (values.reduce(0, +) / Float(values.count), small.values.reduce(0, +) / Float(small.values.count))
    #expect(abs(a - b) < 1e-4)
  }

  @Test func transferIsItsOwnInverse() {
    LightTransfer.ofLight.withUnsafeBufferPointer { table in
      for code in 0..<256 {
        let display = LightTransfer.display(LightTransfer.ofCode[code], table.baseAddress!)
        #expect(abs(display * 255 - Float(code)) < 0.02)
      }
    }
  }

  @Test func contactSheetIsAPicture() {
    let layout = ParameterLayout(.zeroDCEPlusPlus)
    let scene = [Float](repeating: 0.2, count: 3 * 24 * 24)
    let png = ContactSheet.png([scene, scene, scene], parameters: layout.initial(seed: 1), layout: layout, side: 24)
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(png.count > 3 * 144 * 48)
  }
}
