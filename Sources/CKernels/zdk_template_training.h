// The kernels of training, included once per instruction set.
//
// Plain loops where clang makes full vectors of them by itself; sums are written as vectors, since their order is
// part of the result.

#include <string.h>

typedef float vf __attribute__((vector_size(4 * ZDK_LANES)));

static inline __attribute__((always_inline)) vf load(const float *p) {
  vf x;
  memcpy(&x, p, sizeof x);
  return x;
}

static inline __attribute__((always_inline)) float total(vf x) {
  float sum = 0.0f;
  for (int i = 0; i < ZDK_LANES; i++) sum += x[i];
  return sum;
}

static void bias(float *restrict x, size_t stride, int32_t width, int32_t rows, float bias, float floor) {
  for (int32_t y = 0; y < rows; y++) {
    float *restrict row = x + (size_t)y * stride;
    for (int32_t i = 0; i < width; i++) {
      const float value = row[i] + bias;
      row[i] = value > floor ? value : floor;
    }
  }
}

static void depthwise3x3_gradient(float sums[10], const float *restrict in, const float *restrict out, size_t stride,
                                  int32_t width, int32_t rows) {
  vf s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, s6 = {0}, s7 = {0}, s8 = {0}, s9 = {0};
  float rest[10] = {0};
  for (int32_t y = 0; y < rows; y++) {
    const float *restrict g = out + (size_t)y * stride;
    const float *restrict b = in + (size_t)y * stride, *restrict a = b - stride, *restrict c = b + stride;
    int32_t x = 0;
    for (; x + ZDK_LANES <= width; x += ZDK_LANES) {
      const vf gradient = load(g + x);
      s0 += gradient * load(a + x - 1);
      s1 += gradient * load(a + x);
      s2 += gradient * load(a + x + 1);
      s3 += gradient * load(b + x - 1);
      s4 += gradient * load(b + x);
      s5 += gradient * load(b + x + 1);
      s6 += gradient * load(c + x - 1);
      s7 += gradient * load(c + x);
      s8 += gradient * load(c + x + 1);
      s9 += gradient;
    }
    for (; x < width; x++) {
      for (int dx = 0; dx < 3; dx++) {
        rest[dx] += g[x] * a[x + dx - 1];
        rest[3 + dx] += g[x] * b[x + dx - 1];
        rest[6 + dx] += g[x] * c[x + dx - 1];
      }
      rest[9] += g[x];
    }
  }
  const vf all[10] = {s0, s1, s2, s3, s4, s5, s6, s7, s8, s9};
  for (int k = 0; k < 10; k++) sums[k] = rest[k] + total(all[k]);
}

static void relu_gradient(float *restrict gradient, const float *restrict other, const float *restrict activation,
                          size_t count) {
  if (other) {
    for (size_t i = 0; i < count; i++) gradient[i] = activation[i] > 0.0f ? gradient[i] + other[i] : 0.0f;
  } else {
    for (size_t i = 0; i < count; i++) gradient[i] = activation[i] > 0.0f ? gradient[i] : 0.0f;
  }
}

static void tanh_gradient(float *restrict gradient, const float *restrict activation, size_t count) {
  for (size_t i = 0; i < count; i++) gradient[i] *= 1.0f - activation[i] * activation[i];
}

/// Pixels that go through all iterations together: their steps stay in the nearest cache.
enum { ZDK_CURVE_BLOCK = 128 };

static void curve_gradient(float *const *map_gradient, const float *x, const float *const *map, const float *out,
                           int32_t maps, int32_t iterations, size_t count) {
  float steps[8][ZDK_CURVE_BLOCK], gradient[ZDK_CURVE_BLOCK], value[ZDK_CURVE_BLOCK], sum[ZDK_CURVE_BLOCK];
  for (size_t first = 0; first < count; first += ZDK_CURVE_BLOCK) {
    const size_t n = count - first < ZDK_CURVE_BLOCK ? count - first : ZDK_CURVE_BLOCK;
    memcpy(value, x + first, n * sizeof(float));
    for (int32_t k = 0; k < iterations; k++) {
      const float *restrict a = map[maps == 1 ? 0 : k] + first;
      for (size_t i = 0; i < n; i++) {
        steps[k][i] = value[i];
        value[i] += a[i] * (value[i] * value[i] - value[i]);
      }
    }
    memcpy(gradient, out + first, n * sizeof(float));
    memset(sum, 0, sizeof sum);
    for (int32_t k = iterations - 1; k >= 0; k--) {
      const float *restrict a = map[maps == 1 ? 0 : k] + first;
      for (size_t i = 0; i < n; i++) {
        const float v = steps[k][i];
        sum[i] += gradient[i] * (v * v - v);
        gradient[i] *= 1.0f + a[i] * (2.0f * v - 1.0f);
      }
      if (maps != 1 || k == 0) {
        memcpy(map_gradient[maps == 1 ? 0 : k] + first, sum, n * sizeof(float));
        memset(sum, 0, sizeof sum);
      }
    }
  }
}

static void smoothness(double sums[2], float *restrict gradient, const float *restrict x, size_t stride, int32_t width,
                       int32_t rows, float across, float down) {
  const float a2 = 2.0f * across, d2 = 2.0f * down;
  sums[0] = sums[1] = 0.0;
  for (int32_t y = 0; y < rows; y++) {
    const float *restrict row = x + (size_t)y * stride;
    const float *restrict above = y > 0 ? row - stride : row;
    const float *restrict below = y + 1 < rows ? row + stride : row;
    float *restrict g = gradient + (size_t)y * stride;
    vf columns = {0}, lines = {0};
    float column_rest = 0.0f, line_rest = 0.0f;
    int32_t i = 0;
    for (; i + 1 + ZDK_LANES <= width; i += ZDK_LANES) {
      const vf right = load(row + i + 1) - load(row + i), up = load(row + i) - load(above + i);
      columns += right * right;
      lines += up * up;
    }
    for (; i < width; i++) {
      const float right = i + 1 < width ? row[i + 1] - row[i] : 0.0f, up = row[i] - above[i];
      column_rest += right * right;
      line_rest += up * up;
    }
    sums[0] += (double)(column_rest + total(columns));
    sums[1] += (double)(line_rest + total(lines));
    for (i = 0; i < width; i++) g[i] = d2 * ((row[i] - above[i]) + (row[i] - below[i]));
    for (i = 1; i < width; i++) g[i] += a2 * (row[i] - row[i - 1]);
    for (i = 0; i + 1 < width; i++) g[i] += a2 * (row[i] - row[i + 1]);
  }
}

static float sum(const float *restrict x, size_t count) {
  vf sums = {0};
  size_t i = 0;
  for (; i + ZDK_LANES <= count; i += ZDK_LANES) sums += load(x + i);
  float rest = 0.0f;
  for (; i < count; i++) rest += x[i];
  return rest + total(sums);
}

/// The table of this instruction set.
#define ZDK_TRAINING_TABLE                                                                                    \
  {                                                                                                           \
      .name = ZDK_NAME, .bias = bias, .depthwise3x3_gradient = depthwise3x3_gradient,                         \
      .relu_gradient = relu_gradient, .tanh_gradient = tanh_gradient, .curve_gradient = curve_gradient,       \
      .smoothness = smoothness, .sum = sum,                                                                   \
  }
