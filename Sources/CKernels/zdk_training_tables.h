// The tables of the training kernels for wider vectors, for the file that picks one.

#ifndef ZDK_TRAINING_TABLES_H
#define ZDK_TRAINING_TABLES_H

#include "zdk_training.h"

#if defined(__x86_64__)
/// For processors with `ZDK_CPU_AVX2`.
extern const zdk_training_kernels zdk_training_avx2;
/// For processors with `ZDK_CPU_AVX512`.
extern const zdk_training_kernels zdk_training_avx512;
#endif

#endif
