// Kernels on planar floats and the sums, included once per instruction set after its primitives.
//
// Plain loops where clang makes full vectors of them by itself, with the compiler's own exact remainders.

/// x ← x · ((1 − a) + a·x), one step of the curve.
ZDK_INLINE vf curve_step(vf x, vf a, vf one_less_a) { return x * vf_fma(a, x, one_less_a); }

/// upper + t·(lower − upper) at pixel `at`.
ZDK_INLINE vf curve_map(const float *upper, const float *lower, vf t, size_t at) {
  vf above = vf_load(upper + at);
  return vf_fma(t, vf_load(lower + at) - above, above);
}

/// The curve of pixels `at` .. `at` + `ZDK_LANES`, one channel. Map m is at m·`map_stride` of `upper` and `lower`.
/// `maps` and `iterations` should be constants where speed matters.
ZDK_INLINE vf bend(vf x, const float *const *upper, const float *const *lower, int map_stride, vf t, int maps,
                   int iterations, size_t at) {
  const vf one = vf_all(1.0f);
  if (maps == 1) {
    const vf a = curve_map(upper[0], lower[0], t, at);
    const vf one_less_a = one - a;
    for (int i = 0; i < iterations; i++) x = curve_step(x, a, one_less_a);
  } else {
    for (int i = 0; i < iterations; i++) {
      const vf a = curve_map(upper[i * map_stride], lower[i * map_stride], t, at);
      x = curve_step(x, a, one - a);
    }
  }
  return x;
}

/// `n` vectors with one map each, step by step side by side. Each step waits for the one before it, so several
/// vectors must be under way at a time, and the processor does not look far enough ahead to see to that by itself.
ZDK_INLINE void bend_together(vf *x, const vf *a, int n, int iterations) {
  vf one_less_a[ZDK_TOGETHER];
#pragma unroll
  for (int k = 0; k < n; k++) one_less_a[k] = vf_all(1.0f) - a[k];
  for (int i = 0; i < iterations; i++) {
#pragma unroll
    for (int k = 0; k < n; k++) x[k] = curve_step(x[k], a[k], one_less_a[k]);
  }
}

/// `bend` of the three channels of a row.
ZDK_INLINE void bend_channels(vf x[3], const zdk_curve_row *row, int maps, int iterations, size_t at) {
  const vf t = vf_all(row->t);
  if (maps == 1) {
    vf a[3];
#pragma unroll
    for (int c = 0; c < 3; c++) a[c] = curve_map(row->upper[c], row->lower[c], t, at);
    bend_together(x, a, 3, iterations);
  } else {
#pragma unroll
    for (int c = 0; c < 3; c++) x[c] = bend(x[c], row->upper + c, row->lower + c, 3, t, maps, iterations, at);
  }
}

/// Vectors of three channels that are bent side by side.
enum { CURVE_VECTORS = ZDK_TOGETHER / 3 };
/// Bytes by which lines are called for in advance: the processor's own prefetching stops at the end of each page.
/// What lies beyond the end of a row is the next one, usually; a line that is not there does no harm.
enum { READ_AHEAD = 1024 };

/// `n` vectors of each channel, from pixel `i` on: three streams in, three out. Several streams at once, written past the
/// caches, are what memory is fastest with. `n`, which is CURVE_VECTORS at most, and `streamed` are constants.
ZDK_INLINE void curve_vectors(const zdk_float_row *p, size_t i, int n, int streamed, int maps, int iterations) {
  const zdk_curve_row *curve = &p->curve;
  vf x[3 * CURVE_VECTORS], a[3 * CURVE_VECTORS];
#pragma unroll
  for (int k = 0; k < n; k++) {
    const size_t at = i + (size_t)k * ZDK_LANES;
#pragma unroll
    for (int c = 0; c < 3; c++) {
      __builtin_prefetch((const char *)(p->x[c] + at) + READ_AHEAD);
      x[3 * k + c] = vf_load(p->x[c] + at);
      if (maps == 1) a[3 * k + c] = curve_map(curve->upper[c], curve->lower[c], vf_all(curve->t), at);
    }
    if (maps != 1) bend_channels(x + 3 * k, curve, maps, iterations, at);
  }
  if (maps == 1) bend_together(x, a, 3 * n, iterations);
#pragma unroll
  for (int c = 0; c < 3; c++) {
#pragma unroll
    for (int k = 0; k < n; k++) {
      float *at = p->out[c] + i + (size_t)k * ZDK_LANES;
      if (streamed) {
        vf_stream(at, x[3 * k + c]);
      } else {
        vf_store(at, x[3 * k + c]);
      }
    }
  }
}

/// Pixels up to `to`, a multiple of a vector.
ZDK_INLINE void curve_lines(const zdk_float_row *p, size_t to, int streamed, int maps, int iterations) {
  size_t i = 0;
  for (; i + CURVE_VECTORS * ZDK_LANES <= to; i += CURVE_VECTORS * ZDK_LANES) {
    curve_vectors(p, i, CURVE_VECTORS, streamed, maps, iterations);
  }
  for (; i < to; i += ZDK_LANES) curve_vectors(p, i, 1, streamed, maps, iterations);
}

/// `curve_lines` with constants for what occurs.
ZDK_INLINE void curve_maps(const zdk_float_row *p, size_t to, int streamed) {
  if (p->maps == 1 && p->iterations == 8) {
    curve_lines(p, to, streamed, 1, 8);
  } else if (p->maps == 8 && p->iterations == 8) {
    curve_lines(p, to, streamed, 8, 8);
  } else {
    curve_lines(p, to, streamed, p->maps, p->iterations);
  }
}

static void curve(const zdk_float_row *p) {
  const size_t whole = p->width / ZDK_LANES * ZDK_LANES;
  const uintptr_t misaligned = ((uintptr_t)p->out[0] | (uintptr_t)p->out[1] | (uintptr_t)p->out[2]) % 64;
  if (p->streamed && !misaligned) {
    curve_maps(p, whole, 1);
  } else {
    curve_maps(p, whole, 0);
  }
  for (int c = 0; c < 3; c++) {
    for (size_t i = whole; i < p->width; i++) {
      float value = p->x[c][i];
      for (int32_t k = 0; k < p->iterations; k++) {
        const int32_t m = (p->maps == 1 ? 0 : 3 * k) + c;
        const float above = p->curve.upper[m][i];
        const float a = __builtin_fmaf(p->curve.t, p->curve.lower[m][i] - above, above);
        value *= __builtin_fmaf(a, value, 1.0f - a);
      }
      p->out[c][i] = value;
    }
  }
}

/// Sums of a block of columns stay in registers, however many rows there are.
#define ZDK_ACCUMULATE(PART, MOST_ROWS)                                                             \
  for (; rows > 0; rows -= rows < (MOST_ROWS) ? rows : (MOST_ROWS), samples += (MOST_ROWS) * stride) { \
    const ptrdiff_t n = (ptrdiff_t)(rows < (MOST_ROWS) ? rows : (MOST_ROWS));                       \
    size_t i = 0;                                                                                   \
    for (; i + 64 <= count; i += 64) {                                                              \
      PART part[64] = {0};                                                                          \
      for (ptrdiff_t row = 0; row < n; row++) {                                                     \
        /* The next cells follow; what a decoder wrote is far away. More is on its way at a time to */ \
        /* the second cache than to the first. */                                                   \
        __builtin_prefetch(samples + (row + n) * stride + (ptrdiff_t)i, 0, 2);                      \
        for (size_t k = 0; k < 64; k++) part[k] += samples[row * stride + (ptrdiff_t)(i + k)];      \
      }                                                                                             \
      for (size_t k = 0; k < 64; k++) sums[i + k] += part[k];                                       \
    }                                                                                               \
    for (; i < count; i++) {                                                                        \
      for (ptrdiff_t row = 0; row < n; row++) sums[i] += samples[row * stride + (ptrdiff_t)i];      \
    }                                                                                               \
  }

static void accumulate8(uint32_t *restrict sums, const uint8_t *restrict samples, ptrdiff_t stride, size_t rows,
                        size_t count) {
  // 16 bits hold the sum of 257 bytes.
  ZDK_ACCUMULATE(uint16_t, 257)
}

static void accumulate16(uint32_t *restrict sums, const uint16_t *restrict samples, ptrdiff_t stride, size_t rows,
                         size_t count) {
  ZDK_ACCUMULATE(uint32_t, 65536)
}

static void accumulate_float(float *restrict sums, const float *restrict samples, ptrdiff_t stride, size_t rows,
                             size_t count) {
  const ptrdiff_t n = (ptrdiff_t)rows;
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    float part[64];
    memcpy(part, sums + i, sizeof part);
    for (ptrdiff_t row = 0; row < n; row++) {
      const float *at = samples + row * stride + (ptrdiff_t)i;
      // Those of the next cells, as in ZDK_ACCUMULATE.
      for (ptrdiff_t line = 0; line < 64; line += 16) __builtin_prefetch(at + n * stride + line, 0, 2);
      for (size_t k = 0; k < 64; k++) part[k] += at[k];
    }
    memcpy(sums + i, part, sizeof part);
  }
  for (; i < count; i++) {
    for (ptrdiff_t row = 0; row < n; row++) sums[i] += samples[row * stride + (ptrdiff_t)i];
  }
}

/// Four neighbouring sums, which most cells consist of.
typedef uint32_t quad __attribute__((vector_size(16)));

ZDK_INLINE quad quad_load(const uint32_t *from) {
  quad four;
  memcpy(&four, from, sizeof four);
  return four;
}

/// The sums of each of four quads, side by side.
ZDK_INLINE quad quad_sums(quad a, quad b, quad c, quad d) {
  const quad ab = __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
  const quad cd = __builtin_shufflevector(c, d, 0, 2, 4, 6) + __builtin_shufflevector(c, d, 1, 3, 5, 7);
  return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}

ZDK_INLINE quad quad_of_12(const uint32_t *from) { return quad_load(from) + quad_load(from + 4) + quad_load(from + 8); }

/// `columns` is constant where cells have the usual size.
ZDK_INLINE void sum_cells(uint32_t *restrict to, const uint32_t *restrict sums, size_t cells, size_t columns) {
  for (size_t cell = 0; cell < cells; cell++) {
    uint32_t sum = 0;
    for (size_t i = 0; i < columns; i++) sum += sums[cell * columns + i];
    to[cell] = sum;
  }
}

// Plain loops, of which clang makes vectors.

static void distances(float *restrict sums, float *restrict shifts, const float *restrict a, const float *restrict b,
                      ptrdiff_t stride, size_t rows, size_t count) {
  for (size_t row = 0; row < rows; row++, a += stride, b += stride) {
    for (size_t i = 0; i < count; i++) {
      const float difference = a[i] - b[i];
      sums[i] += difference < 0.0f ? -difference : difference;
      shifts[i] += difference;
    }
  }
}

/// Part by part, of which the nearest cache holds all planes.
static float catch_up(uint8_t *restrict marks, float *restrict values, const float *restrict from, size_t count,
                      size_t planes, float tolerance) {
  enum { PART = 256 };
  // The bits of numbers that are not negative have their order, and vectors may take them in any.
  uint32_t greatest = 0;
  for (size_t first = 0; first < count; first += PART) {
    const size_t n = count - first < PART ? count - first : PART;
    uint8_t *restrict mark = marks + first;
    for (size_t i = 0; i < n; i++) mark[i] = 0;
    for (size_t plane = 0; plane < planes; plane++) {
      const float *restrict old = values + plane * count + first, *restrict now = from + plane * count + first;
      for (size_t i = 0; i < n; i++) {
        const float difference = now[i] - old[i];
        mark[i] |= (difference < 0.0f ? -difference : difference) > tolerance;
      }
    }
    for (size_t plane = 0; plane < planes; plane++) {
      float *restrict old = values + plane * count + first;
      const float *restrict now = from + plane * count + first;
      for (size_t i = 0; i < n; i++) {
        const float value = mark[i] ? now[i] : old[i], positive = value > 0.0f ? value : 0.0f;
        uint32_t bits;
        memcpy(&bits, &positive, sizeof bits);
        old[i] = value;
        greatest = bits > greatest ? bits : greatest;
      }
    }
  }
  float result;
  memcpy(&result, &greatest, sizeof result);
  return result;
}

static uint16_t step_of(float x, float steps) {
  // Not a number is not above zero either.
  return x > 0.0f ? (uint16_t)(int32_t)((x < 1.0f ? x : 1.0f) * steps) : 0;
}

static void tone_steps(uint16_t *restrict greatest, uint16_t *restrict green, const float *restrict r,
                       const float *restrict g, const float *restrict b, size_t count, float steps) {
  for (size_t i = 0; i < count; i++) {
    const float most = r[i] > g[i] ? r[i] : g[i];
    greatest[i] = step_of(most > b[i] ? most : b[i], steps);
    green[i] = step_of(g[i], steps);
  }
}

static void cell_sums(uint32_t *to, const uint32_t *sums, size_t cells, size_t columns) {
  size_t cell = 0;
  if (columns == 12) {
    for (; cell + 4 <= cells; cell += 4, sums += 48) {
      const quad four = quad_sums(quad_of_12(sums), quad_of_12(sums + 12), quad_of_12(sums + 24), quad_of_12(sums + 36));
      memcpy(to + cell, &four, sizeof four);
    }
  } else if (columns == 6) {
    // Twelve sums are two cells.
    for (; cell + 4 <= cells; cell += 4, sums += 24) {
      const quad none = {0};
      const quad middle = quad_load(sums + 4), other = quad_load(sums + 16);
      const quad four = quad_sums(
          quad_load(sums) + __builtin_shufflevector(middle, none, 0, 1, 4, 5),
          quad_load(sums + 8) + __builtin_shufflevector(middle, none, 2, 3, 4, 5),
          quad_load(sums + 12) + __builtin_shufflevector(other, none, 0, 1, 4, 5),
          quad_load(sums + 20) + __builtin_shufflevector(other, none, 2, 3, 4, 5));
      memcpy(to + cell, &four, sizeof four);
    }
  }
  sum_cells(to + cell, sums, cells - cell, columns);
}

/// Contracted by hand, as the vectors are.
ZDK_INLINE float expanded(float a, float b, float weight) { return __builtin_fmaf(weight, b - a, a); }

/// The pixels from `x` on, `n` of them, at most `ZDK_LANES`.
ZDK_INLINE void expand_pixels(float *restrict row, const float *restrict cells, size_t count,
                              const int32_t *restrict lower, const int32_t *restrict upper,
                              const float *restrict weights, size_t x, int n) {
  const int32_t first = lower[x];
  if (upper[x + (size_t)n - 1] - first >= ZDK_LANES) {
    for (size_t i = x; i < x + (size_t)n; i++) row[i] = expanded(cells[lower[i]], cells[upper[i]], weights[i]);
    return;
  }
  const size_t left = count - (size_t)first;
  const vf near = left >= ZDK_LANES ? vf_load(cells + first) : vf_load_first(cells + first, (int)left);
  const vf start = vf_picked(near, lower + x, first, n), difference = vf_picked(near, upper + x, first, n) - start;
  if (n == ZDK_LANES) {
    vf_store(row + x, vf_fma(vf_load(weights + x), difference, start));
  } else {
    vf_store_first(row + x, vf_fma(vf_load_first(weights + x, n), difference, start), n);
  }
}

static void expand(float *restrict row, const float *restrict cells, const int32_t *restrict lower,
                   const int32_t *restrict upper, const float *restrict weights, size_t width) {
  if (width == 0) return;
  const size_t count = (size_t)upper[width - 1] + 1;
  size_t x = 0;
  for (; x + ZDK_LANES <= width; x += ZDK_LANES) {
    expand_pixels(row, cells, count, lower, upper, weights, x, ZDK_LANES);
  }
  if (x < width) expand_pixels(row, cells, count, lower, upper, weights, x, (int)(width - x));
}

/// Two rows at a time share two of the three rows that each of them reads.
static void depthwise3x3(float *restrict out, size_t out_stride, const float *restrict in, size_t in_stride,
                         const float weights[9], float bias, int32_t width, int32_t rows) {
  // Copies, so that stores to `out` need not be assumed to change them.
  const float a0 = weights[0], a1 = weights[1], a2 = weights[2];
  const float b0 = weights[3], b1 = weights[4], b2 = weights[5];
  const float c0 = weights[6], c1 = weights[7], c2 = weights[8];
  const ptrdiff_t stride = (ptrdiff_t)in_stride;
  int32_t y = 0;
  for (; y + 1 < rows; y += 2) {
    const float *restrict r1 = in + y * stride, *restrict r0 = r1 - stride;
    const float *restrict r2 = r1 + stride, *restrict r3 = r2 + stride;
    float *restrict o0 = out + (size_t)y * out_stride, *restrict o1 = o0 + out_stride;
    for (ptrdiff_t x = 0; x < width; x++) {
      const float p0 = r1[x - 1], p1 = r1[x], p2 = r1[x + 1], q0 = r2[x - 1], q1 = r2[x], q2 = r2[x + 1];
      float s = bias + a0 * r0[x - 1] + a1 * r0[x] + a2 * r0[x + 1];
      o0[x] = s + b0 * p0 + b1 * p1 + b2 * p2 + c0 * q0 + c1 * q1 + c2 * q2;
      s = bias + a0 * p0 + a1 * p1 + a2 * p2 + b0 * q0 + b1 * q1 + b2 * q2;
      o1[x] = s + c0 * r3[x - 1] + c1 * r3[x] + c2 * r3[x + 1];
    }
  }
  if (y < rows) {
    const float *restrict r1 = in + y * stride, *restrict r0 = r1 - stride, *restrict r2 = r1 + stride;
    float *restrict o = out + (size_t)y * out_stride;
    for (ptrdiff_t x = 0; x < width; x++) {
      const float s = bias + a0 * r0[x - 1] + a1 * r0[x] + a2 * r0[x + 1];
      o[x] = s + b0 * r1[x - 1] + b1 * r1[x] + b2 * r1[x + 1] + c0 * r2[x - 1] + c1 * r2[x] + c2 * r2[x + 1];
    }
  }
}

static void relu(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

/// tanh(|x|) = 1 − 2 / (e^(2|x|) + 1). Zero stays zero, the sign is carried over, and NaN stays NaN.
ZDK_INLINE float tangent_of(float x) {
  const float magnitude = __builtin_fabsf(x);
  // From 10 on, the result is 1 in float; larger powers would overflow.
  const float z = 2.0f * (magnitude > 10.0f ? 10.0f : magnitude);

  // z = n·ln 2 + r, |r| <= ln 2 / 2. Adding 1.5 · 2^23 rounds to a whole n and leaves it in the low bits.
  const float shifted = z * 0x1.715476p0f + 0x1.8p23f;
  const float n = shifted - 0x1.8p23f;
  const float r = (z - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;

  // Taylor's series of e^r: the first term left out is 5e-9.
  float p = 1.0f / 5040 * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;

  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127) << 23;  // 2^n
  float power;
  memcpy(&power, &bits, sizeof power);
  return __builtin_copysignf(1.0f - 2.0f / (p * power + 1.0f), x);
}

static void tangent(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = tangent_of(x[i]);
}

/// The table of this instruction set.
#define ZDK_TABLE                                                                                            \
  {                                                                                                          \
      .name = ZDK_NAME, .curve = curve, .enhance_yuv = enhance_yuv, .enhance_rgb = enhance_rgb,              \
      .enhance_float = enhance_float, .widen = widen, .widen_rgb = widen_rgb, .widen_float = widen_float,    \
      .denoise = denoise,                                                                                   \
      .grain = grain, .fingerprint = fingerprint, .settle = settle,                                          \
      .accumulate8 = accumulate8, .accumulate16 = accumulate16, .accumulate_float = accumulate_float,        \
      .distances = distances, .catch_up = catch_up, .tone_steps = tone_steps, .cell_sums = cell_sums,        \
      .expand = expand,                                                                                     \
      .depthwise3x3 = depthwise3x3, .separable = separable, .relu = relu, .tanh = tangent,                   \
      .difference = difference, .ssim_columns = ssim_columns, .ssim_row = ssim_row,                          \
  }
