// Kernels that compare pictures, included once per instruction set after its primitives.

/// The sum of the lanes.
ZDK_INLINE double lane_sum(vf x) {
  float lanes[ZDK_LANES];
  vf_store(lanes, x);
  double sum = 0.0;
  for (int i = 0; i < ZDK_LANES; i++) sum += (double)lanes[i];
  return sum;
}

static void difference(double sums[2], const float *a, const float *b, size_t count) {
  const size_t whole = count / ZDK_LANES * ZDK_LANES;
  size_t i = 0;
  while (i < whole) {
    // 256 squares of 8-bit codes are the most that a float adds without rounding.
    const size_t end = whole - i > 256 * ZDK_LANES ? i + 256 * ZDK_LANES : whole;
    vf magnitudes = vf_all(0.0f), squares = vf_all(0.0f);
    for (; i < end; i += ZDK_LANES) {
      const vf d = vf_load(a + i) - vf_load(b + i);
      magnitudes += __builtin_elementwise_abs(d);
      squares = vf_fma(d, d, squares);
    }
    sums[0] += lane_sum(magnitudes);
    sums[1] += lane_sum(squares);
  }
  for (; i < count; i++) {
    const double d = (double)a[i] - (double)b[i];
    sums[0] += __builtin_fabs(d);
    sums[1] += d * d;
  }
}

static void ssim_columns(float *out, size_t stride, const float *const *a, const float *const *b,
                         const float weights[ZDK_SSIM_TAPS], size_t count) {
  size_t x = 0;
  for (; x + ZDK_LANES <= count; x += ZDK_LANES) {
    vf sum_a = vf_all(0.0f), sum_b = sum_a, sum_squares = sum_a, sum_product = sum_a;
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      const vf w = vf_all(weights[k]), va = vf_load(a[k] + x), vb = vf_load(b[k] + x);
      const vf wa = w * va, wb = w * vb;
      sum_a += wa;
      sum_b += wb;
      sum_squares = vf_fma(wa, va, vf_fma(wb, vb, sum_squares));
      sum_product = vf_fma(wa, vb, sum_product);
    }
    vf_store(out + x, sum_a);
    vf_store(out + stride + x, sum_b);
    vf_store(out + 2 * stride + x, sum_squares);
    vf_store(out + 3 * stride + x, sum_product);
  }
  for (; x < count; x++) {
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      const float wa = weights[k] * a[k][x], wb = weights[k] * b[k][x];
      sums[0] += wa;
      sums[1] += wb;
      sums[2] += wa * a[k][x] + wb * b[k][x];
      sums[3] += wa * b[k][x];
    }
    for (size_t m = 0; m < 4; m++) out[m * stride + x] = sums[m];
  }
}

/// The weighted sum of `ZDK_SSIM_TAPS` neighbours, for a vector of places.
ZDK_INLINE vf ssim_across(const float *columns, const float weights[ZDK_SSIM_TAPS]) {
  vf sum = vf_all(0.0f);
  for (int k = 0; k < ZDK_SSIM_TAPS; k++) sum = vf_fma(vf_all(weights[k]), vf_load(columns + k), sum);
  return sum;
}

static double ssim_row(const float *columns, size_t stride, const float weights[ZDK_SSIM_TAPS], float offset,
                       float c1, float c2, size_t count) {
  const vf two = vf_all(2.0f), first = vf_all(c1), second = vf_all(c2), middle = vf_all(offset);
  vf total = vf_all(0.0f);
  size_t x = 0;
  for (; x + ZDK_LANES <= count; x += ZDK_LANES) {
    const vf a = ssim_across(columns + x, weights), b = ssim_across(columns + stride + x, weights);
    const vf squares = ssim_across(columns + 2 * stride + x, weights);
    const vf product = ssim_across(columns + 3 * stride + x, weights);
    const vf mean_a = a + middle, mean_b = b + middle;
    const vf variances = squares - a * a - b * b, covariance = product - a * b;
    total += (two * mean_a * mean_b + first) * (two * covariance + second) /
             ((mean_a * mean_a + mean_b * mean_b + first) * (variances + second));
  }
  double sum = lane_sum(total);
  for (; x < count; x++) {
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      for (size_t m = 0; m < 4; m++) sums[m] += weights[k] * columns[m * stride + x + (size_t)k];
    }
    const float mean_a = sums[0] + offset, mean_b = sums[1] + offset;
    const float variances = sums[2] - sums[0] * sums[0] - sums[1] * sums[1];
    const float covariance = sums[3] - sums[0] * sums[1];
    sum += (double)((2.0f * mean_a * mean_b + c1) * (2.0f * covariance + c2) /
                    ((mean_a * mean_a + mean_b * mean_b + c1) * (variances + c2)));
  }
  return sum;
}
