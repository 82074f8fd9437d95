internal import CKernels

/// The table of hot loops in use: the widest of this processor, or a narrower one for tests and benchmarks.
///
/// `@unchecked Sendable`: the table is a constant of the program, and its functions keep no state.
public struct Kernels: @unchecked Sendable {
  let table: UnsafePointer<zdk_kernels>

  /// Instruction sets with a table of their own, from the narrowest.
  public enum Variant: String, Sendable, CaseIterable {
    case plain, avx2, avx512

    fileprivate var mask: UInt32 {
      switch self {
      case .plain: 0
      case .avx2: UInt32(ZDK_CPU_AVX2)
      case .avx512: UInt32(ZDK_CPU_AVX2 | ZDK_CPU_AVX512)
      }
    }
  }

  /// What this processor does best.
  public static let best = Kernels(mask: .max)

  /// Exactly the named variant; nil if the processor lacks it.
  public init?(_ variant: Variant) {
    self.init(mask: variant.mask)
    guard name == variant.rawValue else { return nil }
  }

  private init(mask: UInt32) {
    // The C contract: never null.
    table = zdk_kernels_for(mask)
  }

  /// "plain", "avx2" or "avx512".
  public var name: String { String(cString: table.pointee.name) }
}

extension Kernels {
  /// Applies `curves`, one pointer to `width` floats for each map and channel (R, G and B of map 0 first), to `width` values
  /// of R, of G and of B in [0, 1], which follow each other in `x` as in `out`.
  func curve(
    _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, width: Int, maps: Int,
    curves: (_ plane: Int) -> UnsafeMutablePointer<Float>
  ) {
    var row = zdk_float_row()
    row.x = (x, x + width, x + 2 * width)
    row.out = (out, out + width, out + 2 * width)
    row.width = width
    row.maps = Int32(maps)
    row.iterations = Int32(CurveMap.iterations)
    withUnsafeMutableBytes(of: &row.curve.upper) { bytes in
      let upper = bytes.assumingMemoryBound(to: UnsafePointer<Float>?.self)
      for plane in 0..<3 * maps { upper[plane] = UnsafePointer(curves(plane)) }
    }
    row.curve.lower = row.curve.upper
    table.pointee.curve(&row)
  }
}
