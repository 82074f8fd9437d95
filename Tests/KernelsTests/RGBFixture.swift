import CKernels

/// A native RGB format of one row.
struct RGBLayout: Sendable, CustomStringConvertible {
  let description: String
  let depth: Int
  let shift: Int
  /// Samples between neighbours of one channel; 1 has a buffer per channel, else all are in one.
  let step: Int
  /// Place of R, G, B within a pixel where packed.
  let places: [Int]

  var maximum: Int { (1 << depth) - 1 }

  init(_ description: String, depth: Int = 8, shift: Int = 0, step: Int, places: [Int] = [0, 0, 0]) {
    self.description = "\(description), depth \(depth) << \(shift)"
    self.depth = depth
    self.shift = shift
    self.step = step
    self.places = places
  }

  static let all = [
    RGBLayout("planar", step: 1), RGBLayout("planar", depth: 10, step: 1), RGBLayout("planar", depth: 12, step: 1),
    RGBLayout("rgb24", step: 3, places: [0, 1, 2]), RGBLayout("bgr24", step: 3, places: [2, 1, 0]),
    RGBLayout("grb", step: 3, places: [1, 0, 2]), RGBLayout("rgba", step: 4, places: [0, 1, 2]),
    RGBLayout("bgra", step: 4, places: [2, 1, 0]), RGBLayout("argb", step: 4, places: [1, 2, 3]),
    RGBLayout("abgr", step: 4, places: [3, 2, 1]), RGBLayout("rgb48", depth: 16, step: 3, places: [0, 1, 2]),
    RGBLayout("bgra64", depth: 16, step: 4, places: [2, 1, 0]),
    RGBLayout("x2rgb wide", depth: 10, shift: 6, step: 4, places: [0, 1, 2]),
  ]
}

/// The guarded samples of one row, held as 16 bits where the layout is deeper than 8.
final class RGBSamples {
  let layout: RGBLayout
  let width: Int
  let narrow: [Guarded<UInt8>]
  let wide: [Guarded<UInt16>]

  /// Exactly as long as the last sample named asks for; filled with the canary.
  init(_ layout: RGBLayout, width: Int, placement: Placement) {
    self.layout = layout
    self.width = width
    let last = (layout.places.max() ?? 0) + layout.step * (width - 1)
    let counts = Array(repeating: last + 1, count: layout.step == 1 ? 3 : 1)
    narrow = layout.depth == 8 ? counts.map { Guarded($0, placement) } : []
    wide = layout.depth == 8 ? [] : counts.map { Guarded($0, placement) }
  }

  private func place(_ channel: Int, _ x: Int) -> (buffer: Int, index: Int) {
    layout.step == 1 ? (channel, x) : (0, layout.places[channel] + layout.step * x)
  }

  subscript(channel: Int, x: Int) -> Int {
    get {
      let (buffer, index) = place(channel, x)
      return layout.depth == 8 ? Int(narrow[buffer].elements[index]) : Int(wide[buffer].elements[index])
    }
    set {
      let (buffer, index) = place(channel, x)
      if layout.depth == 8 {
        narrow[buffer].elements[index] = UInt8(newValue)
      } else {
        wide[buffer].elements[index] = UInt16(newValue)
      }
    }
  }

  /// Sets all channels to codes made by `code`, given the channel and the pixel.
  func fill(_ code: (Int, Int) -> Int) {
    for channel in 0..<3 {
      for x in 0..<width { self[channel, x] = code(channel, x) << layout.shift }
    }
  }

  /// R, G, B as stored.
  var samples: [[Int]] { (0..<3).map { channel in (0..<width).map { self[channel, $0] } } }

  /// Whether everything but the named samples still has the canary.
  var isIntact: Bool {
    guard narrow.allSatisfy(\.isIntact) && wide.allSatisfy(\.isIntact) else { return false }
    guard layout.step == 4, let free = (0..<4).first(where: { !layout.places.contains($0) }) else { return true }
    return stride(from: free, to: (narrow.first?.elements.count ?? wide[0].elements.count), by: 4).allSatisfy {
      layout.depth == 8 ? narrow[0].elements[$0] == 0xA5 : wide[0].elements[$0] == 0xA5A5
    }
  }

  func address(_ channel: Int) -> UnsafeMutableRawPointer {
    let (buffer, index) = place(channel, 0)
    return layout.depth == 8
      ? UnsafeMutableRawPointer(narrow[buffer].start + index) : UnsafeMutableRawPointer(wide[buffer].start + index)
  }
}

/// Runs `enhance_rgb` of a table; `output` may be `input`.
func enhance(_ table: Table, _ input: RGBSamples, into output: RGBSamples, curve: CurveFixture) {
  var call = zdk_rgb_row()
  call.rgb = (
    UnsafeRawPointer(input.address(0)), UnsafeRawPointer(input.address(1)), UnsafeRawPointer(input.address(2))
  )
  call.rgb_out = (output.address(0), output.address(1), output.address(2))
  call.width = Int32(input.width)
  call.step = Int32(input.layout.step)
  call.depth = Int32(input.layout.depth)
  call.shift = Int32(input.layout.shift)
  call.maps = Int32(curve.shape.maps)
  call.iterations = Int32(curve.shape.iterations)
  call.curve = curve.row
  withExtendedLifetime(curve) { table.kernels.enhance_rgb(&call) }
}
