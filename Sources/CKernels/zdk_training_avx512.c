// The kernels of training for AVX-512: sixteen floats at a time.

#if defined(__x86_64__)

#include "zdk_training_tables.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)

#define ZDK_NAME "avx512"
#define ZDK_LANES 16

#include "zdk_template_training.h"

const zdk_training_kernels zdk_training_avx512 = ZDK_TRAINING_TABLE;

#pragma clang attribute pop

#else
typedef int zdk_training_avx512_is_empty;
#endif
