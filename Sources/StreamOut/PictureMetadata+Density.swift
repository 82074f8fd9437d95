extension PictureMetadata {
  /// Pixels per unit of length, or the shape of a pixel.
  package struct Density: Sendable, Equatable {
    /// What the numbers count pixels along; `aspect` says only how they relate.
    package enum Unit: Sendable {
      case aspect
      case inch
      case centimeter
      case meter
    }

    /// Positive and finite.
    package var x: Double
    /// Positive and finite.
    package var y: Double
    package var unit: Unit

    /// - Returns: nil unless both numbers are positive and finite.
    package init?(x: Double, y: Double, unit: Unit) {
      guard x > 0, y > 0, x.isFinite, y.isFinite else { return nil }
      (self.x, self.y, self.unit) = (x, y, unit)
    }

    /// The same density of the picture turned by a quarter.
    var transposed: Density {
      var turned = self
      (turned.x, turned.y) = (y, x)
      return turned
    }

    /// Whether this says no more than a file without a density.
    var isTrivial: Bool { unit == .aspect && x == y }
  }

  /// The density to write: what the container says before what Exif says, if it says anything.
  var bestDensity: Density? {
    if let density, !density.isTrivial { return density }
    return exifDensity ?? density
  }

  /// The density that IFD0 of the Exif block states.
  var exifDensity: Density? {
    guard let exif, let directory = TIFFWriter(editing: exif),
      let x = directory.rational(of: Tag.xResolution), let y = directory.rational(of: Tag.yResolution)
    else { return nil }
    switch directory.integer(of: Tag.resolutionUnit) ?? 2 {
    case 1: return Density(x: x, y: y, unit: .aspect)
    case 3: return Density(x: x, y: y, unit: .centimeter)
    default: return Density(x: x, y: y, unit: .inch)
    }
  }
}

extension PictureMetadata.Density {
  /// From the unit, x and y of a JFIF segment (JFIF 1.02, page 5).
  init?(jfifUnit: Int, x: Int, y: Int) {
    let units: [Unit] = [.aspect, .inch, .centimeter]
    guard units.indices.contains(jfifUnit) else { return nil }
    self.init(x: Double(x), y: Double(y), unit: units[jfifUnit])
  }

  /// Unit and two densities for a JFIF segment, 5 bytes.
  var jfif: [UInt8] {
    let (unit, scale): (UInt8, Double) =
      switch self.unit {
      case .aspect: (0, 1)
      case .inch: (1, 1)
      case .centimeter: (2, 1)
      case .meter: (1, 0.0254)
      }
    return [unit]
      + [x, y].flatMap { PictureMetadata.encode(Self.rounded($0 * scale, to: 1...0xFFFF), count: 2, .big) }
  }

  /// Two densities and the unit for a `pHYs` chunk (PNG 11.3.4.3), 9 bytes.
  var pHYs: [UInt8] {
    let scale: Double =
      switch unit {
      case .aspect, .meter: 1
      case .inch: 1 / 0.0254
      case .centimeter: 100
      }
    return [x, y].flatMap { PictureMetadata.encode(Self.rounded($0 * scale, to: 1...0x7FFF_FFFF), count: 4, .big) }
      + [unit == .aspect ? 0 : 1]
  }

  /// XResolution, YResolution and ResolutionUnit as TIFF entries of the byte order `order`.
  func tiffEntries(_ order: PictureMetadata.ByteOrder) -> [PictureMetadata.TIFFEntry] {
    // Pixels per metre are whole hundredths of pixels per centimetre: nothing is rounded on the way from PNG.
    let (unit, denominator): (Int, Int) =
      switch self.unit {
      case .aspect: (1, 1)
      case .inch: (2, 1)
      case .centimeter: (3, 1)
      case .meter: (3, 100)
      }
    func rational(_ tag: UInt16, _ value: Double) -> PictureMetadata.TIFFEntry {
      let numerator = Self.rounded(value, to: 1...0xFFFF_FFFF)
      return .init(
        tag: tag, type: .rational, count: 1,
        value: [numerator, denominator].flatMap { PictureMetadata.encode($0, count: 4, order) })
    }
    return [
      rational(PictureMetadata.Tag.xResolution, x), rational(PictureMetadata.Tag.yResolution, y),
      .short(PictureMetadata.Tag.resolutionUnit, unit, order),
    ]
  }

  private static func rounded(_ value: Double, to range: ClosedRange<Int>) -> Int {
    Int(min(max(value.rounded(), Double(range.lowerBound)), Double(range.upperBound)))
  }
}
