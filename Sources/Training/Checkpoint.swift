internal import Enhancer
internal import Foundation

/// Where a run stands: everything that it needs to go on as if it had never stopped.
struct Checkpoint: Sendable {
  var parameters: [Float]
  var adam: Adam
  /// What the run depends on; only the same run can be resumed.
  var fingerprint: String

  /// Writes a safetensors file: the parameters and Adam's running means, flat.
  func write(to path: String) throws(TrainingError) {
    let vectors = [("parameters", parameters), ("adam.first", adam.first), ("adam.second", adam.second)]
    let bytes = Safetensors.serialize(
      vectors.map { ($0, [$1.count], $1) },
      metadata: ["kind": "zdce-video checkpoint", "step": "\(adam.step)", "run": fingerprint])
    try writeFile(bytes, to: path)
  }

  /// Reads a file that `write` wrote for the same run.
  init(path: String, layout: ParameterLayout, fingerprint: String) throws(TrainingError) {
    func refuse(_ reason: String) -> TrainingError { .invalidCheckpoint(path: path, reason: reason) }
    guard let data = FileManager.default.contents(atPath: path) else { throw refuse("it cannot be read") }
    let file: Safetensors
    do throws(Safetensors.Refusal) {
      file = try Safetensors(parsing: [UInt8](data))
    } catch {
      throw refuse(error.reason)
    }
    guard file.metadata["run"] == fingerprint else {
      throw refuse("it was made with other options or photographs; give the same ones, or start anew without --resume")
    }
    guard let parameters = file.floats("parameters"), let first = file.floats("adam.first"),
      let second = file.floats("adam.second"), let step = file.metadata["step"].flatMap({ Int($0) }),
      [parameters, first, second].allSatisfy({ $0.count == layout.count })
    else { throw refuse("it is not a whole checkpoint") }
    self.parameters = parameters
    adam = Adam(count: layout.count)
    (adam.step, adam.first, adam.second) = (step, first, second)
    self.fingerprint = fingerprint
  }

  init(parameters: [Float], adam: Adam, fingerprint: String) {
    (self.parameters, self.adam, self.fingerprint) = (parameters, adam, fingerprint)
  }
}
