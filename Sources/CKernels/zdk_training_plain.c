// The reference for the kernels of training: each as it would be written down first. Picks the table as well.

#include "zdk.h"
#include "zdk_training_tables.h"

static void bias(float *x, size_t stride, int32_t width, int32_t rows, float bias, float floor) {
  for (int32_t y = 0; y < rows; y++) {
    float *row = x + (size_t)y * stride;
    for (int32_t i = 0; i < width; i++) row[i] = row[i] + bias > floor ? row[i] + bias : floor;
  }
}

static void depthwise3x3_gradient(float sums[10], const float *in, const float *out, size_t stride, int32_t width,
                                  int32_t rows) {
  for (int k = 0; k < 10; k++) {
    float sum = 0.0f;
    for (ptrdiff_t y = 0; y < rows; y++) {
      float row_sum = 0.0f;  // Row by row, which loses less to rounding.
      for (ptrdiff_t x = 0; x < width; x++) {
        const float gradient = out[y * (ptrdiff_t)stride + x];
        row_sum += k == 9 ? gradient : gradient * in[(y + k / 3 - 1) * (ptrdiff_t)stride + x + k % 3 - 1];
      }
      sum += row_sum;
    }
    sums[k] = sum;
  }
}

static void relu_gradient(float *gradient, const float *other, const float *activation, size_t count) {
  for (size_t i = 0; i < count; i++) {
    gradient[i] = activation[i] > 0.0f ? gradient[i] + (other ? other[i] : 0.0f) : 0.0f;
  }
}

static void tanh_gradient(float *gradient, const float *activation, size_t count) {
  for (size_t i = 0; i < count; i++) gradient[i] *= 1.0f - activation[i] * activation[i];
}

static void curve_gradient(float *const *map_gradient, const float *x, const float *const *map, const float *out,
                           int32_t maps, int32_t iterations, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float steps[8];
    float value = x[i];
    for (int32_t k = 0; k < iterations; k++) {
      steps[k] = value;
      value += map[maps == 1 ? 0 : k][i] * (value * value - value);
    }
    float gradient = out[i], sum = 0.0f;
    for (int32_t k = iterations - 1; k >= 0; k--) {
      const float part = gradient * (steps[k] * steps[k] - steps[k]);
      sum += part;
      if (maps != 1) map_gradient[k][i] = part;
      gradient *= 1.0f + map[maps == 1 ? 0 : k][i] * (2.0f * steps[k] - 1.0f);
    }
    if (maps == 1) map_gradient[0][i] = sum;
  }
}

static void smoothness(double sums[2], float *gradient, const float *x, size_t stride, int32_t width, int32_t rows,
                       float across, float down) {
  sums[0] = sums[1] = 0.0;
  for (int32_t y = 0; y < rows; y++) {
    for (int32_t i = 0; i < width; i++) {
      const size_t at = (size_t)y * stride + (size_t)i;
      const float left = i > 0 ? x[at] - x[at - 1] : 0.0f;
      const float right = i + 1 < width ? x[at] - x[at + 1] : 0.0f;
      const float above = y > 0 ? x[at] - x[at - stride] : 0.0f;
      const float below = y + 1 < rows ? x[at] - x[at + stride] : 0.0f;
      sums[0] += (double)left * left;
      sums[1] += (double)above * above;
      gradient[at] = 2.0f * across * (left + right) + 2.0f * down * (above + below);
    }
  }
}

static float sum(const float *x, size_t count) {
  double total = 0.0;
  for (size_t i = 0; i < count; i++) total += x[i];
  return (float)total;
}

static const zdk_training_kernels plain = {
    .name = "plain",
    .bias = bias,
    .depthwise3x3_gradient = depthwise3x3_gradient,
    .relu_gradient = relu_gradient,
    .tanh_gradient = tanh_gradient,
    .curve_gradient = curve_gradient,
    .smoothness = smoothness,
    .sum = sum,
};

const zdk_training_kernels *zdk_training_kernels_for(uint32_t mask) {
#if defined(__x86_64__)
  const uint32_t flags = zdk_cpu_flags() & mask;
  if (flags & ZDK_CPU_AVX512) return &zdk_training_avx512;
  if (flags & ZDK_CPU_AVX2) return &zdk_training_avx2;
#else
  (void)mask;
#endif
  return &plain;
}
