// The kernels for AVX-512 F, BW, DQ and VL: sixteen floats at a time. Here the primitives, which are described in
// zdk_avx2.c; the kernels are in the templates.

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "zdk_tables.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), \
                             apply_to = function)

#define ZDK_NAME "avx512"
#define ZDK_LANES 16
// 24 of the 32 registers are sums.
#define ZDK_BLOCK_OUTPUTS 8
#define ZDK_BLOCK_VECTORS 3
#define ZDK_TILE_VECTORS 5  ///< Half of a row of the usual 160 pixels; 64 channels of two rows take 40 KiB.
#define ZDK_TOGETHER 8  ///< Vectors whose curves the registers hold side by side.

typedef __m512 vf;

ZDK_INLINE vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
ZDK_INLINE void vf_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
ZDK_INLINE void vf_stream(float *p, vf x) { _mm512_stream_ps(p, x); }
ZDK_INLINE vf vf_all(float x) { return _mm512_set1_ps(x); }
ZDK_INLINE __mmask16 first_lanes(int n) { return (__mmask16)((1u << n) - 1); }
ZDK_INLINE vf vf_load_first(const float *p, int n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
ZDK_INLINE void vf_store_first(float *p, vf x, int n) { _mm512_mask_storeu_ps(p, first_lanes(n), x); }
ZDK_INLINE vf vf_picked(vf x, const int32_t *places, int32_t first, int n) {
  const __m512i all = n == ZDK_LANES ? _mm512_loadu_si512(places) : _mm512_maskz_loadu_epi32(first_lanes(n), places);
  return _mm512_permutexvar_ps(_mm512_sub_epi32(all, _mm512_set1_epi32(first)), x);
}
ZDK_INLINE vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
ZDK_INLINE vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
ZDK_INLINE int vf_any_above(vf x, vf limit) { return _mm512_cmp_ps_mask(x, limit, _CMP_GT_OQ) != 0; }
ZDK_INLINE vf vf_load_next(const float *p, vf at_p) {
  // Nearly every load that is not aligned takes two cache lines.
  const __m512i next = _mm512_castps_si512(_mm512_loadu_ps(p + ZDK_LANES));
  return _mm512_castsi512_ps(_mm512_alignr_epi32(next, _mm512_castps_si512(at_p), 1));
}
ZDK_INLINE void vf_pin(vf *x) { (void)x; }  // There are registers enough.
ZDK_INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
ZDK_INLINE vf vf_clamp(vf x, vf low, vf high) { return _mm512_min_ps(_mm512_max_ps(x, low), high); }

/// 1 / `x` to within a share of 2^-11; and to within one of 2^-14.
ZDK_INLINE vf vf_reciprocal(vf x) { return _mm512_rcp14_ps(x); }
ZDK_INLINE vf vf_near_reciprocal(vf x) { return _mm512_rcp14_ps(x); }

ZDK_INLINE vf load8(const uint8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i_u *)p)));
}

ZDK_INLINE vf load16(const uint16_t *p, __m128i shift) {
  __m256i words = _mm256_loadu_si256((const __m256i_u *)p);
  return _mm512_cvtepi32_ps(_mm512_srl_epi32(_mm512_cvtepu16_epi32(words), shift));
}

ZDK_INLINE __m128i narrow8(vf x) {
  // The narrowing saturates from above only.
  return _mm512_cvtusepi32_epi8(_mm512_cvttps_epi32(_mm512_max_ps(x, _mm512_setzero_ps())));
}

ZDK_INLINE __m256i narrow16(vf x, __m128i shift) {
  return _mm512_cvtepi32_epi16(_mm512_sll_epi32(_mm512_cvttps_epi32(x), shift));
}

ZDK_INLINE void store8(uint8_t *p, vf x) { _mm_storeu_si128((__m128i_u *)p, narrow8(x)); }
ZDK_INLINE void store16(uint16_t *p, vf x, __m128i shift) { _mm256_storeu_si256((__m256i_u *)p, narrow16(x, shift)); }

ZDK_INLINE void load16_pairs(const uint16_t *p, vf *even, vf *odd) {
  const __m512i words = _mm512_loadu_si512(p);
  *even = _mm512_cvtepi32_ps(_mm512_and_si512(words, _mm512_set1_epi32(0xffff)));
  *odd = _mm512_cvtepi32_ps(_mm512_srli_epi32(words, 16));
}

ZDK_INLINE __m512i woven(vf even, vf odd) {
  const __m512i high = _mm512_slli_epi32(_mm512_cvttps_epi32(odd), 16);
  return _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_cvttps_epi32(even), high);
}

ZDK_INLINE void store8_pairs(uint8_t *p, vf even, vf odd) {
  const __m512i words = _mm512_max_epi16(woven(even, odd), _mm512_setzero_si512());
  _mm256_storeu_si256((__m256i_u *)p, _mm512_cvtusepi16_epi8(words));
}

ZDK_INLINE void store16_pairs(uint16_t *p, vf even, vf odd, __m128i shift) {
  _mm512_storeu_si512(p, _mm512_sll_epi16(woven(even, odd), shift));
}

ZDK_INLINE vf load8_halves(const uint8_t *u, const uint8_t *v) {
  __m128i bytes = _mm_unpacklo_epi64(_mm_loadu_si64(u), _mm_loadu_si64(v));
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
}

ZDK_INLINE vf load16_halves(const uint16_t *u, const uint16_t *v, __m128i shift) {
  __m256i words = _mm256_loadu2_m128i((const __m128i_u *)v, (const __m128i_u *)u);
  return _mm512_cvtepi32_ps(_mm512_srl_epi32(_mm512_cvtepu16_epi32(words), shift));
}

ZDK_INLINE void store8_halves(uint8_t *u, uint8_t *v, vf x) {
  __m128i bytes = narrow8(x);
  _mm_storeu_si64(u, bytes);
  _mm_storeu_si64(v, _mm_unpackhi_epi64(bytes, bytes));
}

ZDK_INLINE void store16_halves(uint16_t *u, uint16_t *v, vf x, __m128i shift) {
  _mm256_storeu2_m128i((__m128i_u *)v, (__m128i_u *)u, narrow16(x, shift));
}

ZDK_INLINE vf double_low(vf x) {
  return _mm512_permutexvar_ps(_mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7), x);
}

ZDK_INLINE vf double_high(vf x) {
  return _mm512_permutexvar_ps(_mm512_setr_epi32(8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15), x);
}

ZDK_INLINE vf pair_sums(vf a, vf b) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  return _mm512_permutex2var_ps(a, even, b) + _mm512_permutex2var_ps(a, odd, b);
}

typedef __m512i vi;
#define ZDK_WORDS 32

ZDK_INLINE vi vi_load(const uint16_t *p) { return _mm512_loadu_si512(p); }
ZDK_INLINE void vi_store(uint16_t *p, vi x) { _mm512_storeu_si512(p, x); }
ZDK_INLINE vi vi_all(uint16_t x) { return _mm512_set1_epi16((short)x); }
ZDK_INLINE vi vi_add(vi a, vi b) { return _mm512_add_epi16(a, b); }
ZDK_INLINE vi vi_sub(vi a, vi b) { return _mm512_sub_epi16(a, b); }
ZDK_INLINE vi vi_sum(vi a, vi b) { return _mm512_adds_epu16(a, b); }
ZDK_INLINE vi vi_signed_sum(vi a, vi b) { return _mm512_adds_epi16(a, b); }
ZDK_INLINE vi vi_less(vi a, vi b) { return _mm512_subs_epu16(a, b); }
ZDK_INLINE vi vi_min(vi a, vi b) { return _mm512_min_epu16(a, b); }
ZDK_INLINE vi vi_max(vi a, vi b) { return _mm512_max_epu16(a, b); }
ZDK_INLINE vi vi_size(vi a) { return _mm512_abs_epi16(a); }
/// By comparison: the port that takes sizes, signs, least and greatest of vectors this wide has more than enough to do.
/// From zero, or the compiler makes these of it.
typedef struct {
  vi size;
  __mmask32 is_negative;
} vi_difference;
ZDK_INLINE vi_difference vi_apart(vi a, vi b) {
  const __mmask32 is_negative = _mm512_cmplt_epi16_mask(a, b);
  const vi difference = _mm512_sub_epi16(a, b);
  return (vi_difference){_mm512_mask_sub_epi16(difference, is_negative, _mm512_setzero_si512(), difference), is_negative};
}
ZDK_INLINE vi vi_signed(vi size, vi_difference d) {
  return _mm512_mask_sub_epi16(size, d.is_negative, _mm512_setzero_si512(), size);
}
ZDK_INLINE vi vi_product(vi a, vi b) { return _mm512_mulhrs_epi16(a, b); }
ZDK_INLINE vi vi_low_product(vi a, vi b) { return _mm512_mullo_epi16(a, b); }
ZDK_INLINE vi vi_table(const uint8_t *entries) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i_u *)entries));
}
ZDK_INLINE vi vi_looked_up(vi table, vi x) {
  const vi places = _mm512_or_si512(_mm512_srli_epi16(x, 11), _mm512_set1_epi16((short)0x8000));
  return _mm512_slli_epi16(_mm512_shuffle_epi8(table, places), 7);
}

typedef __m512i vb;
#define ZDK_BYTES 64
ZDK_INLINE vb vb_load_groups(const uint8_t *first, const uint8_t *last, int count, int is_run) {
  if (is_run) return _mm512_loadu_si512(first);
  const vb one = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i_u *)first));
  return count == 1 ? one : _mm512_inserti64x4(one, _mm256_loadu_si256((const __m256i_u *)last), 1);
}
ZDK_INLINE vb vb_looked_up(vi table, vb x) {
  return _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(x, 4), _mm512_set1_epi8(15)));
}
/// By comparison and plain sums, for the reason given at `vi_difference`.
typedef struct {
  vb all, negative;
} vb_parts;
ZDK_INLINE vb_parts vb_no_parts(void) { return (vb_parts){_mm512_setzero_si512(), _mm512_setzero_si512()}; }
ZDK_INLINE void vb_add_part(vb_parts *parts, vb neighbour, vb centre, vb reach) {
  const __mmask64 is_negative = _mm512_cmplt_epu8_mask(neighbour, centre);
  const vb difference = _mm512_sub_epi8(neighbour, centre);
  const vb size = _mm512_mask_sub_epi8(difference, is_negative, _mm512_setzero_si512(), difference);
  const vb part = _mm512_min_epu8(size, _mm512_subs_epu8(reach, size));
  parts->all = _mm512_add_epi8(parts->all, part);
  parts->negative = _mm512_mask_add_epi8(parts->negative, is_negative, parts->negative, part);
}
ZDK_INLINE void vb_fine(vb centre, vb_parts parts, uint16_t share, vi *first, vi *second) {
  const vi factors = _mm512_set1_epi16((short)0x8040), zero = _mm512_setzero_si512(), part = vi_all(2 * share);
  const vi low = _mm512_maddubs_epi16(_mm512_unpacklo_epi8(parts.all, parts.negative), factors);
  const vi high = _mm512_maddubs_epi16(_mm512_unpackhi_epi8(parts.all, parts.negative), factors);
  const vi a = vi_add(_mm512_srli_epi16(_mm512_unpacklo_epi8(zero, centre), 1), vi_product(low, part));
  const vi b = vi_add(_mm512_srli_epi16(_mm512_unpackhi_epi8(zero, centre), 1), vi_product(high, part));
  *first = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), b);
  *second = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), b);
}
ZDK_INLINE int vi_exceeds(vi a, vi b) { return _mm512_cmpgt_epi16_mask(a, b) != 0; }
ZDK_INLINE uint16_t vi_greatest(vi x) {
  const __m256i half = _mm256_max_epu16(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
  const __m128i quarter = _mm_max_epu16(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  const __m128i ones = _mm_set1_epi32(-1);
  return (uint16_t)~_mm_cvtsi128_si32(_mm_minpos_epu16(_mm_xor_si128(quarter, ones)));
}

typedef struct {
  vi part[1];
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

const zdk_kernels zdk_avx512_kernels = ZDK_TABLE;

#pragma clang attribute pop

#else
typedef int zdk_avx512_is_empty;
#endif
