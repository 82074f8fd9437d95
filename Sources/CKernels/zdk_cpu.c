// What the processor has, and which table that gives.

#include "zdk_tables.h"
#include "zdk_training.h"

uint32_t zdk_cpu_flags(void) {
  uint32_t flags = 0;
#if defined(__x86_64__)
  // The builtins also ask whether the operating system saves the wide registers. They need `init` only before
  // constructors have run, where calling it again costs nothing.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) flags |= ZDK_CPU_AVX2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
    flags |= ZDK_CPU_AVX512;
#endif
  return flags;
}

const zdk_kernels *zdk_kernels_for(uint32_t mask) {
#if defined(__x86_64__)
  uint32_t flags = zdk_cpu_flags() & mask;
  if (flags & ZDK_CPU_AVX512) return &zdk_avx512_kernels;
  if (flags & ZDK_CPU_AVX2) return &zdk_avx2_kernels;
#else
  (void)mask;
#endif
  return &zdk_plain_kernels;
}
