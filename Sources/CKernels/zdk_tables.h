// The tables, for the file that picks one. Each is defined in the file of its name.

#ifndef ZDK_TABLES_H
#define ZDK_TABLES_H

#include "zdk.h"

/// The reference, for any processor.
extern const zdk_kernels zdk_plain_kernels;

#if defined(__x86_64__)
/// For processors with `ZDK_CPU_AVX2`.
extern const zdk_kernels zdk_avx2_kernels;
/// For processors with `ZDK_CPU_AVX512`.
extern const zdk_kernels zdk_avx512_kernels;
#endif

#endif
