/// The three losses that look at the enhanced picture, and their gradients by it.
///
/// For one picture; a batch's loss is the mean over its pictures. Gradients are added to `gradient`, of the picture's
/// size, times `weight`. Sizes need not be multiples of the patch: what is left over at the right and bottom does not
/// count, as in the authors' code.
struct PictureLosses {
  let width: Int, height: Int

  /// Means over all channels of patches: `height / patch × width / patch`.
  struct Patches {
    var width: Int, height: Int
    var values: [Double]
  }

  /// Patch means of the grey picture (the mean of the three channels).
  func patches(_ picture: FeaturePlanes, patch: Int) -> Patches {
    var result = Patches(width: width / patch, height: height / patch, values: [])
    result.values = [Double](repeating: 0, count: result.width * result.height)
    let share = 1 / Double(3 * patch * patch)
    for channel in 0..<3 {
      let plane = picture.plane(channel)
      for y in 0..<result.height * patch {
        let row = plane + y * picture.stride
        for cell in 0..<result.width {
          var sum: Float = 0
          for x in cell * patch..<(cell + 1) * patch { sum += row[x] }
          result.values[y / patch * result.width + cell] += Double(sum) * share
        }
      }
    }
    return result
  }

  /// Adds the gradient by the pixels of each patch from that by its mean.
  private func spread(_ values: [Double], of patches: Patches, patch: Int, into gradient: FeaturePlanes) {
    let share = 1 / Double(3 * patch * patch)
    for channel in 0..<3 {
      let plane = gradient.plane(channel)
      for y in 0..<patches.height * patch {
        let row = plane + y * gradient.stride
        for cell in 0..<patches.width {
          let part = Float(values[y / patch * patches.width + cell] * share)
          for x in cell * patch..<(cell + 1) * patch { row[x] += part }
        }
      }
    }
  }

  /// Spatial consistency: the mean over patches of the summed squares of what the differences to the four neighbours
  /// changed by. Beyond the edge everything is zero.
  func spatial(
    _ result: FeaturePlanes, before original: Patches, patch: Int, weight: Double, gradient: FeaturePlanes
  ) -> Double {
    let after = patches(result, patch: patch)
    let (columns, rows) = (after.width, after.height)
    guard columns > 0, rows > 0 else { return 0 }
    // The loss is linear in differences, so only the change of each patch matters.
    let change = zip(after.values, original.values).map { $0 - $1 }
    let scale = 1 / Double(columns * rows)
    var sum = 0.0
    var slopes = [Double](repeating: 0, count: change.count)
    for y in 0..<rows {
      for x in 0..<columns {
        let own = change[y * columns + x]
        var slope = 0.0
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
          let isInside = (0..<columns).contains(x + dx) && (0..<rows).contains(y + dy)
          let difference = own - (isInside ? change[(y + dy) * columns + x + dx] : 0)
          sum += difference * difference
          // Inside, the neighbour counts the same difference once more.
          slope += (isInside ? 4 : 2) * difference
        }
        slopes[y * columns + x] = weight * scale * slope
      }
    }
    spread(slopes, of: after, patch: patch, into: gradient)
    return sum * scale
  }

  /// Exposure control: the mean over patches of the squared distance from `level`.
  func exposure(
    _ result: FeaturePlanes, level: Double, patch: Int, weight: Double, gradient: FeaturePlanes
  ) -> Double {
    let after = patches(result, patch: patch)
    guard !after.values.isEmpty else { return 0 }
    let scale = 1 / Double(after.values.count)
    spread(
      after.values.map { 2 * weight * scale * ($0 - level) }, of: after, patch: patch, into: gradient)
    return after.values.reduce(0) { $0 + ($1 - level) * ($1 - level) } * scale
  }

  /// Colour constancy: the root of the summed fourth powers of differences between the mean red, green and blue.
  func colour(_ result: FeaturePlanes, weight: Double, gradient: FeaturePlanes) -> Double {
    let pixels = Double(width * height)
    let means = (0..<3).map { channel in
      let plane = result.plane(channel)
      var sum = 0.0
      for y in 0..<height {
        var row: Float = 0
        for x in 0..<width { row += plane[y * result.stride + x] }
        sum += Double(row)
      }
      return sum / pixels
    }
    let pairs = [(0, 1), (0, 2), (1, 2)]
    let value = pairs.reduce(0.0) { sum, pair in
      let squared = (means[pair.0] - means[pair.1]) * (means[pair.0] - means[pair.1])
      return sum + squared * squared
    }.squareRoot()
    // Grey is the bottom of a smooth bowl: the slope is zero there, though its formula is not defined.
    guard value > 1e-30 else { return value }
    for channel in 0..<3 {
      var slope = 0.0
      for other in 0..<3 where other != channel {
        let difference = means[channel] - means[other]
        slope += 2 * difference * difference * difference / value
      }
      let part = Float(weight * slope / pixels)
      let plane = gradient.plane(channel)
      for y in 0..<height { for x in 0..<width { plane[y * gradient.stride + x] += part } }
    }
    return value
  }
}
