extension PictureMetadata {
  /// Collects from the segments before the first scan.
  mutating func readJPEG(_ view: ByteView, _ budget: inout Budget) {
    var profile = ProfileParts()
    for segment in JPEGHeader(view).segments {
      switch segment.marker {
      case JPEGSegment.app0:
        if density == nil { density = Self.jfifDensity(segment) }
      case JPEGSegment.app1:
        readApp1(segment, &budget)
      case JPEGSegment.app2:
        if let part = segment.content(of: JPEGSegment.app2, JPEGSegment.colorProfile) { profile.add(part, &budget) }
      case JPEGSegment.app13:
        if let part = budget.copy(segment.content(of: JPEGSegment.app13, JPEGSegment.photoshop)) {
          photoshopResources = (photoshopResources ?? []) + part
        }
      case JPEGSegment.comment:
        if let comment = budget.copy(segment.payload) { comments.append(comment) }
      default: break
      }
    }
    colorProfile = profile.joined.flatMap(Self.validProfile)
  }

  private mutating func readApp1(_ segment: JPEGSegment, _ budget: inout Budget) {
    if let content = segment.content(of: JPEGSegment.app1, JPEGSegment.exif) {
      if exif == nil { exif = budget.copy(content).flatMap(Self.validExif) }
    } else if let content = segment.content(of: JPEGSegment.app1, JPEGSegment.xmp) {
      if xmp == nil { xmp = budget.copy(content) }
    } else if segment.content(of: JPEGSegment.app1, JPEGSegment.extendedXMP) != nil {
      if let payload = budget.copy(segment.payload) { extendedXMP.append(payload) }
    }
  }

  private static func jfifDensity(_ segment: JPEGSegment) -> Density? {
    guard let content = segment.content(of: JPEGSegment.app0, JPEGSegment.jfif) else { return nil }
    let view = ByteView(Array(content))
    guard let unit = view.integer(at: 2, count: 1, .big), let x = view.integer(at: 3, count: 2, .big),
      let y = view.integer(at: 5, count: 2, .big)
    else { return nil }
    return Density(jfifUnit: unit, x: x, y: y)
  }

  /// An Exif block with `Exif\0\0` before it or not; nil if there is no TIFF directory in it.
  static func validExif(_ bytes: [UInt8]) -> [UInt8]? {
    let block = bytes.starts(with: JPEGSegment.exif) ? Array(bytes.dropFirst(JPEGSegment.exif.count)) : bytes
    return TIFFWriter(editing: block) == nil ? nil : block
  }

  /// An ICC profile, nil if it has no profile header (ICC.1:2022, 7.2).
  static func validProfile(_ bytes: [UInt8]) -> [UInt8]? {
    bytes.count >= 128 && ByteView(bytes).has(ascii("acsp"), at: 36) ? bytes : nil
  }

  /// The numbered parts of a profile (ICC.1:2022, B.4).
  private struct ProfileParts {
    private var parts: [Int: [UInt8]] = [:]
    private var total: Int?

    /// - Parameter part: number from 1, how many there are, data.
    mutating func add(_ part: ArraySlice<UInt8>, _ budget: inout Budget) {
      let view = ByteView(Array(part))
      guard let number = view.integer(at: 0, count: 1, .big), let total = view.integer(at: 1, count: 1, .big),
        (1...max(1, total)).contains(number), self.total ?? total == total, parts[number] == nil,
        let data = budget.copy(part.dropFirst(2))
      else { return }
      self.total = total
      parts[number] = data
    }

    /// The profile, nil unless all parts are there.
    var joined: [UInt8]? {
      guard let total, parts.count == total else { return nil }
      return (1...max(1, total)).flatMap { parts[$0] ?? [] }
    }
  }
}
