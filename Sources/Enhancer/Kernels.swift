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
