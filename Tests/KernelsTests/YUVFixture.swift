import CKernels

/// Where one component stands: sample `offset` + `step`·i of a buffer.
struct Component: Sendable {
  let buffer: Int
  let offset: Int
  let step: Int
}

/// A native format of one group of rows.
struct YUVLayout: Sendable, CustomStringConvertible {
  let description: String
  let depth: Int
  let shift: Int
  let chromaShiftX: Int
  let y: [Component]
  let chroma: [Component]

  var rows: Int { y.count }
  var maximum: Int { (1 << depth) - 1 }

  func chromaWidth(_ width: Int) -> Int { (width + chromaShiftX) >> chromaShiftX }

  /// Planes of their own for every row and component.
  static func planar(_ name: String, rows: Int, shiftX: Int, depth: Int = 8, shift: Int = 0) -> YUVLayout {
    YUVLayout(
      description: "\(name), depth \(depth) << \(shift)", depth: depth, shift: shift, chromaShiftX: shiftX,
      y: (0..<rows).map { Component(buffer: $0, offset: 0, step: 1) },
      chroma: [Component(buffer: rows, offset: 0, step: 1), Component(buffer: rows + 1, offset: 0, step: 1)])
  }

  static func grey(rows: Int, depth: Int = 8, shift: Int = 0) -> YUVLayout {
    YUVLayout(
      description: "grey \(rows), depth \(depth) << \(shift)", depth: depth, shift: shift, chromaShiftX: 0,
      y: (0..<rows).map { Component(buffer: $0, offset: 0, step: 1) }, chroma: [])
  }

  static func semiPlanar(_ name: String, u: Int, rows: Int = 2, depth: Int = 8, shift: Int = 0) -> YUVLayout {
    YUVLayout(
      description: "\(name), depth \(depth) << \(shift)", depth: depth, shift: shift, chromaShiftX: 1,
      y: (0..<rows).map { Component(buffer: $0, offset: 0, step: 1) },
      chroma: [Component(buffer: rows, offset: u, step: 2), Component(buffer: rows, offset: 1 - u, step: 2)])
  }

  static func packed(_ name: String, y: Int, u: Int, v: Int, depth: Int = 8, shift: Int = 0) -> YUVLayout {
    YUVLayout(
      description: "\(name), depth \(depth) << \(shift)", depth: depth, shift: shift, chromaShiftX: 1,
      y: [Component(buffer: 0, offset: y, step: 2)],
      chroma: [Component(buffer: 0, offset: u, step: 4), Component(buffer: 0, offset: v, step: 4)])
  }

  /// Every layout and depth that occurs, and the last single row of a picture of odd height.
  static let all = [
    planar("4:2:0", rows: 2, shiftX: 1), planar("4:2:2", rows: 1, shiftX: 1), planar("4:4:4", rows: 1, shiftX: 0),
    planar("4:4:0", rows: 2, shiftX: 0), planar("4:2:0", rows: 2, shiftX: 1, depth: 10),
    planar("4:2:2", rows: 1, shiftX: 1, depth: 10), planar("4:4:4", rows: 1, shiftX: 0, depth: 10),
    planar("4:2:0", rows: 2, shiftX: 1, depth: 12), planar("4:4:0", rows: 2, shiftX: 0, depth: 12),
    grey(rows: 1), grey(rows: 2), grey(rows: 1, depth: 10), grey(rows: 2, depth: 12, shift: 4),
    semiPlanar("nv12", u: 0), semiPlanar("nv21", u: 1), semiPlanar("nv16", u: 0, rows: 1),
    semiPlanar("p010", u: 0, depth: 10, shift: 6), semiPlanar("p012", u: 0, depth: 12, shift: 4),
    packed("yuyv", y: 0, u: 1, v: 3), packed("uyvy", y: 1, u: 0, v: 2), packed("yvyu", y: 0, u: 3, v: 1),
    packed("y210", y: 0, u: 1, v: 3, depth: 10, shift: 6),
  ]
}

/// The guarded samples of one group of rows, held as 16 bits where the layout is deeper than 8.
final class YUVSamples {
  let layout: YUVLayout
  let width: Int
  let narrow: [Guarded<UInt8>]
  let wide: [Guarded<UInt16>]

  /// Exactly as long as the last sample named asks for; filled with the canary.
  init(_ layout: YUVLayout, width: Int, placement: Placement) {
    self.layout = layout
    self.width = width
    var lengths: [Int: Int] = [:]
    for (component, count) in layout.y.map({ ($0, width) }) + layout.chroma.map({ ($0, layout.chromaWidth(width)) }) {
      let end = component.offset + component.step * (count - 1) + 1
      lengths[component.buffer] = max(lengths[component.buffer] ?? 0, end)
    }
    let counts = (0..<lengths.count).map { lengths[$0] ?? 0 }
    narrow = layout.depth == 8 ? counts.map { Guarded($0, placement) } : []
    wide = layout.depth == 8 ? [] : counts.map { Guarded($0, placement) }
  }

  subscript(component: Component, index: Int) -> Int {
    get {
      let at = component.offset + component.step * index
      return layout.depth == 8
        ? Int(narrow[component.buffer].elements[at]) : Int(wide[component.buffer].elements[at])
    }
    set {
      let at = component.offset + component.step * index
      if layout.depth == 8 {
        narrow[component.buffer].elements[at] = UInt8(newValue)
      } else {
        wide[component.buffer].elements[at] = UInt16(newValue)
      }
    }
  }

  /// Every sample of every component, as stored: luma rows, then chroma.
  var components: [[Int]] {
    layout.y.map { component in (0..<width).map { self[component, $0] } }
      + layout.chroma.map { component in (0..<layout.chromaWidth(width)).map { self[component, $0] } }
  }

  /// Sets every component to codes made by `code`, given the number of the component and of the sample.
  func fill(_ code: (Int, Int) -> Int) {
    for (number, component) in (layout.y + layout.chroma).enumerated() {
      let count = number < layout.rows ? width : layout.chromaWidth(width)
      for index in 0..<count { self[component, index] = code(number, index) << layout.shift }
    }
  }

  /// All bytes of the buffers, samples that no component names included.
  var bytes: [[UInt16]] { layout.depth == 8 ? narrow.map { $0.array.map(UInt16.init) } : wide.map(\.array) }
  var isIntact: Bool { narrow.allSatisfy(\.isIntact) && wide.allSatisfy(\.isIntact) }

  func address(_ component: Component) -> UnsafeMutableRawPointer {
    layout.depth == 8
      ? UnsafeMutableRawPointer(narrow[component.buffer].start + component.offset)
      : UnsafeMutableRawPointer(wide[component.buffer].start + component.offset)
  }
}
