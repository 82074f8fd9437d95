// Fine rows, and what looks other than the paper's do before the curve; included once per instruction set after its
// primitives.

/// `zdk_tone` with its terms worked out.
typedef struct {
  float unit;                                ///< Codes per step of a fine row.
  float one_by_gain, ceiling, bend, bend_from;  ///< See `rolled_off`.
  float straight_to;                         ///< Gained values up to here are neither bent nor cut.
  float slope, offset, least;                ///< See `trust`.
} tone_terms;

static tone_terms make_tone(const zdk_tone *tone, int32_t depth) {
  const float bend = tone->knee < 1.0f ? 0.5f / sqrtf(1.0f - tone->knee) : 0.0f;
  const float unit = (float)(1 << depth) / (float)(1 << ZDK_FINE_BITS);
  return (tone_terms){
      .unit = unit,
      .one_by_gain = 1.0f / tone->gain,
      .ceiling = 2.0f - tone->knee,
      // Of the parabola value − ((value − knee)·bend)², whose top, at the ceiling, is 1.
      .bend = bend,
      .bend_from = -tone->knee * bend,
      .straight_to = fminf(tone->knee, tone->gain) * 0.9999f,
      .slope = tone->trust_slope * unit,
      .offset = -tone->trust_from * tone->trust_slope,
      .least = tone->trust_least,
  };
}

/// A gained value with its upper end bent to stay below 1; `plain`: the value as it was before the gain, in [0, 1].
ZDK_INLINE vf rolled_off(vf x, const tone_terms *k, vf *plain) {
  const vf positive = vf_max(x, vf_all(0.0f));
  *plain = vf_min(positive * vf_all(k->one_by_gain), vf_all(1.0f));
  const vf value = vf_min(positive, vf_all(k->ceiling));
  const vf above = vf_max(vf_fma(value, vf_all(k->bend), vf_all(k->bend_from)), vf_all(0.0f));
  return value - above * above;
}

/// Whether none of three vectors has a value that `rolled_off` would bend, which in dark footage is so nearly everywhere.
ZDK_INLINE int are_straight(const vf x[3], const tone_terms *k) {
  return !vf_any_above(vf_max(vf_max(x[0], x[1]), x[2]), vf_all(k->straight_to));
}

/// `rolled_off` of three vectors in place. Most of the work is mostly left out, with the same results.
ZDK_INLINE void roll_off(vf x[3], vf plain[3], const tone_terms *k) {
  if (are_straight(x, k)) {
#pragma unroll
    for (int i = 0; i < 3; i++) {
      x[i] = vf_max(x[i], vf_all(0.0f));
      plain[i] = x[i] * vf_all(k->one_by_gain);
    }
  } else {
#pragma unroll
    for (int i = 0; i < 3; i++) x[i] = rolled_off(x[i], k, &plain[i]);
  }
}

/// How much of its chroma a pixel of this luma, in fine steps, keeps.
ZDK_INLINE vf trust(vf luma, const tone_terms *k) {
  const vf root = vf_clamp(vf_fma(luma, vf_all(k->slope), vf_all(k->offset)), vf_all(k->least), vf_all(1.0f));
  return root * root;
}

static void widen(uint16_t *restrict to, const void *restrict from, int32_t step, size_t count, int32_t depth,
                  int32_t shift) {
  const int up = ZDK_FINE_BITS - depth > 0 ? ZDK_FINE_BITS - depth : 0, down = shift + (depth > ZDK_FINE_BITS);
  const uint8_t *narrow = from;
  const uint16_t *wide = from;
  // Constant steps become shuffles.
  if (depth == 8 && step == 1) {
    for (size_t i = 0; i < count; i++) to[i] = (uint16_t)(narrow[i] << 7);
  } else if (depth == 8 && step == 2) {
    for (size_t i = 0; i < count; i++) to[i] = (uint16_t)(narrow[2 * i] << 7);
  } else if (depth == 8) {
    for (size_t i = 0; i < count; i++) to[i] = (uint16_t)(narrow[(size_t)step * i] << 7);
  } else if (step == 1) {
    for (size_t i = 0; i < count; i++) to[i] = (uint16_t)(wide[i] >> down << up);
  } else {
    for (size_t i = 0; i < count; i++) to[i] = (uint16_t)(wide[(size_t)step * i] >> down << up);
  }
}

/// R and B of `count` fine samples as differences to G.
ZDK_INLINE void to_differences(uint16_t *const to[3], const uint16_t *restrict r, const uint16_t *restrict b,
                               size_t count) {
  const uint16_t *restrict g = to[0];
  uint16_t *restrict red = to[1], *restrict blue = to[2];
  for (size_t i = 0; i < count; i++) {
    red[i] = (uint16_t)(((r[i] - g[i]) >> 1) + (1 << (ZDK_FINE_BITS - 1)));
    blue[i] = (uint16_t)(((b[i] - g[i]) >> 1) + (1 << (ZDK_FINE_BITS - 1)));
  }
}

static void widen_rgb(uint16_t *const to[3], const void *const from[3], int32_t step, size_t count, int32_t depth,
                      int32_t shift) {
  const int wide = depth != 8;
  uint16_t red[ZDK_TILE], blue[ZDK_TILE];
  for (size_t done = 0; done < count; done += ZDK_TILE) {
    const size_t n = count - done < ZDK_TILE ? count - done : ZDK_TILE;
    const ptrdiff_t first = (ptrdiff_t)done * step;
    uint16_t *const part[3] = {to[0] + done, to[1] + done, to[2] + done};
    widen(red, sample_at(from[0], first, wide), step, n, depth, shift);
    widen(part[0], sample_at(from[1], first, wide), step, n, depth, shift);
    widen(blue, sample_at(from[2], first, wide), step, n, depth, shift);
    to_differences(part, red, blue, n);
  }
}

static void widen_float(uint16_t *const to[3], const float *const from[3], size_t count) {
  const float one = 255.0f * 128.0f;
  // A few cache lines of each channel in turn: memory is fastest with several streams at once.
  enum { PART = 64 };
  uint16_t planes[2][PART];
  for (size_t done = 0; done < count; done += PART) {
    const size_t n = count - done < PART ? count - done : PART;
    uint16_t *const part[3] = {to[0] + done, to[1] + done, to[2] + done};
    uint16_t *const fine[3] = {planes[0], part[0], planes[1]};
    for (int c = 0; c < 3; c++) {
      const float *restrict values = from[c] + done;
      uint16_t *restrict samples = fine[c];
      size_t i = 0;
      for (; i + ZDK_LANES <= n; i += ZDK_LANES) {
        // Frames are read here for the first time; the processor's own prefetching stops at the end of each page.
        __builtin_prefetch((const char *)(values + i) + 4 * READ_AHEAD);
        const vf value = vf_clamp(vf_load(values + i), vf_all(0.0f), vf_all(1.0f));
        store16(samples + i, vf_fma(value, vf_all(one), vf_all(0.5f)), _mm_setzero_si128());
      }
      for (; i < n; i++) {
        const float value = values[i] > 0.0f ? values[i] : 0.0f;
        samples[i] = (uint16_t)(int32_t)__builtin_fmaf(value < 1.0f ? value : 1.0f, one, 0.5f);
      }
    }
    to_differences(part, planes[0], planes[1], n);
  }
}
