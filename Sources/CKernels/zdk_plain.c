// The reference: every kernel as it would be written down first, one sample at a time, for any processor.
//
// The other tables are checked against this one, so nothing here is shared with them.

#include <math.h>

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

static void curve(float *out, const float *x, const float *const *upper, const float *const *lower, float t,
                  int32_t maps, int32_t iterations, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = bend(x[i], upper, lower, 1, t, maps, iterations, i);
}

/// What the curve adds to one channel of pixel `index`: `value` is clamped to [0, 1] first.
static float curve_delta(float value, int channel, const zdk_curve_row *row, int32_t maps, int32_t iterations,
                         size_t index) {
  float x = clamp(value, 0.0f, 1.0f);
  return bend(x, row->upper + channel, row->lower + channel, 3, row->t, maps, iterations, index) - x;
}

static void enhance_yuv(const zdk_yuv_rows *p) {
  const zdk_matrix m = p->matrix;
  const int has_chroma = p->u != NULL;
  const int32_t group = has_chroma && p->chroma_shift_x ? 2 : 1;

  for (int32_t first = 0; first < p->width; first += group) {
    const size_t ci = (size_t)(first / group) * (size_t)p->c_step;
    const int32_t last = first + group < p->width ? first + group : p->width;
    const float u = has_chroma ? read_code(p->u, ci, p->depth, p->shift) : 0.0f;
    const float v = has_chroma ? read_code(p->v, ci, p->depth, p->shift) : 0.0f;
    const float cb = has_chroma ? (u - m.c_offset) * m.c_scale : 0.0f;
    const float cr = has_chroma ? (v - m.c_offset) * m.c_scale : 0.0f;
    float sum_cb = 0.0f, sum_cr = 0.0f;

    for (int32_t row = 0; row < p->rows; row++) {
      for (int32_t x = first; x < last; x++) {
        const size_t yi = (size_t)x * (size_t)p->y_step;
        const float code = read_code(p->y[row], yi, p->depth, p->shift);
        const float y = (code - m.y_offset) * m.y_scale;
        const zdk_curve_row *c = &p->curve[row];
        const float dr = curve_delta(y + m.r_cr * cr, 0, c, p->maps, p->iterations, (size_t)x);
        const float dg = curve_delta(y + m.g_cb * cb + m.g_cr * cr, 1, c, p->maps, p->iterations, (size_t)x);
        const float db = curve_delta(y + m.b_cb * cb, 2, c, p->maps, p->iterations, (size_t)x);
        const float dy = m.kr * dr + m.kg * dg + m.kb * db;
        write_code(p->y_out[row], yi, p->depth, p->shift, code + dy / m.y_scale);
        // R = Y + r_cr·Cr and B = Y + b_cb·Cb, solved for the chroma.
        if (has_chroma) {
          sum_cb += (db - dy) / m.b_cb;
          sum_cr += (dr - dy) / m.r_cr;
        }
      }
    }
    if (has_chroma) {
      const float pixels = (float)(p->rows * (last - first));
      write_code(p->u_out, ci, p->depth, p->shift, u + sum_cb / pixels / m.c_scale);
      write_code(p->v_out, ci, p->depth, p->shift, v + sum_cr / pixels / m.c_scale);
    }
  }
}

static void enhance_rgb(const zdk_rgb_row *p) {
  const float max = (float)((1 << p->depth) - 1);
  for (int32_t x = 0; x < p->width; x++) {
    const size_t index = (size_t)x * (size_t)p->step;
    for (int channel = 0; channel < 3; channel++) {
      const float code = read_code(p->rgb[channel], index, p->depth, p->shift);
      const float delta = curve_delta(code / max, channel, &p->curve, p->maps, p->iterations, (size_t)x);
      write_code(p->rgb_out[channel], index, p->depth, p->shift, code + delta * max);
    }
  }
}

static void accumulate8(uint32_t *sums, const uint8_t *samples, size_t count) {
  for (size_t i = 0; i < count; i++) sums[i] += samples[i];
}

static void accumulate16(uint32_t *sums, const uint16_t *samples, size_t count) {
  for (size_t i = 0; i < count; i++) sums[i] += samples[i];
}

static void accumulate_float(float *sums, const float *samples, size_t count) {
  for (size_t i = 0; i < count; i++) sums[i] += samples[i];
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
      const size_t in_at = (size_t)y * p->in_row_stride + (size_t)x;
      const size_t out_at = (size_t)y * p->out_row_stride + (size_t)x;
      float depth[ZDK_MAX_INPUTS];
      for (int32_t c = 0; c < inputs; c++) {
        const int32_t set = c >= p->planes[0];
        const float *in = p->in[set] + (size_t)(set ? c - p->planes[0] : c) * p->in_plane_stride + in_at;
        depthwise3x3(&depth[c], 1, in, p->in_row_stride, p->depth_weights + 9 * c, p->depth_biases[c], 1, 1);
      }
      for (int32_t o = 0; o < p->outputs; o++) {
        float sum = p->point_biases[o];
        for (int32_t c = 0; c < inputs; c++) sum += p->point_weights[c * p->outputs + o] * depth[c];
        p->out[(size_t)o * p->out_plane_stride + out_at] = p->rectify && !(sum > 0.0f) ? 0.0f : sum;
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
    .accumulate8 = accumulate8,
    .accumulate16 = accumulate16,
    .accumulate_float = accumulate_float,
    .depthwise3x3 = depthwise3x3,
    .separable = separable,
    .relu = relu,
    .tanh = tangent,
    .difference = difference,
    .ssim_columns = ssim_columns,
    .ssim_row = ssim_row,
};
