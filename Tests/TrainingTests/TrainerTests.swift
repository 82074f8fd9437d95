import Foundation
import Frames
import TestSupport
import Testing

@testable import Enhancer
@testable import Training

/// Runs of a few steps on made-up photographs: repeatable, resumable, and getting better.
struct TrainerTests {
  /// Smooth coloured pictures, as portable pixmaps.
  static func makePhotos(_ count: Int, in folder: String) throws {
    for number in 0..<count {
      var file = Array("P6 48 40 255\n".utf8)
      let values = randomValues(12, seed: UInt64(number + 100), in: 0...1)
      for y in 0..<40 {
        for x in 0..<48 {
          for channel in 0..<3 {
            let (u, v) = (Float(x) / 47, Float(y) / 39)
            let top = values[channel] * (1 - u) + values[3 + channel] * u
            let bottom = values[6 + channel] * (1 - u) + values[9 + channel] * u
            file.append(UInt8(255 * (top * (1 - v) + bottom * v)))
          }
        }
      }
      try Data(file).write(to: URL(fileURLWithPath: "\(folder)/\(number).ppm"))
    }
  }

  static var options: TrainingOptions {
    var options = TrainingOptions()
    (options.steps, options.batch, options.crop, options.sides, options.holdOut) = (12, 5, 24, [32], 4)
    options.warmUp = 2
    return options
  }

  private func withPhotos(_ body: (PhotoSet, String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "zdce-training-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.makePhotos(9, in: folder)
    try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder + "/broken.png"))
    try Data("photo\tpackage\tfile\tlicence\n0.ppm\tnone\t/x\tCC0-1.0\n".utf8)
      .write(to: URL(fileURLWithPath: folder + "/ATTRIBUTION.tsv"))
    let options = Self.options
    try body(
      PhotoSet(
        folders: [folder], sides: options.sides, crop: options.crop, holdOut: options.holdOut, threads: 2), folder)
  }

  @Test func photosAreSplit() throws {
    try withPhotos { photos, _ in
      #expect(photos.counts == (7, 2))
      #expect(photos.skipped == 1)
      #expect(photos.attribution.packages == "1 none")
      #expect(photos.attribution.licences == "1 CC0-1.0")
      let level = try #require(photos.training.first?.levels.first)
      #expect(min(level.width, level.height) == 32)
    }
  }

  @Test func threadsDoNotMatter() throws {
    try withPhotos { photos, _ in
      let results = try [1, 2, 3].map { threads in
        let trainer = try Trainer(options: Self.options, photos: photos, threads: threads)
        for _ in 0..<6 { _ = try trainer.advance() }
        return trainer.parameters
      }
      #expect(results[0] == results[1] && results[1] == results[2])
      #expect(results[0].allSatisfy { $0.isFinite })
    }
  }

  @Test func resumedRunsEndAlike() throws {
    try withPhotos { photos, folder in
      let whole = try Trainer(options: Self.options, photos: photos, threads: 2)
      try whole.run(cancellation: Cancellation()) { _ in }
      let first = try Trainer(options: Self.options, photos: photos, threads: 1)
      let cancellation = Cancellation()
      try first.run(cancellation: cancellation) { if $0.step == 5 { cancellation.cancel() } }
      #expect(first.step == 5 && !first.isFinished)
      try first.writeCheckpoint(to: folder + "/checkpoint")
      let second = try Trainer(options: Self.options, photos: photos, threads: 2)
      try second.resume(from: folder + "/checkpoint")
      try second.run(cancellation: Cancellation()) { _ in }
      #expect(second.parameters == whole.parameters)
      try whole.writeWeights(to: folder + "/a", metadata: ["note": "a \"quoted\"\nline"])
      try second.writeWeights(to: folder + "/b", metadata: ["note": "a \"quoted\"\nline"])
      #expect(FileManager.default.contentsEqual(atPath: folder + "/a", andPath: folder + "/b"))
      let weights = try Weights(contentsOf: folder + "/a")
      #expect(weights.metadata["note"] == "a \"quoted\"\nline")
      #expect(weights.metadata["licences"] == "1 CC0-1.0")

      var other = Self.options
      other.rate = 1e-3
      #expect(throws: TrainingError.self) {
        try Trainer(options: other, photos: photos, threads: 1).resume(from: folder + "/checkpoint")
      }
    }
  }

  @Test func lossFalls() throws {
    try withPhotos { photos, _ in
      var options = Self.options
      options.steps = 60
      let trainer = try Trainer(options: options, photos: photos, threads: 2)
      let before = trainer.validate()
      try trainer.run(cancellation: Cancellation()) { _ in }
      #expect(trainer.validate().total < before.total)
    }
  }

  /// The trainer's network is the estimator's: its maps for the same picture and weights.
  @Test(arguments: Weights.Model.allCases)
  func sameNetworkAsTheEstimator(model: Weights.Model) throws {
    let layout = ParameterLayout(model)
    let parameters = layout.initial(seed: 3)
    let weights = try Weights(parsing: Safetensors.serialize(layout.named(parameters)))
    #expect(layout.vector { weights.tensor($0) } == parameters)
    let picture = PlanarFrame(width: 20, height: 14)
    let pass = NetworkPass(layout: layout, width: 20, height: 14)
    let values = randomValues(3 * 280, seed: 4, in: 0...1)
    pass.picture.fill(values)
    for (index, value) in values.enumerated() { picture[index / 280, index % 280 / 20, index % 20] = value }
    pass.forward(parameters)
    let map = CurveMap(
      geometry: MapGeometry(pictureWidth: 20, pictureHeight: 14, scale: 1, sampling: .area), maps: model.maps)
    Estimator(weights: weights).estimate(picture, into: map)
    for plane in 0..<3 * model.maps {
      for y in 0..<14 {
        for x in 0..<20 {
          #expect(abs(map.row(y, plane: plane)[x] - pass.maps.plane(plane)[y * pass.maps.stride + x]) < 2e-5)
        }
      }
    }
  }
}
