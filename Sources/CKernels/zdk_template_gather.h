// From packed layouts and row ends to whole vectors of planar samples and back. Plain loops that clang vectorises,
// because no sample outside the arguments may be touched.
//
// `wide` is 1 for `uint16_t` samples, 0 for `uint8_t`; constant wherever these are inlined. Buffers do not overlap.

/// Pixels per tile of packed samples: small enough for the first cache level, a multiple of every vector.
enum { ZDK_TILE = 512 };

/// One plane of a tile, of 8- or 16-bit samples.
typedef union {
  uint8_t narrow[ZDK_TILE];
  uint16_t wide[ZDK_TILE];
} tile_plane;

/// Sample number `index`, which may be negative.
ZDK_INLINE const void *sample_at(const void *p, ptrdiff_t index, int wide) {
  return (const uint8_t *)p + index * (1 + wide);
}
ZDK_INLINE void *sample_out(void *p, ptrdiff_t index, int wide) { return (uint8_t *)p + index * (1 + wide); }

/// How many samples `b` lies behind `a`; meaningless, but no error, where they belong to different buffers.
ZDK_INLINE ptrdiff_t distance(const void *a, const void *b, int wide) {
  return ((intptr_t)b - (intptr_t)a) / (1 + wide);
}

/// Body of a loop over samples, for both widths: `T` is the sample type in BODY.
#define ZDK_EACH(wide, n, BODY)                     \
  do {                                              \
    if (wide) {                                     \
      typedef uint16_t T;                           \
      for (ptrdiff_t i = 0; i < (n); i++) { BODY; } \
    } else {                                        \
      typedef uint8_t T;                            \
      for (ptrdiff_t i = 0; i < (n); i++) { BODY; } \
    }                                               \
  } while (0)

/// to[i] = from[i·step], `n` samples.
static void gather(void *restrict to, const void *restrict from, int step, int n, int wide) {
  // Constant steps become shuffles.
  if (step == 1) {
    memcpy(to, from, (size_t)n << wide);
  } else if (step == 2) {
    ZDK_EACH(wide, n, ((T *)to)[i] = ((const T *)from)[2 * i]);
  } else if (step == 4) {
    ZDK_EACH(wide, n, ((T *)to)[i] = ((const T *)from)[4 * i]);
  } else {
    ZDK_EACH(wide, n, ((T *)to)[i] = ((const T *)from)[step * i]);
  }
}

/// to[i·step] = from[i], `n` samples.
static void scatter(void *restrict to, const void *restrict from, int step, int n, int wide) {
  if (step == 1) {
    memcpy(to, from, (size_t)n << wide);
  } else {
    ZDK_EACH(wide, n, ((T *)to)[step * i] = ((const T *)from)[i]);
  }
}

/// to = a[0], b[0], a[1], b[1], …; 2·`n` samples.
static void weave2(void *restrict to, const void *restrict a, const void *restrict b, int n, int wide) {
  ZDK_EACH(wide, n, ((T *)to)[2 * i] = ((const T *)a)[i]; ((T *)to)[2 * i + 1] = ((const T *)b)[i]);
}

/// to = a[0], b[0], c[0], a[1], …; 3·`n` samples.
static void weave3(void *restrict to, const void *restrict a, const void *restrict b, const void *restrict c, int n,
                   int wide) {
  ZDK_EACH(wide, n, ((T *)to)[3 * i] = ((const T *)a)[i]; ((T *)to)[3 * i + 1] = ((const T *)b)[i];
           ((T *)to)[3 * i + 2] = ((const T *)c)[i]);
}

/// a, b, c = from[i·step], from[i·step + 1], from[i·step + 2]; step 3 or 4.
static void unweave3(void *restrict a, void *restrict b, void *restrict c, const void *restrict from, int step, int n,
                     int wide) {
  if (step == 3) {
    ZDK_EACH(wide, n, ((T *)a)[i] = ((const T *)from)[3 * i]; ((T *)b)[i] = ((const T *)from)[3 * i + 1];
             ((T *)c)[i] = ((const T *)from)[3 * i + 2]);
  } else {
    ZDK_EACH(wide, n, ((T *)a)[i] = ((const T *)from)[4 * i]; ((T *)b)[i] = ((const T *)from)[4 * i + 1];
             ((T *)c)[i] = ((const T *)from)[4 * i + 2]);
  }
}

/// Repeats sample n − 1 of a plane that has room for the pair of vectors that n − 1 lies in, to the end of that pair.
ZDK_INLINE void pad_plane(tile_plane *plane, int n, int wide) {
  for (int i = n; i % (2 * ZDK_LANES) != 0; i++) {
    if (wide) {
      plane->wide[i] = plane->wide[n - 1];
    } else {
      plane->narrow[i] = plane->narrow[n - 1];
    }
  }
}

/// Room for one vector of every map of a row: upper and lower.
typedef float curve_room[2][ZDK_MAX_MAPS * 3][ZDK_LANES];

/// Copies the maps of pixels `at` .. `at` + `n`, n <= ZDK_LANES, to `room` and repeats the last to a whole vector.
/// `padded` then stands for `row`, from pixel 0.
static void pad_curve(zdk_curve_row *padded, curve_room room, const zdk_curve_row *row, int maps, size_t at, int n) {
  for (int k = 0; k < maps * 3; k++) {
    for (int i = 0; i < ZDK_LANES; i++) {
      const size_t from = at + (size_t)(i < n ? i : n - 1);
      room[0][k][i] = row->upper[k][from];
      room[1][k][i] = row->lower[k][from];
    }
    padded->upper[k] = room[0][k];
    padded->lower[k] = room[1][k];
  }
  padded->t = row->t;
}

/// `ZDK_LANES` samples from number `i` on.
ZDK_INLINE vf load_codes(const void *p, size_t i, int wide, __m128i shift) {
  return wide ? load16((const uint16_t *)p + i, shift) : load8((const uint8_t *)p + i);
}

/// Stores codes that had one half added for rounding; `last` is the greatest code plus one half.
ZDK_INLINE void store_codes(void *p, size_t i, vf x, int wide, __m128i shift, vf last) {
  // The 8-bit store saturates by itself.
  if (wide) {
    store16((uint16_t *)p + i, vf_clamp(x, vf_all(0.0f), last), shift);
  } else {
    store8((uint8_t *)p + i, x);
  }
}

/// `store_codes` of two vectors, sample by sample in turn.
ZDK_INLINE void store_code_pairs(void *p, size_t i, vf even, vf odd, int wide, __m128i shift, vf last) {
  if (wide) {
    const vf zero = vf_all(0.0f);
    store16_pairs((uint16_t *)p + i, vf_clamp(even, zero, last), vf_clamp(odd, zero, last), shift);
  } else {
    store8_pairs((uint8_t *)p + i, even, odd);
  }
}

/// One less than 2^`depth`, as a float.
ZDK_INLINE float greatest_code(int32_t depth) { return (float)((1 << depth) - 1); }
