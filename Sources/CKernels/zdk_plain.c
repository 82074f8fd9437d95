// The reference: every kernel as it would be written down first, one sample at a time, for any processor.
//
// The other tables are checked against this one, so nothing is shared with them but constants and what is exact.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zdk_tables.h"

/// `value` held within [low, high].
static float clamp(float value, float low, float high) {
  return value < low ? low : value > high ? high : value;
}

/// Sample number `index` of a row, as a code in [0, 65535]; `depth` and `shift` as in `zdk_yuv_rows`.
static float read_code(const void *row, size_t index, int32_t depth, int32_t shift) {
  return depth == 8 ? ((const uint8_t *)row)[index] : (float)(((const uint16_t *)row)[index] >> shift);
}

/// Stores `code`, in units of codes and of any value, rounded and clamped to [0, 2^depth − 1].
static void write_code(void *row, size_t index, int32_t depth, int32_t shift, float code) {
  uint32_t rounded = (uint32_t)floorf(clamp(code, 0.0f, (float)((1 << depth) - 1)) + 0.5f);
  if (depth == 8) {
    ((uint8_t *)row)[index] = (uint8_t)rounded;
  } else {
    ((uint16_t *)row)[index] = (uint16_t)(rounded << shift);
  }
}

/// The curve of pixel `index` on one channel. `x` in [0, 1]; `upper`, `lower`: map m at m·`map_stride`.
static float bend(float x, const float *const *upper, const float *const *lower, size_t map_stride, float t,
                  int32_t maps, int32_t iterations, size_t index) {
  for (int32_t i = 0; i < iterations; i++) {
    size_t m = (maps == 1 ? 0 : (size_t)i) * map_stride;
    float a = upper[m][index] + t * (lower[m][index] - upper[m][index]);
    // x + a·(x² − x), arranged so that a fused multiply-add and a product do.
    x = x * ((1.0f - a) + a * x);
  }
  return x;
}

static void curve(const zdk_float_row *p) {
  for (int channel = 0; channel < 3; channel++) {
    for (size_t i = 0; i < p->width; i++) {
      p->out[channel][i] = bend(p->x[channel][i], p->curve.upper + channel, p->curve.lower + channel, 3, p->curve.t,
                                p->maps, p->iterations, i);
    }
  }
}

/// A fine sample in units of codes.
static float read_fine(const void *row, size_t index, int32_t depth) {
  return (float)((const uint16_t *)row)[index] * (float)(1 << depth) / (float)(1 << ZDK_FINE_BITS);
}

/// A value in units of 1 with the gain, its upper end bent to stay below 1.
static float toned(float value, const zdk_tone *tone) {
  const float x = clamp(value * tone->gain, 0.0f, 2.0f - tone->knee);
  if (x <= tone->knee || tone->knee >= 1.0f) return x;
  return x - (x - tone->knee) * (x - tone->knee) / (4.0f * (1.0f - tone->knee));
}

/// How much of its chroma a pixel of this luma code keeps.
static float trust(float luma, const zdk_tone *tone) {
  const float root = clamp((luma - tone->trust_from) * tone->trust_slope, tone->trust_least, 1.0f);
  return root * root;
}

/// What tone and curve add to one channel of pixel `index`.
static float toned_delta(float value, const zdk_tone *tone, int channel, const zdk_curve_row *row, int32_t maps,
                         int32_t iterations, size_t index) {
  return bend(toned(value, tone), row->upper + channel, row->lower + channel, 3, row->t, maps, iterations, index) -
         clamp(value, 0.0f, 1.0f);
}

#include "zdk_plain_yuv.h"

/// The codes of R, G and B of a pixel of three fine rows, after `trust`.
static void read_fine_rgb(float code[3], const zdk_rgb_row *p, size_t index, int32_t depth) {
  const float neutral = (float)(1 << (depth - 1));
  code[1] = read_fine(p->rgb[0], index, depth);
  const float kept = trust(code[1], &p->tone);
  code[0] = code[1] + kept * 2.0f * (read_fine(p->rgb[1], index, depth) - neutral);
  code[2] = code[1] + kept * 2.0f * (read_fine(p->rgb[2], index, depth) - neutral);
}

static void enhance_rgb(const zdk_rgb_row *p) {
  const zdk_tone as_it_is = {.gain = 1.0f, .knee = 1.0f, .trust_least = 1.0f};
  const zdk_tone *tone = p->fine ? &p->tone : &as_it_is;
  const float max = (float)((1 << p->depth) - 1);
  for (int32_t x = 0; x < p->width; x++) {
    const size_t index = (size_t)x * (size_t)p->step;
    float code[3];
    if (p->fine) {
      read_fine_rgb(code, p, (size_t)x, p->depth);
    } else {
      for (int channel = 0; channel < 3; channel++) {
        code[channel] = read_code(p->rgb[channel], index, p->depth, p->shift);
      }
    }
    for (int channel = 0; channel < 3; channel++) {
      const float delta =
          toned_delta(code[channel] / max, tone, channel, &p->curve, p->maps, p->iterations, (size_t)x);
      write_code(p->rgb_out[channel], index, p->depth, p->shift, code[channel] + delta * max);
    }
  }
}

static void enhance_float(const zdk_rgb_row *p) {
  for (int32_t x = 0; x < p->width; x++) {
    float code[3];
    read_fine_rgb(code, p, (size_t)x, 8);
    for (int channel = 0; channel < 3; channel++) {
      const float value = code[channel] / 255.0f;
      const float delta = toned_delta(value, &p->tone, channel, &p->curve, p->maps, p->iterations, (size_t)x);
      ((float *)p->rgb_out[channel])[x] = clamp(value + delta, 0.0f, 1.0f);
    }
  }
}

static void widen(uint16_t *to, const void *from, int32_t step, size_t count, int32_t depth, int32_t shift) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t code = (uint32_t)read_code(from, i * (size_t)step, depth, shift);
    to[i] = (uint16_t)(depth > ZDK_FINE_BITS ? code >> 1 : code << (ZDK_FINE_BITS - depth));
  }
}

/// Turns R and B of one sample into differences to G, each halved.
static void write_fine_rgb(uint16_t *const to[3], size_t index, int32_t r, int32_t g, int32_t b) {
  to[0][index] = (uint16_t)g;
  to[1][index] = (uint16_t)(((r - g) >> 1) + (1 << (ZDK_FINE_BITS - 1)));
  to[2][index] = (uint16_t)(((b - g) >> 1) + (1 << (ZDK_FINE_BITS - 1)));
}

static void widen_rgb(uint16_t *const to[3], const void *const from[3], int32_t step, size_t count, int32_t depth,
                      int32_t shift) {
  for (size_t i = 0; i < count; i++) {
    uint16_t fine[3];
    for (int c = 0; c < 3; c++) {
      const uint8_t *sample = (const uint8_t *)from[c] + i * (size_t)step * (depth == 8 ? 1 : 2);
      widen(&fine[c], sample, 1, 1, depth, shift);
    }
    write_fine_rgb(to, i, fine[0], fine[1], fine[2]);
  }
}

static void widen_float(uint16_t *const to[3], const float *const from[3], size_t count) {
  for (size_t i = 0; i < count; i++) {
    int32_t fine[3];
    for (int c = 0; c < 3; c++) {
      const float value = from[c][i] > 0.0f ? from[c][i] : 0.0f;
      // One rounding, as a fused multiply-add has: the variants must agree to the last bit.
      fine[c] = (int32_t)fmaf(value < 1.0f ? value : 1.0f, 255.0f * 128.0f, 0.5f);
    }
    write_fine_rgb(to, i, fine[0], fine[1], fine[2]);
  }
}

#include "zdk_plain_denoise.h"

static void accumulate8(uint32_t *sums, const uint8_t *samples, ptrdiff_t stride, size_t rows, size_t count) {
  for (size_t row = 0; row < rows; row++, samples += stride) {
    for (size_t i = 0; i < count; i++) sums[i] += samples[i];
  }
}

static void accumulate16(uint32_t *sums, const uint16_t *samples, ptrdiff_t stride, size_t rows, size_t count) {
  for (size_t row = 0; row < rows; row++, samples += stride) {
    for (size_t i = 0; i < count; i++) sums[i] += samples[i];
  }
}

static void accumulate_float(float *sums, const float *samples, ptrdiff_t stride, size_t rows, size_t count) {
  for (size_t row = 0; row < rows; row++, samples += stride) {
    for (size_t i = 0; i < count; i++) sums[i] += samples[i];
  }
}

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

static float catch_up(uint8_t *restrict marks, float *restrict values, const float *restrict from, size_t count,
                      size_t planes, float tolerance) {
  for (size_t i = 0; i < count; i++) marks[i] = 0;
  for (size_t plane = 0; plane < planes; plane++) {
    const float *old = values + plane * count, *now = from + plane * count;
    for (size_t i = 0; i < count; i++) {
      const float difference = now[i] - old[i];
      marks[i] |= (difference < 0.0f ? -difference : difference) > tolerance;
    }
  }
  float greatest = 0.0f;
  for (size_t plane = 0; plane < planes; plane++) {
    float *old = values + plane * count;
    const float *now = from + plane * count;
    for (size_t i = 0; i < count; i++) {
      if (marks[i]) old[i] = now[i];
      if (old[i] > greatest) greatest = old[i];
    }
  }
  return greatest;
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
  for (size_t cell = 0; cell < cells; cell++) {
    to[cell] = 0;
    for (size_t i = cell * columns; i < (cell + 1) * columns; i++) to[cell] += sums[i];
  }
}

static void expand(float *row, const float *cells, const int32_t *lower, const int32_t *upper, const float *weights,
                   size_t width) {
  for (size_t x = 0; x < width; x++) {
    const float start = cells[lower[x]];
    row[x] = start + weights[x] * (cells[upper[x]] - start);
  }
}

static void depthwise3x3(float *out, size_t out_stride, const float *in, size_t in_stride, const float weights[9],
                         float bias, int32_t width, int32_t rows) {
  for (ptrdiff_t y = 0; y < rows; y++) {
    for (ptrdiff_t x = 0; x < width; x++) {
      float sum = bias;
      for (ptrdiff_t dy = 0; dy < 3; dy++) {
        for (ptrdiff_t dx = 0; dx < 3; dx++) {
          sum += weights[3 * dy + dx] * in[(y + dy - 1) * (ptrdiff_t)in_stride + x + dx - 1];
        }
      }
      out[y * (ptrdiff_t)out_stride + x] = sum;
    }
  }
}

static void separable(const zdk_separable *p) {
  const int32_t inputs = p->planes[0] + p->planes[1];
  for (int32_t y = 0; y < p->rows; y++) {
    for (int32_t x = 0; x < p->width; x++) {
      float depth[ZDK_MAX_INPUTS];
      for (int32_t c = 0; c < inputs; c++) {
        const int32_t set = c >= p->planes[0];
        const size_t plane = (size_t)(set ? c - p->planes[0] : c) * p->in_plane_stride;
        depth[c] = p->depth_biases[c];
        for (int32_t tap = 0; tap < 9; tap++) {
          const float *in = p->in[set][y + tap / 3] + plane + x;
          depth[c] += p->depth_weights[9 * c + tap] * in[tap % 3 - 1];
        }
      }
      for (int32_t o = 0; o < p->outputs; o++) {
        float sum = p->point_biases[o];
        for (int32_t c = 0; c < inputs; c++) sum += p->point_weights[c * p->outputs + o] * depth[c];
        p->out[y][(size_t)o * p->out_plane_stride + (size_t)x] = p->rectify && !(sum > 0.0f) ? 0.0f : sum;
      }
    }
  }
}

static void relu(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

static void tangent(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = tanhf(x[i]);
}

static void difference(double sums[2], const float *a, const float *b, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const double d = (double)a[i] - (double)b[i];
    sums[0] += fabs(d);
    sums[1] += d * d;
  }
}

static void ssim_columns(float *out, size_t stride, const float *const *a, const float *const *b,
                         const float weights[ZDK_SSIM_TAPS], size_t count) {
  for (size_t x = 0; x < count; x++) {
    float sum_a = 0.0f, sum_b = 0.0f, sum_error = 0.0f, sum_product = 0.0f;
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      sum_a += weights[k] * a[k][x];
      sum_b += weights[k] * b[k][x];
      sum_error += weights[k] * ((a[k][x] - b[k][x]) * (a[k][x] - b[k][x]));
      sum_product += weights[k] * (a[k][x] * b[k][x]);
    }
    out[x] = sum_a;
    out[stride + x] = sum_b;
    out[2 * stride + x] = sum_error;
    out[3 * stride + x] = sum_product;
  }
}

static double ssim_row(const float *columns, size_t stride, const float weights[ZDK_SSIM_TAPS], float offset,
                       float c1, float c2, size_t count) {
  double total = 0.0;
  for (size_t x = 0; x < count; x++) {
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      for (size_t m = 0; m < 4; m++) sums[m] += weights[k] * columns[m * stride + x + (size_t)k];
    }
    const float mean_a = sums[0] + offset, mean_b = sums[1] + offset;
    const float between = (sums[0] - sums[1]) * (sums[0] - sums[1]);
    // x² + y² = (x − y)² + 2xy, for the means and for the variances: no small number is left of large ones.
    const float luminance = 2.0f * mean_a * mean_b + c1;
    const float structure = 2.0f * (sums[3] - sums[0] * sums[1]) + c2;
    total += luminance * structure / ((luminance + between) * (structure + (sums[2] - between)));
  }
  return total;
}

const zdk_kernels zdk_plain_kernels = {
    .name = "plain",
    .curve = curve,
    .enhance_yuv = enhance_yuv,
    .enhance_rgb = enhance_rgb,
    .enhance_float = enhance_float,
    .widen = widen,
    .widen_rgb = widen_rgb,
    .widen_float = widen_float,
    .denoise = denoise,
    .grain = grain,
    .fingerprint = fingerprint,
    .settle = settle,
    .accumulate8 = accumulate8,
    .accumulate16 = accumulate16,
    .accumulate_float = accumulate_float,
    .distances = distances,
    .catch_up = catch_up,
    .tone_steps = tone_steps,
    .cell_sums = cell_sums,
    .expand = expand,
    .depthwise3x3 = depthwise3x3,
    .separable = separable,
    .relu = relu,
    .tanh = tangent,
    .difference = difference,
    .ssim_columns = ssim_columns,
    .ssim_row = ssim_row,
};
