// Fine YUV rows under a tone; part of zdk_template_yuv.h.
//
// Colours go through the curve once for each chroma sample, luma once for each pixel: for 4:2:0 that is 8 curves for four
// pixels in place of 12, and most of the rest of the work is done once in four pixels. Even and odd columns are worked on
// apart, so that all vectors of a step have the pixels of the same groups in the same lanes.

/// The vectors of a step that take part: luma of pixels, then luma, R, G and B of the groups that share their chroma.
enum { FINE_VECTORS = 8 };

/// The pixels of a step, `pixels` of a group, whose colours are `colors` more vectors.
typedef struct {
  vf fine[4];     ///< Luma of each of a group's pixels, in fine steps.
  vf mean;        ///< Of these.
  vf luma;        ///< The mean as a gained value.
  vf rgb[3];      ///< Gained values of the group's colour, before anything is cut.
} fine_step;

/// What becomes of it, in codes with one half added for rounding.
typedef struct {
  vf y[4], du, dv;  ///< Luma of pixels; what the group's chroma gains, with nothing added.
} fine_result;

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

/// What makes one multiplication of each step of the curve: for z = a·x + `shift`, which is (1 − a)/2, a step is z² + `add`,
/// which is (1 − a)/2 − ((1 − a)/2)², and x is z·`one_by_a` + `back`.
typedef struct {
  vf shift, add, one_by_a, back;
} square_terms;

ZDK_INLINE square_terms complete_square(vf a) {
  const vf shift = vf_fma(a, vf_all(-0.5f), vf_all(0.5f)), one_by_a = vf_near_reciprocal(a);
  return (square_terms){shift, vf_fma(-shift, shift, shift), one_by_a, -(shift * one_by_a)};
}

/// All steps of the curve as squares. `lumas` vectors have the curve a[0], `colors` more each their own.
ZDK_INLINE void bend_squared(vf *x, const vf a[4], int lumas, int colors, int iterations) {
  const int total = lumas + colors, curves = 1 + colors;
  square_terms terms[4];
#pragma unroll
  for (int k = 0; k < curves; k++) terms[k] = complete_square(a[k]);
#pragma unroll
  for (int i = 0; i < total; i += ZDK_TOGETHER) {
    const int n = total - i < ZDK_TOGETHER ? total - i : ZDK_TOGETHER;
#pragma unroll
    for (int j = i; j < i + n; j++) {
      const int k = j < lumas ? 0 : 1 + j - lumas;
      x[j] = vf_fma(a[k], x[j], terms[k].shift);
    }
    for (int step = 0; step < iterations; step++) {
#pragma unroll
      for (int j = i; j < i + n; j++) x[j] = vf_fma(x[j], x[j], terms[j < lumas ? 0 : 1 + j - lumas].add);
    }
#pragma unroll
    for (int j = i; j < i + n; j++) {
      const int k = j < lumas ? 0 : 1 + j - lumas;
      x[j] = vf_fma(x[j], terms[k].one_by_a, terms[k].back);
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

/// What R, G and B gain in codes of luma, and of chroma.
ZDK_INLINE vf luma_gain(const vf delta[3], const yuv_terms *k) {
  return vf_fma(delta[0], vf_all(k->y_r), vf_fma(delta[1], vf_all(k->y_g), delta[2] * vf_all(k->y_b)));
}
ZDK_INLINE vf cb_gain(const vf delta[3], const yuv_terms *k) {
  return vf_fma(delta[0], vf_all(k->u_r), vf_fma(delta[1], vf_all(k->u_g), delta[2] * vf_all(k->u_b)));
}
ZDK_INLINE vf cr_gain(const vf delta[3], const yuv_terms *k) {
  return vf_fma(delta[0], vf_all(k->v_r), vf_fma(delta[1], vf_all(k->v_g), delta[2] * vf_all(k->v_b)));
}

/// Whether none of the luma of a step is below black, or bent.
ZDK_INLINE int is_luma_straight(const fine_step *step, const yuv_run *run, size_t i, const yuv_terms *k, int pixels,
                                int columns) {
  if (columns == 2) {
    // Whole numbers leave the ports of the curve alone.
    const vi first = vi_load((const uint16_t *)run->y[0] + i);
    const vi second = pixels == 4 ? vi_load((const uint16_t *)run->y[1] + i) : first;
    const vi below = vi_less(vi_all(k->black_step), vi_min(first, second));
    return !vi_exceeds(vi_max(below, vi_less(vi_max(first, second), vi_all(k->straight_step))), vi_all(0));
  }
  vf least = step->fine[0], most = step->fine[0];
#pragma unroll
  for (int j = 1; j < pixels; j++) least = vf_min(least, step->fine[j]), most = vf_max(most, step->fine[j]);
  return !vf_any_above(vf_all(k->black_step), least) && !vf_any_above(most, vf_all(k->straight_step));
}

/// Whether the curves that take part in a step all lift shadows, by enough for `bend_squared`.
ZDK_INLINE int are_curves_usual(const vf a[4], int32_t depth, int colors) {
  // That of luma is between those of the colours.
  const vf most = colors > 0 ? vf_max(vf_max(a[1], a[2]), a[3]) : a[0];
  return !vf_any_above(most, -least_squared(depth));
}

/// A step of which `is_luma_straight`, `are_straight` and `are_curves_usual` hold, which in dark footage is nearly all: what
/// stands before and behind the steps of the curve is linear, and goes into the factors of these.
ZDK_INLINE void fine_usual(fine_result *result, const fine_step *step, const vf a[4], const yuv_terms *k, int pixels,
                           int colors, int iterations) {
  const int has_luma = pixels > 1 || colors == 0, has_mean = pixels > 1 && colors > 0;
  const int lumas = has_luma ? pixels + has_mean : 0, total = lumas + colors, curves = 1 + colors;
  vf x[FINE_VECTORS], rgb[3];
  square_terms terms[4];
#pragma unroll
  for (int c = has_luma ? 0 : 1; c < curves; c++) terms[c] = complete_square(a[c]);
  vf slope = a[0], start = a[0];
  if (has_luma) {
    slope = a[0] * vf_all(k->y * k->tone.unit);
    start = vf_fma(a[0], vf_all(k->black), terms[0].shift);
  }
#pragma unroll
  for (int c = 0; c < colors; c++) rgb[c] = vf_max(step->rgb[c], vf_all(0.0f));
#pragma unroll
  for (int j = 0; j < total; j++) {
    x[j] = j < lumas ? vf_fma(j < pixels ? step->fine[j] : step->mean, slope, start)
                     : vf_fma(a[1 + j - lumas], rgb[j - lumas], terms[1 + j - lumas].shift);
  }
  for (int n = 0; n < iterations; n++) {
#pragma unroll
    for (int j = 0; j < total; j++) x[j] = vf_fma(x[j], x[j], terms[j < lumas ? 0 : 1 + j - lumas].add);
  }

  vf common = vf_all(0.0f), per_step = common, codes = common, base = vf_all(k->black_code + 0.5f);
  if (has_luma) {
    codes = vf_all(k->codes) * terms[0].one_by_a;
    base = vf_fma(-terms[0].shift, codes, base);
  }
  if (colors > 0) {
    vf delta[3];
#pragma unroll
    for (int c = 0; c < 3; c++) {
      const vf bent = vf_fma(x[lumas + c], terms[1 + c].one_by_a, terms[1 + c].back);
      delta[c] = vf_fma(rgb[c], vf_all(-k->tone.one_by_gain), bent);
    }
    common = luma_gain(delta, k);
    result->du = cb_gain(delta, k);
    result->dv = cr_gain(delta, k);
  }
  if (has_mean) {
    common = vf_fma(terms[0].shift - x[lumas - 1], codes, vf_fma(step->luma, vf_all(k->codes * k->tone.one_by_gain), common));
    // All of it, less where a pixel is darker than the mean: the difference is exact, beside black as well.
    const vf light = vf_all(k->y * k->tone.unit * k->tone.one_by_gain);
    const vf least = vf_all(k->black * k->tone.one_by_gain + ZDK_LEAST_LUMA);
    per_step = common * light * vf_reciprocal(vf_fma(step->mean, light, least));
    base = base + common;
  }
#pragma unroll
  for (int j = 0; j < pixels; j++) {
    if (has_luma) {
      result->y[j] = vf_fma(x[j], codes, base);
    } else {
      result->y[j] = vf_fma(step->fine[j], vf_all(k->tone.unit), common + vf_all(0.5f));
    }
    if (!has_mean) continue;
    result->y[j] = vf_fma(vf_min(step->fine[j] - step->mean, vf_all(0.0f)), per_step, result->y[j]);
  }
}

/// Any step. `maps` and `iterations` are constants where speed matters.
ZDK_INLINE void fine_unusual(fine_result *result, const fine_step *step, const yuv_run *run, const zdk_yuv_rows *p,
                             const yuv_terms *k, int pixels, int colors, int maps, int iterations, size_t at) {
  const int has_luma = pixels > 1 || colors == 0, has_mean = pixels > 1 && colors > 0;
  const int lumas = has_luma ? pixels + has_mean : 0, total = lumas + colors;
  const vf half = vf_all(0.5f), unit = vf_all(k->tone.unit), codes = vf_all(k->codes);
  vf x[FINE_VECTORS], from[FINE_VECTORS];
  if (has_luma) {
#pragma unroll
    for (int j = 0; j < pixels; j++) x[j] = vf_fma(step->fine[j], vf_all(k->y * k->tone.unit), vf_all(k->black));
  }
  if (has_mean) x[lumas - 1] = step->luma;
#pragma unroll
  for (int c = 0; c < colors; c++) x[lumas + c] = step->rgb[c];
#pragma unroll
  for (int j = 0; j < total; j++) x[j] = rolled_off(x[j], &k->tone, &from[j]);
  fine_bend(x, run, p, lumas, colors, maps, iterations, at);

  // What pixels of a group have in common: what their colours gain, less what their mean luma would.
  vf common = half, one_by_mean = half, least = half;
  if (colors > 0) {
    const vf delta[3] = {x[lumas] - from[lumas], x[lumas + 1] - from[lumas + 1], x[lumas + 2] - from[lumas + 2]};
    common = luma_gain(delta, k);
    if (has_mean) {
      common = vf_fma(from[lumas - 1] - x[lumas - 1], codes, common);
      one_by_mean = vf_reciprocal(from[lumas - 1] + vf_all(ZDK_LEAST_LUMA));
      least = one_by_mean * vf_all(ZDK_LEAST_LUMA);
    }
    result->du = cb_gain(delta, k);
    result->dv = cr_gain(delta, k);
  }
#pragma unroll
  for (int j = 0; j < pixels; j++) {
    vf y = vf_fma(step->fine[j], unit, half);
    if (has_luma) y = vf_fma(x[j] - from[j], codes, y);
    if (has_mean) {
      y = vf_fma(vf_min(vf_fma(from[j], one_by_mean, least), vf_all(1.0f)), common, y);
    } else if (colors > 0) {
      y = y + common;
    }
    result->y[j] = y;
  }
}

/// `wide`, `chroma` and `rows` are constants, `maps` and `iterations` where speed matters. `count` of the runs is a
/// multiple of two vectors where chroma is halved.
ZDK_INLINE void fine_vectors(const yuv_run *runs, size_t lines, const zdk_yuv_rows *p, const yuv_terms *k, int wide,
                             int chroma, int rows, int maps, int iterations) {
  const int columns = chroma == CHROMA_HALF ? 2 : 1, pixels = rows * columns, colors = chroma == CHROMA_NONE ? 0 : 3;
  const __m128i shift = _mm_cvtsi32_si128(p->shift), no_shift = _mm_setzero_si128();
  const vf last = vf_all(greatest_code(p->depth) + 0.5f), neutral = vf_all(k->neutral / k->tone.unit);

  for (const yuv_run *run = runs; run < runs + lines; run++) {
    for (size_t i = 0; i < run->count; i += (size_t)columns * ZDK_LANES) {
      const size_t ci = i / (size_t)columns, at = run->curve_at + ci;
      fine_step step;
      vf u = vf_all(0.0f), v = u;
#pragma unroll
      for (int row = 0; row < rows; row++) {
        const uint16_t *y = (const uint16_t *)run->y[row] + i;
        if (columns == 2) {
          load16_pairs(y, &step.fine[2 * row], &step.fine[2 * row + 1]);
        } else {
          step.fine[row] = load16(y, no_shift);
        }
      }
      if (colors > 0) {
        vf sum = step.fine[0];
#pragma unroll
        for (int j = 1; j < pixels; j++) sum = sum + step.fine[j];
        step.mean = sum * vf_all(1.0f / (float)pixels);
        const vf kept = trust(step.mean, &k->tone) * vf_all(k->tone.unit);
        u = (load16((const uint16_t *)run->u + ci, no_shift) - neutral) * kept;
        v = (load16((const uint16_t *)run->v + ci, no_shift) - neutral) * kept;
        step.luma = vf_fma(step.mean, vf_all(k->y * k->tone.unit), vf_all(k->black));
        step.rgb[0] = vf_fma(v, vf_all(k->r_v), step.luma);
        step.rgb[1] = vf_fma(u, vf_all(k->g_u), vf_fma(v, vf_all(k->g_v), step.luma));
        step.rgb[2] = vf_fma(u, vf_all(k->b_u), step.luma);
      }

      fine_result result;
      vf a[4];
      if (maps == 1) fine_curves(a, run, p, 0, at);
      const int is_colored_only = pixels == 1 && colors > 0;
      if (maps == 1 && (is_colored_only || is_luma_straight(&step, run, i, k, pixels, columns)) &&
          (colors == 0 || are_straight(step.rgb, &k->tone)) && are_curves_usual(a, p->depth, colors)) {
        fine_usual(&result, &step, a, k, pixels, colors, iterations);
      } else {
        fine_unusual(&result, &step, run, p, k, pixels, colors, maps, iterations, at);
      }

#pragma unroll
      for (int row = 0; row < rows; row++) {
        if (columns == 2) {
          store_code_pairs(run->y_out[row], i, result.y[2 * row], result.y[2 * row + 1], wide, shift, last);
        } else {
          store_codes(run->y_out[row], i, result.y[row], wide, shift, last);
        }
      }
      if (colors == 0) continue;
      store_codes(run->u_out, ci, u + vf_all(k->neutral + 0.5f) + result.du, wide, shift, last);
      store_codes(run->v_out, ci, v + vf_all(k->neutral + 0.5f) + result.dv, wide, shift, last);
    }
  }
}
