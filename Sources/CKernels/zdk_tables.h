// The tables, for the file that picks one. Each is defined in the file of its name.

#ifndef ZDK_TABLES_H
#define ZDK_TABLES_H

#include "zdk.h"

/// One ninth in units of 2^-15.
enum { ZDK_NINTH = 3641 };
/// What is left, in units of 2^-15, of the memory of motion after a frame.
enum { ZDK_RECENT_DECAY = 19661 };

/// The memory of motion in a group after a frame: `most` is its greatest share of motion, `left` what was remembered.
/// Three quarters of a motion may be noise and count for nothing.
static inline uint16_t recent_motion(int32_t most, int32_t left) {
  const int32_t certain = most > 24576 ? 4 * (most - 24576) : 0;
  return (uint16_t)(certain > left ? certain : left);
}

/// The reference, for any processor.
extern const zdk_kernels zdk_plain_kernels;

#if defined(__x86_64__)
/// For processors with `ZDK_CPU_AVX2`.
extern const zdk_kernels zdk_avx2_kernels;
/// For processors with `ZDK_CPU_AVX512`.
extern const zdk_kernels zdk_avx512_kernels;
#endif

#endif
