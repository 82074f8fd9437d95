// Enhancement of native YUV and grey, included once per instruction set after its primitives and
// zdk_template_gather.h. Everything between the load and the store of a vector of pixels stays in registers.

/// How the chroma of a run relates to its luma.
enum { CHROMA_NONE, CHROMA_FULL, CHROMA_HALF };

/// `zdk_matrix` with its products multiplied out, so that a pixel takes one multiply-add for each.
typedef struct {
  float y, r_v, r_0, g_u, g_v, g_0, b_u, b_0;  ///< R = y·code_y + r_v·code_v + r_0, and so on.
  float y_r, y_g, y_b;                          ///< Codes of luma per unit of ΔR, ΔG, ΔB.
  float black, codes;                           ///< Y = y·code_y + black; codes of luma per unit.
  float black_code;                             ///< The code of black.
  float u_r, u_g, u_b, v_r, v_g, v_b;           ///< Codes of chroma per unit of the sum of Δ over a group.
  float neutral;                                ///< The code of no chroma.
  tone_terms tone;
  uint16_t black_step, straight_step;           ///< Luma of fine rows that is black, and the greatest that is not bent.
} yuv_terms;

/// `group` is the number of pixels whose Δ are summed up for a chroma sample.
static yuv_terms make_terms(const zdk_yuv_rows *p, int has_chroma, int group) {
  const zdk_matrix *m = &p->matrix;
  // What stands before the curve is linear in the codes: gain goes into its factors.
  const float gain = p->fine ? p->tone.gain : 1.0f;
  const float black = -m->y_offset * m->y_scale * gain;
  yuv_terms k = {.y = m->y_scale * gain, .black = black, .codes = 1.0f / m->y_scale, .black_code = m->y_offset,
                 .neutral = m->c_offset};
  k.r_0 = k.g_0 = k.b_0 = black;
  k.y_r = m->kr / m->y_scale;
  k.y_g = m->kg / m->y_scale;
  k.y_b = m->kb / m->y_scale;
  if (p->fine) {
    k.tone = make_tone(&p->tone, p->depth);
    const float straight_step = (k.tone.straight_to / k.y + m->y_offset) / k.tone.unit;
    k.black_step = (uint16_t)ceilf(m->y_offset / k.tone.unit);
    k.straight_step = (uint16_t)fminf(straight_step, INT16_MAX);
  }
  if (!has_chroma) return k;
  const float r_v = m->r_cr * m->c_scale, b_u = m->b_cb * m->c_scale;
  k.r_v = r_v * gain;
  k.g_u = m->g_cb * m->c_scale * gain;
  k.g_v = m->g_cr * m->c_scale * gain;
  k.b_u = b_u * gain;
  k.r_0 -= k.r_v * m->c_offset;
  k.g_0 -= (k.g_u + k.g_v) * m->c_offset;
  k.b_0 -= k.b_u * m->c_offset;
  // ΔCb = (ΔB − ΔY) / b_cb and ΔCr = (ΔR − ΔY) / r_cr, and of these the mean.
  const float u = 1.0f / (b_u * (float)group), v = 1.0f / (r_v * (float)group);
  k.u_r = -m->kr * u, k.u_g = -m->kg * u, k.u_b = (1.0f - m->kb) * u;
  k.v_r = (1.0f - m->kr) * v, k.v_g = -m->kg * v, k.v_b = -m->kb * v;
  return k;
}

/// Planar rows to enhance, one of several such: `count` pixels, the same for all, a multiple of ZDK_LANES; pixel 0 has its
/// curve at `curve_at`. Of fine rows, the first one is that of a chroma sample.
typedef struct {
  const void *y[2], *u, *v;
  void *y_out[2], *u_out, *v_out;
  const zdk_curve_row *curve;  ///< One per row.
  size_t curve_at, count;
} yuv_run;

#include "zdk_template_yuv_fine.h"

/// `wide`, `chroma` and `rows` are constants, `maps` and `iterations` where speed matters.
ZDK_INLINE void yuv_vectors(const yuv_run *runs, size_t lines, const zdk_yuv_rows *p, const yuv_terms *k, int wide, int chroma,
                            int rows, int maps, int iterations) {
  const __m128i shift = _mm_cvtsi32_si128(p->shift);
  const vf zero = vf_all(0.0f), half = vf_all(0.5f), one = vf_all(1.0f);
  const vf last = vf_all(greatest_code(p->depth) + 0.5f);

  for (const yuv_run *run = runs; run < runs + lines; run++) {
  for (size_t i = 0; i < run->count; i += ZDK_LANES) {
    const size_t ci = chroma == CHROMA_HALF ? i / 2 : i;
    vf code[2];
#pragma unroll
    for (int row = 0; row < rows; row++) code[row] = load_codes(run->y[row], i, wide, shift);
    vf u = zero, v = zero, halves = zero;
    if (chroma == CHROMA_HALF) {
      halves = wide ? load16_halves((const uint16_t *)run->u + ci, (const uint16_t *)run->v + ci, shift)
                    : load8_halves((const uint8_t *)run->u + ci, (const uint8_t *)run->v + ci);
      u = double_low(halves);
      v = double_high(halves);
    } else if (chroma == CHROMA_FULL) {
      u = load_codes(run->u, ci, wide, shift);
      v = load_codes(run->v, ci, wide, shift);
    }
    vf r_add = vf_all(k->r_0), g_add = vf_all(k->g_0), b_add = vf_all(k->b_0);
    if (chroma != CHROMA_NONE) {
      r_add = vf_fma(v, vf_all(k->r_v), r_add);
      g_add = vf_fma(u, vf_all(k->g_u), vf_fma(v, vf_all(k->g_v), g_add));
      b_add = vf_fma(u, vf_all(k->b_u), b_add);
    }

    vf sum_r = zero, sum_g = zero, sum_b = zero;
    const size_t at = run->curve_at + i;
    vf x[6], from[6];
#pragma unroll
    for (int row = 0; row < rows; row++) {
      const vf rgb[3] = {vf_fma(code[row], vf_all(k->y), r_add), vf_fma(code[row], vf_all(k->y), g_add),
                         vf_fma(code[row], vf_all(k->y), b_add)};
#pragma unroll
      for (int channel = 0; channel < 3; channel++) {
        const int index = 3 * row + channel;
        x[index] = from[index] = vf_clamp(rgb[channel], zero, one);
      }
    }
    if (rows == 2 && maps == 1 && ZDK_TOGETHER >= 6) {
      vf a[6];
#pragma unroll
      for (int index = 0; index < 6; index++) {
        const zdk_curve_row *c = run->curve + index / 3;
        a[index] = curve_map(c->upper[index % 3], c->lower[index % 3], vf_all(c->t), at);
      }
      bend_together(x, a, 6, iterations);
    } else {
#pragma unroll
      for (int row = 0; row < rows; row++) bend_channels(x + 3 * row, run->curve + row, maps, iterations, at);
    }
#pragma unroll
    for (int row = 0; row < rows; row++) {
      vf delta[3];
#pragma unroll
      for (int channel = 0; channel < 3; channel++) delta[channel] = x[3 * row + channel] - from[3 * row + channel];
      const vf dr = delta[0], dg = delta[1], db = delta[2];
      const vf y =
          vf_fma(dr, vf_all(k->y_r), vf_fma(dg, vf_all(k->y_g), vf_fma(db, vf_all(k->y_b), code[row] + half)));
      store_codes(run->y_out[row], i, y, wide, shift, last);
      sum_r = row == 0 ? dr : sum_r + dr;
      sum_g = row == 0 ? dg : sum_g + dg;
      sum_b = row == 0 ? db : sum_b + db;
    }
    if (chroma == CHROMA_NONE) continue;

    const vf du = vf_fma(sum_r, vf_all(k->u_r), vf_fma(sum_g, vf_all(k->u_g), sum_b * vf_all(k->u_b)));
    const vf dv = vf_fma(sum_r, vf_all(k->v_r), vf_fma(sum_g, vf_all(k->v_g), sum_b * vf_all(k->v_b)));
    if (chroma == CHROMA_FULL) {
      store_codes(run->u_out, ci, u + half + du, wide, shift, last);
      store_codes(run->v_out, ci, v + half + dv, wide, shift, last);
    } else {
      const vf rounded = halves + half + pair_sums(du, dv);
      if (wide) {
        store16_halves((uint16_t *)run->u_out + ci, (uint16_t *)run->v_out + ci, vf_clamp(rounded, zero, last), shift);
      } else {
        store8_halves((uint8_t *)run->u_out + ci, (uint8_t *)run->v_out + ci, rounded);
      }
    }
  }  }
}

/// `yuv_vectors` or `fine_vectors` with constants for the shapes that occur; `fine`, `wide`, `maps` and `iterations` as
/// there.
ZDK_INLINE void yuv_shape(const yuv_run *runs, size_t lines, const zdk_yuv_rows *p, const yuv_terms *k, int fine, int wide,
                          int chroma, int rows, int maps, int iterations) {
  if (fine) {
    fine_vectors(runs, lines, p, k, wide, chroma, rows, maps, iterations);
  } else {
    yuv_vectors(runs, lines, p, k, wide, chroma, rows, maps, iterations);
  }
}

ZDK_INLINE void yuv_shapes(const yuv_run *runs, size_t lines, const zdk_yuv_rows *p, const yuv_terms *k, int fine,
                           int wide, int maps, int iterations) {
  if (runs->u == NULL) {
    yuv_shape(runs, lines, p, k, fine, wide, CHROMA_NONE, 1, maps, iterations);
    for (size_t line = 0; p->rows == 2 && line < lines; line++) {
      yuv_run second = runs[line];
      second.y[0] = second.y[1], second.y_out[0] = second.y_out[1], second.curve++;
      yuv_shape(&second, 1, p, k, fine, wide, CHROMA_NONE, 1, maps, iterations);
    }
  } else if (p->chroma_shift_x && p->rows == 2) {
    yuv_shape(runs, lines, p, k, fine, wide, CHROMA_HALF, 2, maps, iterations);
  } else if (p->chroma_shift_x) {
    yuv_shape(runs, lines, p, k, fine, wide, CHROMA_HALF, 1, maps, iterations);
  } else if (p->rows == 2) {
    yuv_shape(runs, lines, p, k, fine, wide, CHROMA_FULL, 2, maps, iterations);
  } else {
    yuv_shape(runs, lines, p, k, fine, wide, CHROMA_FULL, 1, maps, iterations);
  }
}

/// `yuv_shapes` with constants for the depths and maps that occur.
ZDK_INLINE void yuv_depths(const yuv_run *runs, size_t lines, const zdk_yuv_rows *p, const yuv_terms *k, int fine) {
  const int wide = p->depth != 8, usual = p->maps == 1 && p->iterations == 8;
  if (usual && !wide) {
    yuv_shapes(runs, lines, p, k, fine, 0, 1, 8);
  } else if (usual) {
    yuv_shapes(runs, lines, p, k, fine, 1, 1, 8);
  } else if (!wide) {
    yuv_shapes(runs, lines, p, k, fine, 0, p->maps, p->iterations);
  } else {
    yuv_shapes(runs, lines, p, k, fine, 1, p->maps, p->iterations);
  }
}

/// Enhances `lines` runs.
static void yuv_planar(const yuv_run *runs, size_t lines, const zdk_yuv_rows *p, const yuv_terms *k) {
  if (p->fine) {
    yuv_depths(runs, lines, p, k, 1);
  } else {
    yuv_depths(runs, lines, p, k, 0);
  }
}

#include "zdk_template_yuv_tile.h"
