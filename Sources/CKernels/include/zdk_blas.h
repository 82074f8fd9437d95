// Matrix products of OpenBLAS, for layers that have no kernel of ours, and for training.

#ifndef ZDK_BLAS_H
#define ZDK_BLAS_H

/// As CBLAS has them.
enum { ZDK_ROW_MAJOR = 101, ZDK_AS_IS = 111, ZDK_TRANSPOSED = 112 };

/// What is used of OpenBLAS.
typedef struct {
  /// `cblas_sgemm`: c = alpha · a · b + beta · c; `a` is m × k, `b` k × n, `c` m × n, rows `lda`, `ldb`, `ldc` floats apart.
  void (*sgemm)(int order, int a_is, int b_is, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                int ldb, float beta, float *c, int ldc);
  /// The name of the kernels that it computes with.
  const char *(*core)(void);
} zdk_blas;

/// OpenBLAS, on one thread; null where it is not installed, or lacks what is used of it. May be called on any thread; the
/// first call changes the environment for as long as it takes, which others must not read or change meanwhile.
///
/// Loaded at the first call and not with the program: threads that it would start then spin for a tenth of a second, though
/// nothing is asked of them, and most programs never come here. A release does not know processors that are younger, and
/// takes kernels of 2004 ("Prescott") for them. `core`: those that it is to take instead, or null for its own choice; the
/// environment variable `OPENBLAS_CORETYPE`, if set, and a first call elsewhere, come before that.
const zdk_blas *zdk_load_blas(const char *core);

/// The name by which OpenBLAS knows its kernels for AVX2 ("Haswell"); null where the processor cannot run them.
const char *zdk_blas_core(void);

#endif
