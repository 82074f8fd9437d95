internal import CKernels
internal import COpenBLAS

/// Which kernels OpenBLAS computes matrix products with.
///
/// A release of OpenBLAS does not know processors that are younger, and falls back to kernels of 2004 ("Prescott") on
/// them. The environment variable `OPENBLAS_CORETYPE` chooses others, but is read only when a program is loaded.
public enum MatrixKernels {
  /// The kernels in use, by OpenBLAS's name.
  public static var current: String { String(cString: openblas_get_corename()) }

  /// What `OPENBLAS_CORETYPE` should have been, for the same weights on every processor with AVX2; nil where it is so, or
  /// nothing better is known.
  public static var better: String? {
    guard !["haswell", "zen"].contains(current.lowercased()) else { return nil }
    return zdk_openblas_core().map { String(cString: $0) }
  }
}
