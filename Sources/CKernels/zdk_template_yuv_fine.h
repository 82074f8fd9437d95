// Fine YUV rows under a tone; part of zdk_template_yuv.h.
//
// Colours go through the curve once for each chroma sample, luma once for each pixel: for 4:2:0 that is 8 curves for four
// pixels in place of 12, and most of the rest of the work is done once in four pixels. Even and odd columns are worked on
// apart, so that all vectors of a step have the pixels of the same groups in the same lanes.

/// The vectors of a step that take part: luma of pixels, then luma, R, G and B of the groups that share their chroma.
enum { FINE_VECTORS = 8 };

/// The curves of a group's luma, R, G and B; that of luma is the mean of the others. Of grey, the first one.
ZDK_INLINE void fine_curves(vf a[4], const yuv_run *run, const zdk_yuv_rows *p, int map, size_t at) {
  const zdk_curve_row *c = run->curve;
#pragma unroll
  for (int k = 0; k < 3; k++) {
    a[k + 1] = curve_map(c->upper[3 * map + k], c->lower[3 * map + k], vf_all(c->t), at);
  }
  const zdk_matrix *m = &p->matrix;
  a[0] = vf_fma(a[1], vf_all(m->kr), vf_fma(a[2], vf_all(m->kg), a[3] * vf_all(m->kb)));
}

/// Below this, `bend_squared` leaves too few digits: those of z that x had are fewer by the size of 1/a.
ZDK_INLINE vf least_squared(int32_t depth) { return vf_all(depth <= 12 ? 1.0f / 256 : 1.0f / 32); }

/// The size of a.
ZDK_INLINE vf size_of(vf a) { return vf_max(a, vf_all(0.0f) - a); }

/// All steps of the curve as one multiplication each: for z = a·x + (1 − a)/2, a step is z² + (1 − a)/2 − ((1 − a)/2)².
/// `lumas` vectors have the curve a[0], `colors` more each their own.
ZDK_INLINE void bend_squared(vf *x, const vf a[4], int lumas, int colors, int iterations) {
  const int total = lumas + colors, curves = 1 + colors;
  vf shift[4], add[4], one_by_a[4], back[4];
#pragma unroll
  for (int k = 0; k < curves; k++) {
    shift[k] = vf_fma(a[k], vf_all(-0.5f), vf_all(0.5f));
    add[k] = vf_fma(vf_all(0.0f) - shift[k], shift[k], shift[k]);
    one_by_a[k] = vf_near_reciprocal(a[k]);
    back[k] = vf_all(0.0f) - shift[k] * one_by_a[k];
  }
#pragma unroll
  for (int i = 0; i < total; i += ZDK_TOGETHER) {
    const int n = total - i < ZDK_TOGETHER ? total - i : ZDK_TOGETHER;
#pragma unroll
    for (int j = i; j < i + n; j++) {
      const int k = j < lumas ? 0 : 1 + j - lumas;
      x[j] = vf_fma(a[k], x[j], shift[k]);
    }
    for (int step = 0; step < iterations; step++) {
#pragma unroll
      for (int j = i; j < i + n; j++) x[j] = vf_fma(x[j], x[j], add[j < lumas ? 0 : 1 + j - lumas]);
    }
#pragma unroll
    for (int j = i; j < i + n; j++) {
      const int k = j < lumas ? 0 : 1 + j - lumas;
      x[j] = vf_fma(x[j], one_by_a[k], back[k]);
    }
  }
}

/// Applies the curves to the vectors of a step: the first `lumas` have that of luma, `colors` more each their own.
ZDK_INLINE void fine_bend(vf *x, const yuv_run *run, const zdk_yuv_rows *p, int lumas, int colors, int maps,
                          int iterations, size_t at) {
  for (int map = 0; map < maps; map++) {
    vf a[4], all[FINE_VECTORS];
    fine_curves(a, run, p, map, at);
    const int total = lumas + colors;
    if (maps == 1) {
      vf least = size_of(a[lumas > 0 ? 0 : 1]), most = least;
#pragma unroll
      for (int k = 1; k <= colors; k++) least = vf_min(least, size_of(a[k])), most = vf_max(most, size_of(a[k]));
      if (!vf_any_above(least_squared(p->depth), least)) {
        bend_squared(x, a, lumas, colors, iterations);
        return;
      }
      // Mild nights need no more than their gain.
      if (!vf_any_above(most, vf_all(0.0f))) return;
    }
#pragma unroll
    for (int i = 0; i < total; i++) all[i] = i < lumas ? a[0] : a[1 + i - lumas];
#pragma unroll
    for (int i = 0; i < total; i += ZDK_TOGETHER) {
      const int n = total - i < ZDK_TOGETHER ? total - i : ZDK_TOGETHER;
      bend_together(x + i, all + i, n, maps == 1 ? iterations : 1);
    }
  }
}

/// `wide`, `chroma` and `rows` are constants, `maps` and `iterations` where speed matters. `count` of the runs is a
/// multiple of two vectors where chroma is halved.
ZDK_INLINE void fine_vectors(const yuv_run *runs, size_t lines, const zdk_yuv_rows *p, const yuv_terms *k, int wide, int chroma,
                             int rows, int maps, int iterations) {
  const int columns = chroma == CHROMA_HALF ? 2 : 1, pixels = rows * columns, colors = chroma == CHROMA_NONE ? 0 : 3;
  // A pixel that has chroma of its own needs no curve of luma.
  const int has_luma = pixels > 1 || colors == 0, has_mean = pixels > 1 && colors > 0;
  const int lumas = has_luma ? pixels + has_mean : 0, total = lumas + colors;
  const __m128i shift = _mm_cvtsi32_si128(p->shift), no_shift = _mm_setzero_si128();
  const vf half = vf_all(0.5f), last = vf_all(greatest_code(p->depth) + 0.5f);
  const vf unit = vf_all(k->tone.unit), black = vf_all(k->black), codes = vf_all(k->codes);

  for (const yuv_run *run = runs; run < runs + lines; run++) {
  for (size_t i = 0; i < run->count; i += (size_t)columns * ZDK_LANES) {
    const size_t ci = i / (size_t)columns;
    vf fine[4], x[FINE_VECTORS], from[FINE_VECTORS];
    vf u = half, v = half;
#pragma unroll
    for (int row = 0; row < rows; row++) {
      const uint16_t *at = (const uint16_t *)run->y[row] + i;
      if (columns == 2) {
        load16_pairs(at, &fine[2 * row], &fine[2 * row + 1]);
      } else {
        fine[row] = load16(at, no_shift);
      }
    }
    if (has_luma) {
#pragma unroll
      for (int j = 0; j < pixels; j++) x[j] = vf_fma(fine[j], vf_all(k->y * k->tone.unit), black);
    }
    if (colors > 0) {
      vf sum = fine[0];
#pragma unroll
      for (int j = 1; j < pixels; j++) sum = sum + fine[j];
      const vf mean = sum * vf_all(k->tone.unit / (float)pixels), kept = trust(mean, &k->tone);
      u = vf_fma(load16((const uint16_t *)run->u + ci, no_shift), unit, vf_all(-k->neutral)) * kept;
      v = vf_fma(load16((const uint16_t *)run->v + ci, no_shift), unit, vf_all(-k->neutral)) * kept;
      const vf luma = vf_fma(mean, vf_all(k->y), black);
      if (has_mean) x[lumas - 1] = luma;
      x[lumas] = vf_fma(v, vf_all(k->r_v), luma);
      x[lumas + 1] = vf_fma(u, vf_all(k->g_u), vf_fma(v, vf_all(k->g_v), luma));
      x[lumas + 2] = vf_fma(u, vf_all(k->b_u), luma);
    }
    roll_off(x, from, total, &k->tone);
    fine_bend(x, run, p, lumas, colors, maps, iterations, run->curve_at + ci);

    // What pixels of a group have in common: what their colours gain, less what their mean luma would.
    vf common = half, one_by_mean = half, least = half;
    if (colors > 0) {
      const vf dr = x[lumas] - from[lumas], dg = x[lumas + 1] - from[lumas + 1], db = x[lumas + 2] - from[lumas + 2];
      common = vf_fma(dr, vf_all(k->y_r), vf_fma(dg, vf_all(k->y_g), db * vf_all(k->y_b)));
      if (has_mean) {
        common = vf_fma(from[lumas - 1] - x[lumas - 1], codes, common);
        one_by_mean = vf_reciprocal(from[lumas - 1] + vf_all(ZDK_LEAST_LUMA));
        least = one_by_mean * vf_all(ZDK_LEAST_LUMA);
      }
      const vf du = vf_fma(dr, vf_all(k->u_r), vf_fma(dg, vf_all(k->u_g), db * vf_all(k->u_b)));
      const vf dv = vf_fma(dr, vf_all(k->v_r), vf_fma(dg, vf_all(k->v_g), db * vf_all(k->v_b)));
      const vf neutral = vf_all(k->neutral + 0.5f);
      store_codes(run->u_out, ci, u + neutral + du, wide, shift, last);
      store_codes(run->v_out, ci, v + neutral + dv, wide, shift, last);
    }
    vf y[4];
#pragma unroll
    for (int j = 0; j < pixels; j++) {
      y[j] = vf_fma(fine[j], unit, half);
      if (has_luma) y[j] = vf_fma(x[j] - from[j], codes, y[j]);
      if (has_mean) {
        y[j] = vf_fma(vf_min(vf_fma(from[j], one_by_mean, least), vf_all(1.0f)), common, y[j]);
      } else if (colors > 0) {
        y[j] = y[j] + common;
      }
    }
#pragma unroll
    for (int row = 0; row < rows; row++) {
      if (columns == 2) {
        store_code_pairs(run->y_out[row], i, y[2 * row], y[2 * row + 1], wide, shift, last);
      } else {
        store_codes(run->y_out[row], i, y[row], wide, shift, last);
      }
    }
  }  }
}
