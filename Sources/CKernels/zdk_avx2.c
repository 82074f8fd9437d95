// The kernels for AVX2 and FMA: eight floats at a time. Here the primitives; the kernels are in the templates.

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "zdk_tables.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define ZDK_NAME "avx2"
#define ZDK_LANES 8
// A block of the pointwise product: outputs × vectors of pixels. Twelve of the sixteen registers are sums.
#define ZDK_BLOCK_OUTPUTS 4
#define ZDK_BLOCK_VECTORS 3
#define ZDK_TILE_VECTORS 6  ///< Of one row of a tile: whole blocks, and 64 channels of two rows take 24 KiB.
#define ZDK_TOGETHER 4  ///< Vectors whose curves the registers hold side by side.

typedef __m256 vf;  ///< `ZDK_LANES` floats.

ZDK_INLINE vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
ZDK_INLINE void vf_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
/// The same past the caches, to an aligned place.
ZDK_INLINE void vf_stream(float *p, vf x) { _mm256_stream_ps(p, x); }
ZDK_INLINE vf vf_all(float x) { return _mm256_set1_ps(x); }
/// The first `n` lanes, n in 1 ..< `ZDK_LANES`; the others are not touched in memory, and zero when loaded.
ZDK_INLINE __m256i first_lanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
ZDK_INLINE vf vf_load_first(const float *p, int n) { return _mm256_maskload_ps(p, first_lanes(n)); }
ZDK_INLINE void vf_store_first(float *p, vf x, int n) { _mm256_maskstore_ps(p, first_lanes(n), x); }
/// For each of the first `n` lanes, n in 1 ... `ZDK_LANES`, the one of `x` with the number places[lane] - `first`.
ZDK_INLINE vf vf_picked(vf x, const int32_t *places, int32_t first, int n) {
  const __m256i all = n == ZDK_LANES ? _mm256_loadu_si256((const __m256i_u *)places)
                                     : _mm256_maskload_epi32(places, first_lanes(n));
  return _mm256_permutevar8x32_ps(x, _mm256_sub_epi32(all, _mm256_set1_epi32(first)));
}
ZDK_INLINE vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
ZDK_INLINE vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
/// Whether any of `x` is greater than its `limit`.
ZDK_INLINE int vf_any_above(vf x, vf limit) { return _mm256_movemask_ps(_mm256_cmp_ps(x, limit, _CMP_GT_OQ)) != 0; }
/// The floats from p + 1 on, where `at_p` are those from p on; all up to p + 2·`ZDK_LANES` may be read.
ZDK_INLINE vf vf_load_next(const float *p, vf at_p) {
  (void)at_p;  // To shift over the halves of a vector takes longer than to load.
  return _mm256_loadu_ps(p + 1);
}
/// Has `x` computed here: the compiler, left to itself, interleaves sums and weights until it lacks registers.
ZDK_INLINE void vf_pin(vf *x) { __asm__ volatile("" : "+x"(*x)); }
/// a·b + c.
ZDK_INLINE vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
ZDK_INLINE vf vf_clamp(vf x, vf low, vf high) { return _mm256_min_ps(_mm256_max_ps(x, low), high); }

/// 1 / `x` to within a share of 2^-11; and to within one of 2^-14.
ZDK_INLINE vf vf_reciprocal(vf x) { return _mm256_rcp_ps(x); }
ZDK_INLINE vf vf_near_reciprocal(vf x) {
  const vf near = _mm256_rcp_ps(x);
  return vf_fma(vf_fma(vf_all(0.0f) - x, near, vf_all(1.0f)), near, near);
}

/// `ZDK_LANES` 8-bit samples as floats.
ZDK_INLINE vf load8(const uint8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadu_si64(p)));
}

/// `ZDK_LANES` 16-bit samples, shifted right by `shift`.
ZDK_INLINE vf load16(const uint16_t *p, __m128i shift) {
  return _mm256_cvtepi32_ps(_mm256_srl_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)p)), shift));
}

/// `x` truncated to whole numbers and saturated to [0, 255], in the low 8 bytes.
ZDK_INLINE __m128i narrow8(vf x) {
  __m256i codes = _mm256_cvttps_epi32(x);
  __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
  return _mm_packus_epi16(words, words);
}

/// `x`, already within [0, 65536), truncated to whole numbers and shifted left by `shift`.
ZDK_INLINE __m128i narrow16(vf x, __m128i shift) {
  __m256i codes = _mm256_sll_epi32(_mm256_cvttps_epi32(x), shift);
  return _mm_packus_epi32(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
}

ZDK_INLINE void store8(uint8_t *p, vf x) { _mm_storeu_si64(p, narrow8(x)); }
ZDK_INLINE void store16(uint16_t *p, vf x, __m128i shift) { _mm_storeu_si128((__m128i_u *)p, narrow16(x, shift)); }

/// Two vectors of samples: `even` gets those with even numbers.
ZDK_INLINE void load16_pairs(const uint16_t *p, vf *even, vf *odd) {
  const __m256i words = _mm256_loadu_si256((const __m256i_u *)p);
  *even = _mm256_cvtepi32_ps(_mm256_and_si256(words, _mm256_set1_epi32(0xffff)));
  *odd = _mm256_cvtepi32_ps(_mm256_srli_epi32(words, 16));
}

/// The low halves of whole numbers, in turn.
ZDK_INLINE __m256i woven(vf even, vf odd) {
  const __m256i high = _mm256_slli_epi32(_mm256_cvttps_epi32(odd), 16);
  return _mm256_blend_epi16(_mm256_cvttps_epi32(even), high, 0xaa);
}

/// The inverse of `load16_pairs`, with `narrow8`'s saturation.
ZDK_INLINE void store8_pairs(uint8_t *p, vf even, vf odd) {
  const __m256i words = woven(even, odd), bytes = _mm256_packus_epi16(words, words);
  _mm_storeu_si128((__m128i_u *)p, _mm256_castsi256_si128(_mm256_permute4x64_epi64(bytes, 0x08)));
}

/// The same for 16 bits; within [0, 65536).
ZDK_INLINE void store16_pairs(uint16_t *p, vf even, vf odd, __m128i shift) {
  _mm256_storeu_si256((__m256i_u *)p, _mm256_sll_epi16(woven(even, odd), shift));
}

/// Half a vector of samples from `u`, then half a vector from `v`.
ZDK_INLINE vf load8_halves(const uint8_t *u, const uint8_t *v) {
  __m128i bytes = _mm_unpacklo_epi32(_mm_loadu_si32(u), _mm_loadu_si32(v));
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes));
}

ZDK_INLINE vf load16_halves(const uint16_t *u, const uint16_t *v, __m128i shift) {
  __m128i words = _mm_unpacklo_epi64(_mm_loadu_si64(u), _mm_loadu_si64(v));
  return _mm256_cvtepi32_ps(_mm256_srl_epi32(_mm256_cvtepu16_epi32(words), shift));
}

/// The way back from `load8_halves`; `load16_halves`.
ZDK_INLINE void store8_halves(uint8_t *u, uint8_t *v, vf x) {
  __m128i bytes = narrow8(x);
  _mm_storeu_si32(u, bytes);
  _mm_storeu_si32(v, _mm_srli_epi64(bytes, 32));
}

ZDK_INLINE void store16_halves(uint16_t *u, uint16_t *v, vf x, __m128i shift) {
  __m128i words = narrow16(x, shift);
  _mm_storeu_si64(u, words);
  _mm_storeu_si64(v, _mm_unpackhi_epi64(words, words));
}

/// Each lane of the low half twice; of the high half.
ZDK_INLINE vf double_low(vf x) { return _mm256_permutevar8x32_ps(x, _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3)); }
ZDK_INLINE vf double_high(vf x) { return _mm256_permutevar8x32_ps(x, _mm256_setr_epi32(4, 4, 5, 5, 6, 6, 7, 7)); }

/// The sums of neighbouring pairs of lanes: those of `a` in the low half, those of `b` in the high half.
ZDK_INLINE vf pair_sums(vf a, vf b) {
  __m256d mixed = _mm256_castps_pd(_mm256_hadd_ps(a, b));
  return _mm256_castpd_ps(_mm256_permute4x64_pd(mixed, 0xD8));
}

typedef __m256i vi;    ///< `ZDK_WORDS` 16-bit samples.
#define ZDK_WORDS 16

ZDK_INLINE vi vi_load(const uint16_t *p) { return _mm256_loadu_si256((const __m256i_u *)p); }
ZDK_INLINE void vi_store(uint16_t *p, vi x) { _mm256_storeu_si256((__m256i_u *)p, x); }
ZDK_INLINE vi vi_all(uint16_t x) { return _mm256_set1_epi16((short)x); }
ZDK_INLINE vi vi_add(vi a, vi b) { return _mm256_add_epi16(a, b); }
ZDK_INLINE vi vi_sub(vi a, vi b) { return _mm256_sub_epi16(a, b); }
/// a + b, at most 65535; a − b, at least 0.
ZDK_INLINE vi vi_sum(vi a, vi b) { return _mm256_adds_epu16(a, b); }
ZDK_INLINE vi vi_signed_sum(vi a, vi b) { return _mm256_adds_epi16(a, b); }
ZDK_INLINE vi vi_less(vi a, vi b) { return _mm256_subs_epu16(a, b); }
ZDK_INLINE vi vi_min(vi a, vi b) { return _mm256_min_epu16(a, b); }
ZDK_INLINE vi vi_max(vi a, vi b) { return _mm256_max_epu16(a, b); }
/// |a|.
ZDK_INLINE vi vi_size(vi a) { return _mm256_abs_epi16(a); }
/// a − b of samples of up to 15 bits: its size, and what `vi_signed` needs to know.
typedef struct {
  vi size, difference;
} vi_difference;
ZDK_INLINE vi_difference vi_apart(vi a, vi b) {
  const vi difference = _mm256_sub_epi16(a, b);
  return (vi_difference){_mm256_abs_epi16(difference), difference};
}
/// `size` with the sign of a difference; anything where that is zero, and `size` no larger.
ZDK_INLINE vi vi_signed(vi size, vi_difference d) { return _mm256_sign_epi16(size, d.difference); }
/// a·b / 2^15, rounded, of signed numbers; the lower 16 bits of a·b.
ZDK_INLINE vi vi_product(vi a, vi b) { return _mm256_mulhrs_epi16(a, b); }
ZDK_INLINE vi vi_low_product(vi a, vi b) { return _mm256_mullo_epi16(a, b); }
/// A table of 16 bytes for `vi_looked_up`: the entry, times 2^7, that the upper five bits of each sample point at.
/// Samples are below 2^15.
ZDK_INLINE vi vi_table(const uint8_t *entries) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i_u *)entries));
}
ZDK_INLINE vi vi_looked_up(vi table, vi x) {
  // A set top bit makes the upper byte 0.
  const vi places = _mm256_or_si256(_mm256_srli_epi16(x, 11), _mm256_set1_epi16((short)0x8000));
  return _mm256_slli_epi16(_mm256_shuffle_epi8(table, places), 7);
}

/// Twice as many samples of a byte each.
typedef __m256i vb;
#define ZDK_BYTES 32
/// `ZDK_DENOISE_GROUP` bytes from each of `count` places, which follow each other if `is_run`; the last ones are free where
/// there are fewer than fit.
ZDK_INLINE vb vb_load_groups(const uint8_t *first, const uint8_t *last, int count, int is_run) {
  (void)last, (void)count, (void)is_run;
  return _mm256_loadu_si256((const __m256i_u *)first);
}
/// The entry of a `vi_table` that the upper four bits of each sample point at.
ZDK_INLINE vb vb_looked_up(vi table, vb x) {
  return _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(15)));
}
/// Sums of parts of what neighbours differ by.
typedef struct {
  vb plus, minus;
} vb_parts;
ZDK_INLINE vb_parts vb_no_parts(void) { return (vb_parts){_mm256_setzero_si256(), _mm256_setzero_si256()}; }
/// Adds to them: of a difference d, min(|d|, max(reach − |d|, 0)) with its sign.
ZDK_INLINE void vb_add_part(vb_parts *parts, vb neighbour, vb centre, vb reach) {
  // One of them is 0.
  const vb above = _mm256_subs_epu8(neighbour, centre), below = _mm256_subs_epu8(centre, neighbour);
  const vb left = _mm256_subs_epu8(reach, _mm256_or_si256(above, below));
  parts->plus = _mm256_add_epi8(parts->plus, _mm256_min_epu8(above, left));
  parts->minus = _mm256_add_epi8(parts->minus, _mm256_min_epu8(below, left));
}
/// centre·2^7 + parts·2^7·share / 2^15, rounded, as two vectors of words; `share` is below 2^14.
ZDK_INLINE void vb_fine(vb centre, vb_parts parts, uint16_t share, vi *first, vi *second) {
  // Halves of lanes at first; to 2^6 the difference is a signed product of bytes.
  const vi factors = _mm256_set1_epi16((short)0xc040), zero = _mm256_setzero_si256(), part = vi_all(2 * share);
  const vi low = _mm256_maddubs_epi16(_mm256_unpacklo_epi8(parts.plus, parts.minus), factors);
  const vi high = _mm256_maddubs_epi16(_mm256_unpackhi_epi8(parts.plus, parts.minus), factors);
  const vi a = vi_add(_mm256_srli_epi16(_mm256_unpacklo_epi8(zero, centre), 1), vi_product(low, part));
  const vi b = vi_add(_mm256_srli_epi16(_mm256_unpackhi_epi8(zero, centre), 1), vi_product(high, part));
  *first = _mm256_permute2x128_si256(a, b, 0x20);
  *second = _mm256_permute2x128_si256(a, b, 0x31);
}

/// Whether any sample, of up to 15 bits, is greater than its counterpart.
ZDK_INLINE int vi_exceeds(vi a, vi b) { return _mm256_movemask_epi8(_mm256_cmpgt_epi16(a, b)) != 0; }
/// The greatest of all samples.
ZDK_INLINE uint16_t vi_greatest(vi x) {
  const __m128i half = _mm_max_epu16(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  const __m128i ones = _mm_set1_epi32(-1);
  return (uint16_t)~_mm_cvtsi128_si32(_mm_minpos_epu16(_mm_xor_si128(half, ones)));
}

/// `ZDK_DENOISE_GROUP` samples.
typedef struct {
  vi part[2];
} vg;

#include "zdk_template_denoise.h"
#include "zdk_template_tile.h"
#include "zdk_template_float.h"
#include "zdk_template_gather.h"
#include "zdk_template_tone.h"
#include "zdk_template_rgb.h"
#include "zdk_template_separable.h"
#include "zdk_template_ssim.h"
#include "zdk_template_yuv.h"

const zdk_kernels zdk_avx2_kernels = ZDK_TABLE;

#pragma clang attribute pop

#else
typedef int zdk_avx2_is_empty;  // ISO C wants a declaration in every file.
#endif
