internal import Foundation

/// Replaces a file, or leaves the old one whole if that fails.
func writeFile(_ bytes: [UInt8], to path: String) throws(TrainingError) {
  do {
    try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw .cannotWrite(path: path, reason: "\((error as NSError).localizedDescription)")
  }
}
