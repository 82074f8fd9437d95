/// What training has come to, as a picture: one row for each scene with the scene, its enhancement and its curve map,
/// where grey is a curve that changes nothing.
enum ContactSheet {
  /// A PNG file of scenes, `3 × side × side` display values each.
  static func png(_ scenes: [[Float]], parameters: [Float], layout: ParameterLayout, side: Int) -> [UInt8] {
    let columns = min(2, scenes.count)
    let rows = (scenes.count + columns - 1) / columns
    let (width, height) = (3 * side * columns, side * rows)
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    let pass = SamplePass(layout: layout, width: side, height: side, weights: LossWeights())
    for (index, scene) in scenes.enumerated() {
      for channel in 0..<3 {
        scene.withUnsafeBufferPointer {
          pass.picture.load($0.baseAddress! + channel * side * side, plane: channel)
        }
      }
      parameters.withUnsafeBufferPointer { pass.forward($0.baseAddress!) }
      let tiles = [pass.picture, pass.enhanced, pass.network.maps]
      for (tile, planes) in tiles.enumerated() {
        let left = (3 * (index % columns) + tile) * side
        let top = index / columns * side
        for channel in 0..<3 {
          for y in 0..<side {
            for x in 0..<side {
              let value = planes.plane(channel)[y * planes.stride + x]
              let shown = tile == 2 ? 0.5 + 0.5 * value : value
              pixels[3 * ((top + y) * width + left + x) + channel] = UInt8(max(0, min(255, shown * 255 + 0.5)))
            }
          }
        }
      }
    }
    return PNGWriter.encode(width: width, height: height, pixels: pixels)
  }
}
