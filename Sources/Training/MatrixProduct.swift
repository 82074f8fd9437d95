internal import COpenBLAS

/// OpenBLAS would otherwise start threads of its own; parallelism is ours.
private let useOneThread: Void = openblas_set_num_threads(1)

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
  _ = useOneThread
  assert(!result.isTransposed)
  cblas_sgemm(
    CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
    blasint(rows), blasint(columns), blasint(inner), 1, a.start, blasint(a.stride), b.start, blasint(b.stride),
    adding ? 1 : 0, result.start, blasint(result.stride))
}

extension FeaturePlanes {
  /// The planes from `first` on as a matrix with one row per plane, shifted by some cells.
  func matrix(from first: Int = 0, shift: Int = 0) -> Matrix {
    Matrix(start: plane(first) + shift, stride: planeStride)
  }
}
