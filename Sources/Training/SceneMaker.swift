internal import Foundation

/// Makes night scenes of photographs: crop, mirror, exposure, lamps, noise, and what a camera's encoder does.
struct SceneMaker: Sendable {
  let options: SceneOptions
  /// Width and height of a crop.
  let side: Int

  /// Writes one crop, `3 × side × side` display values in [0, 1], that depends on nothing but the photographs and
  /// the random numbers.
  func make(from photos: [Photo], random: inout RandomStream, into target: UnsafeMutablePointer<Float>) {
    cut(from: photos, random: &random, into: target)
    let isBright = random.chance(options.brightShare)
    let range = isBright ? options.brightStops : options.darkStops
    expose(
      target, stops: random.uniform(range.lowerBound, range.upperBound), withLamps: random.chance(options.lampShare),
      random: &random)
    addNoise(target, random: &random)
    encode(target, random: &random)
  }

  /// A random part of a random photograph, mirrored half of the time, as light.
  func cut(from photos: [Photo], random: inout RandomStream, into target: UnsafeMutablePointer<Float>) {
    let photo = photos[random.below(photos.count)]
    let level = photo.levels[random.below(photo.levels.count)]
    let left = random.below(level.width - side + 1)
    let top = random.below(level.height - side + 1)
    let isMirrored = random.chance(0.5)
    let isUpsideDown = random.chance(0.1)
    level.light.withUnsafeBufferPointer { light in
      for channel in 0..<3 {
        for y in 0..<side {
          let row = light.baseAddress! + (channel * level.height + top + y) * level.width + left
          let result = target + (channel * side + (isUpsideDown ? side - 1 - y : y)) * side
          for x in 0..<side { result[isMirrored ? side - 1 - x : x] = Float(row[x]) * (1 / 65535) }
        }
      }
    }
  }

  /// Less light, tinted a little; lamps shine into the lens and light what is round them.
  func expose(
    _ target: UnsafeMutablePointer<Float>, stops: Float, withLamps: Bool, random: inout RandomStream
  ) {
    let pixels = side * side
    let ambient = exp2(-stops)
    let tint = (0..<3).map { _ in ambient * exp(0.06 * random.normal()) }
    guard withLamps else {
      for channel in 0..<3 { for index in 0..<pixels { target[channel * pixels + index] *= tint[channel] } }
      return
    }
    let lamps = (0..<1 + random.below(3)).map { _ in Lamp(side: Float(side), random: &random) }
    for y in 0..<side {
      for x in 0..<side {
        var lit = SIMD3<Float>(repeating: 0)
        var glare = SIMD3<Float>(repeating: 0)
        for lamp in lamps {
          let (dx, dy) = (Float(x) - lamp.x, Float(y) - lamp.y)
          let distance = dx * dx + dy * dy
          let far = 1 / (1 + distance / (lamp.reach * lamp.reach))
          lit += lamp.color * (lamp.power * far * far)
          let core = distance < 40 * lamp.radius * lamp.radius ? exp(-distance / (2 * lamp.radius * lamp.radius)) : 0
          glare += lamp.color * (lamp.core * core + lamp.halo / (1 + distance / (16 * lamp.radius * lamp.radius)))
        }
        for channel in 0..<3 {
          let index = channel * pixels + y * side + x
          target[index] = target[index] * (tint[channel] + lit[channel]) + glare[channel]
        }
      }
    }
  }

  /// A light within the picture. Lengths in pixels, light as a share of white.
  private struct Lamp {
    let x: Float, y: Float
    /// Of the visible source.
    let radius: Float
    /// How far it lights the scene, and how much.
    let reach: Float, power: Float
    let core: Float, halo: Float
    let color: SIMD3<Float>

    init(side: Float, random: inout RandomStream) {
      x = random.uniform(0, side)
      y = random.uniform(0, side)
      radius = random.uniform(0.7, 5)
      reach = random.uniform(4, 30)
      power = random.unit() * random.unit()
      core = random.uniform(0.5, 3)
      halo = 0.06 * random.unit() * random.unit()
      color = SIMD3(1, random.uniform(0.6, 1), random.uniform(0.3, 1))
    }
  }

  /// Shot noise, whose variance is proportional to the light, and read noise.
  func addNoise(_ target: UnsafeMutablePointer<Float>, random: inout RandomStream) {
    let read = options.noise * random.unit()
    let shot = 0.05 * options.noise * random.unit()
    for index in 0..<3 * side * side {
      let deviation = (read * read + shot * max(0, target[index])).squareRoot()
      target[index] += deviation * random.normal()
    }
  }

  /// To display values, 8 bits for most; colours coarser for some, as encoders leave them in the dark.
  func encode(_ target: UnsafeMutablePointer<Float>, random: inout RandomStream) {
    let isQuantized = random.chance(0.7)
    LightTransfer.ofLight.withUnsafeBufferPointer { table in
      for index in 0..<3 * side * side {
        let value = LightTransfer.display(target[index], table.baseAddress!)
        target[index] = isQuantized ? (value * 255).rounded() * (1 / 255) : value
      }
    }
    if random.chance(options.chromaLossShare) {
      loseChroma(target, block: 1 << (1 + random.below(3)), step: random.uniform(1, 5) / 255, keep: random.unit())
    }
  }

  /// Chroma (BT.601) becomes its mean over blocks, in steps of `step`; a share `keep` of what was there stays.
  func loseChroma(_ target: UnsafeMutablePointer<Float>, block: Int, step: Float, keep: Float) {
    let pixels = side * side
    for top in stride(from: 0, to: side, by: block) {
      for left in stride(from: 0, to: side, by: block) {
        let rows = top..<min(top + block, side)
        let columns = left..<min(left + block, side)
        var sum = SIMD2<Float>(repeating: 0)
        for y in rows { for x in columns { sum += Self.chroma(target, y * side + x, pixels) } }
        let mean = sum / Float(rows.count * columns.count) / step
        let coarse = SIMD2(mean.x.rounded(), mean.y.rounded()) * step
        for y in rows {
          for x in columns {
            let index = y * side + x
            let own = Self.chroma(target, index, pixels)
            let change = (coarse - own) * (1 - keep)
            // R = Y + 1.402 Cr, B = Y + 1.772 Cb; Y stays.
            let (red, blue) = (1.402 * change.y, 1.772 * change.x)
            let green = -(0.299 * red + 0.114 * blue) / 0.587
            target[index] = max(0, min(1, target[index] + red))
            target[pixels + index] = max(0, min(1, target[pixels + index] + green))
            target[2 * pixels + index] = max(0, min(1, target[2 * pixels + index] + blue))
          }
        }
      }
    }
  }

  private static func chroma(_ target: UnsafePointer<Float>, _ index: Int, _ pixels: Int) -> SIMD2<Float> {
    let (red, green, blue) = (target[index], target[pixels + index], target[2 * pixels + index])
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return SIMD2((blue - luma) / 1.772, (red - luma) / 1.402)
  }
}
