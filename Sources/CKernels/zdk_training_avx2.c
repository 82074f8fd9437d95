// The kernels of training for AVX2 and FMA: eight floats at a time.

#if defined(__x86_64__)

#include "zdk_training_tables.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define ZDK_NAME "avx2"
#define ZDK_LANES 8

#include "zdk_template_training.h"

const zdk_training_kernels zdk_training_avx2 = ZDK_TRAINING_TABLE;

#pragma clang attribute pop

#else
typedef int zdk_training_avx2_is_empty;
#endif
