// The reference for what zdk_template_yuv.h and its parts do: YUV and grey rows. Part of zdk_plain.c.

/// What becomes of the group of pixel `x`.
static int held(const zdk_yuv_rows *p, int32_t x) {
  const int32_t group = x / ZDK_DENOISE_GROUP;
  return p->held != NULL && group < p->width / ZDK_DENOISE_GROUP ? p->held[group] : ZDK_MAKE;
}

static void copy_code(void *to, const void *from, size_t index, int32_t depth) {
  if (depth == 8) {
    ((uint8_t *)to)[index] = ((const uint8_t *)from)[index];
  } else {
    ((uint16_t *)to)[index] = ((const uint16_t *)from)[index];
  }
}

/// Gives the columns of a chroma sample what they are held at. Returns whether they are done with.
static int take_held(const zdk_yuv_rows *p, int32_t first, int32_t group, size_t ci) {
  const int state = held(p, first);
  if (state != ZDK_COPY) return state == ZDK_LEAVE;
  for (int32_t row = 0; row < p->rows; row++) {
    for (int32_t x = first; x < first + group; x++) copy_code(p->y_out[row], p->y_before[row], (size_t)x, p->depth);
  }
  if (p->u != NULL) copy_code(p->u_out, p->u_before, ci, p->depth);
  if (p->u != NULL) copy_code(p->v_out, p->v_before, ci, p->depth);
  return 1;
}

static void enhance_yuv_as_it_is(const zdk_yuv_rows *p) {
  const zdk_tone as_it_is = {.gain = 1.0f, .knee = 1.0f, .trust_least = 1.0f};
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
        const size_t at = (size_t)x;
        const float dr = toned_delta(y + m.r_cr * cr, &as_it_is, 0, c, p->maps, p->iterations, at);
        const float dg = toned_delta(y + m.g_cb * cb + m.g_cr * cr, &as_it_is, 1, c, p->maps, p->iterations, at);
        const float db = toned_delta(y + m.b_cb * cb, &as_it_is, 2, c, p->maps, p->iterations, at);
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

/// What tone and curve add to luma; the curve is the mean of the three at `index`.
static float toned_luma_delta(float value, const zdk_yuv_rows *p, const zdk_curve_row *c, size_t index) {
  const float share[3] = {p->matrix.kr, p->matrix.kg, p->matrix.kb};
  float x = toned(value, &p->tone);
  for (int32_t i = 0; i < p->iterations; i++) {
    float a = 0.0f;
    for (int channel = 0; channel < 3; channel++) {
      const int32_t m = (p->maps == 1 ? 0 : 3 * i) + channel;
      a += share[channel] * (c->upper[m][index] + c->t * (c->lower[m][index] - c->upper[m][index]));
    }
    x = x * ((1.0f - a) + a * x);
  }
  return x - clamp(value, 0.0f, 1.0f);
}

static void enhance_fine_yuv(const zdk_yuv_rows *p) {
  const zdk_matrix m = p->matrix;
  const int has_chroma = p->u != NULL;
  const int32_t group = has_chroma && p->chroma_shift_x ? 2 : 1;

  for (int32_t first = 0; first < p->width; first += group) {
    const size_t site = (size_t)(first / group), ci = site * (size_t)p->c_step;
    if (take_held(p, first, group, ci)) continue;
    const int32_t last = first + group < p->width ? first + group : p->width;
    // What the colours gain beyond what their mean luma would, and that luma.
    float common = 0.0f, mean_luma = 1.0f;
    if (has_chroma) {
      float sum = 0.0f;
      for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t x = first; x < last; x++) sum += read_fine(p->y[row], (size_t)x, p->depth);
      }
      const float mean = sum / (float)(p->rows * (last - first)), kept = trust(mean, &p->tone);
      const float u = kept * (read_fine(p->u, site, p->depth) - m.c_offset);
      const float v = kept * (read_fine(p->v, site, p->depth) - m.c_offset);
      const float y = (mean - m.y_offset) * m.y_scale, cb = u * m.c_scale, cr = v * m.c_scale;
      const zdk_curve_row *c = &p->curve[0];
      const float dr = toned_delta(y + m.r_cr * cr, &p->tone, 0, c, p->maps, p->iterations, site);
      const float dg = toned_delta(y + m.g_cb * cb + m.g_cr * cr, &p->tone, 1, c, p->maps, p->iterations, site);
      const float db = toned_delta(y + m.b_cb * cb, &p->tone, 2, c, p->maps, p->iterations, site);
      const float dy = m.kr * dr + m.kg * dg + m.kb * db;
      write_code(p->u_out, ci, p->depth, p->shift, m.c_offset + u + (db - dy) / m.b_cb / m.c_scale);
      write_code(p->v_out, ci, p->depth, p->shift, m.c_offset + v + (dr - dy) / m.r_cr / m.c_scale);
      common = dy;
      if (p->rows * group > 1) {
        common -= toned_luma_delta(y, p, c, site);
        mean_luma = clamp(y, 0.0f, 1.0f);
      }
    }
    for (int32_t row = 0; row < p->rows; row++) {
      for (int32_t x = first; x < last; x++) {
        const float code = read_fine(p->y[row], (size_t)x, p->depth), y = (code - m.y_offset) * m.y_scale;
        float dy = common;
        if (!has_chroma || p->rows * group > 1) {
          // Darker pixels get as much less of it: else they would fall below black beside coloured light.
          dy *= fminf((clamp(y, 0.0f, 1.0f) + ZDK_LEAST_LUMA) / (mean_luma + ZDK_LEAST_LUMA), 1.0f);
          dy += toned_luma_delta(y, p, &p->curve[has_chroma ? 0 : row], site);
        }
        write_code(p->y_out[row], (size_t)x * (size_t)p->y_step, p->depth, p->shift, code + dy / m.y_scale);
      }
    }
  }
}

static void enhance_yuv(const zdk_yuv_rows *rows, size_t count) {
  for (const zdk_yuv_rows *p = rows; p < rows + count; p++) {
    if (p->fine) {
      enhance_fine_yuv(p);
    } else {
      enhance_yuv_as_it_is(p);
    }
  }
}
