// Matrix products of OpenBLAS, for layers that have no kernel of ours, and for training.

#ifndef ZDK_BLAS_H
#define ZDK_BLAS_H

/// Loads OpenBLAS, to work on one thread. 0 where it is not installed, or lacks what is used of it: then `zdk_sgemm` may
/// not be called. May be called on any thread, any number of times; the first call changes the environment for as long as
/// it takes, which others must not read or change meanwhile.
///
/// Loaded at the first call and not with the program: threads that it would start then spin for a tenth of a second, though
/// nothing is asked of them, and most programs never come here. A release does not know processors that are younger, and
/// takes kernels of 2004 ("Prescott") for them. `core`: those that it is to take instead, or null for its own choice; the
/// environment variable `OPENBLAS_CORETYPE`, if set, and a first call elsewhere, come before that.
int zdk_load_blas(const char *core);

/// result = a · b, or result + a · b if `adds` is not 0: `a` is m × k, `b` k × n, `result` m × n, all row by row, these
/// `a_stride`, `b_stride` and `stride` floats apart. Of matrices that are `transposed` (not 0), the columns lie so.
void zdk_sgemm(int m, int n, int k, const float *a, int a_stride, int a_transposed, const float *b, int b_stride,
               int b_transposed, float *result, int stride, int adds);

/// The name by which OpenBLAS knows its kernels for AVX2 ("Haswell"); null where the processor cannot run them.
const char *zdk_blas_core(void);

#endif
