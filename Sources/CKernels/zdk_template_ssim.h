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
    vf sum_a = vf_all(0.0f), sum_b = sum_a, sum_error = sum_a, sum_product = sum_a;
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      const vf w = vf_all(weights[k]), va = vf_load(a[k] + x), vb = vf_load(b[k] + x);
      const vf wa = w * va, d = va - vb;
      sum_a = vf_fma(w, va, sum_a);
      sum_b = vf_fma(w, vb, sum_b);
      sum_error = vf_fma(w * d, d, sum_error);
      sum_product = vf_fma(wa, vb, sum_product);
    }
    vf_store(out + x, sum_a);
    vf_store(out + stride + x, sum_b);
    vf_store(out + 2 * stride + x, sum_error);
    vf_store(out + 3 * stride + x, sum_product);
  }
  for (; x < count; x++) {
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      const float wa = weights[k] * a[k][x], d = a[k][x] - b[k][x];
      sums[0] += weights[k] * a[k][x];
      sums[1] += weights[k] * b[k][x];
      sums[2] += weights[k] * d * d;
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
    const vf error = ssim_across(columns + 2 * stride + x, weights);
    const vf product = ssim_across(columns + 3 * stride + x, weights);
    // x² + y² = (x − y)² + 2xy, for the means and for the variances.
    const vf between = (a - b) * (a - b);
    const vf luminance = vf_fma(two * (a + middle), b + middle, first);
    const vf structure = vf_fma(two, product - a * b, second);
    total += luminance * structure / ((luminance + between) * (structure + (error - between)));
  }
  double sum = lane_sum(total);
  for (; x < count; x++) {
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int k = 0; k < ZDK_SSIM_TAPS; k++) {
      for (size_t m = 0; m < 4; m++) sums[m] += weights[k] * columns[m * stride + x + (size_t)k];
    }
    const float between = (sums[0] - sums[1]) * (sums[0] - sums[1]);
    const float luminance = 2.0f * (sums[0] + offset) * (sums[1] + offset) + c1;
    const float structure = 2.0f * (sums[3] - sums[0] * sums[1]) + c2;
    sum += (double)(luminance * structure / ((luminance + between) * (structure + (sums[2] - between))));
  }
  return sum;
}
