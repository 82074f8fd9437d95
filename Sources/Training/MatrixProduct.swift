internal import CKernels

/// Whether OpenBLAS is installed. With the same kernels on all processors with AVX2, for the same weights.
let hasOpenBLAS = zdk_load_blas(zdk_blas_core()) != 0

/// Row-major matrices as BLAS sees them: a pointer and the distance between rows.
struct Matrix {
  var start: UnsafeMutablePointer<Float>
  var stride: Int
  var isTransposed = false

  /// The same matrix, read the other way.
  var transposed: Matrix { Matrix(start: start, stride: stride, isTransposed: !isTransposed) }
}

/// `result = a · b`, or `+=` with `adding`; `result` is `rows × columns`, `inner` what is summed over.
func multiply(
  _ a: Matrix, _ b: Matrix, into result: Matrix, rows: Int, columns: Int, inner: Int, adding: Bool = false
) {
  assert(!result.isTransposed)
  precondition(hasOpenBLAS, "training begins with a look for it")
  zdk_sgemm(
    Int32(rows), Int32(columns), Int32(inner), a.start, Int32(a.stride), a.isTransposed ? 1 : 0, b.start,
    Int32(b.stride), b.isTransposed ? 1 : 0, result.start, Int32(result.stride), adding ? 1 : 0)
}

extension FeaturePlanes {
  /// The planes from `first` on as a matrix with one row per plane, shifted by some cells.
  func matrix(from first: Int = 0, shift: Int = 0) -> Matrix {
    Matrix(start: plane(first) + shift, stride: planeStride)
  }
}
