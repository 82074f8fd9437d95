// Enhancement of native RGB, included once per instruction set after its primitives and zdk_template_gather.h.

/// Planar rows to enhance: `count` pixels, a multiple of ZDK_LANES; pixel 0 has its curve at `curve_at`.
typedef struct {
  const void *in[3];
  void *out[3];
  const zdk_curve_row *curve;
  size_t curve_at, count;
} rgb_run;

/// `wide` is constant, `maps` and `iterations` where speed matters.
ZDK_INLINE void rgb_vectors(const rgb_run *run, const zdk_rgb_row *p, int wide, int maps, int iterations) {
  const __m128i shift = _mm_cvtsi32_si128(p->shift);
  const float greatest = greatest_code(p->depth);
  const vf scale = vf_all(1.0f / greatest), max = vf_all(greatest), last = vf_all(greatest + 0.5f);
  const vf zero = vf_all(0.0f), half = vf_all(0.5f), one = vf_all(1.0f), t = vf_all(run->curve->t);

  for (size_t i = 0; i < run->count; i += ZDK_LANES) {
    vf rounded[3];
#pragma unroll
    for (int c = 0; c < 3; c++) {
      const vf code = load_codes(run->in[c], i, wide, shift);
      const vf x = vf_clamp(code * scale, zero, one);
      const vf bent =
          bend(x, run->curve->upper + c, run->curve->lower + c, 3, t, maps, iterations, run->curve_at + i);
      rounded[c] = vf_fma(bent - x, max, code + half);
    }
#pragma unroll
    for (int c = 0; c < 3; c++) store_codes(run->out[c], i, rounded[c], wide, shift, last);
  }
}

/// `rgb_vectors` with constants for what occurs.
static void rgb_planar(const rgb_run *run, const zdk_rgb_row *p) {
  if (p->maps == 1 && p->iterations == 8) {
    if (p->depth == 8) {
      rgb_vectors(run, p, 0, 1, 8);
    } else {
      rgb_vectors(run, p, 1, 1, 8);
    }
  } else {
    if (p->depth == 8) {
      rgb_vectors(run, p, 0, p->maps, p->iterations);
    } else {
      rgb_vectors(run, p, 1, p->maps, p->iterations);
    }
  }
}

/// Enhances pixels `at` .. `at` + `n`, n <= ZDK_TILE, by way of a planar copy.
ZDK_INLINE void rgb_tile(const zdk_rgb_row *p, size_t at, int n, int wide) {
  tile_plane planes[3];
  const ptrdiff_t first = (ptrdiff_t)at * p->step;
  const int packed = p->step == 3 || p->step == 4;

  // The channel that comes first in memory, and whether the other two stand right behind it.
  int order[3] = {0, 1, 2};
  const ptrdiff_t g = distance(p->rgb[0], p->rgb[1], wide), b = distance(p->rgb[0], p->rgb[2], wide);
  const int forward = packed && g == 1 && b == 2, backward = packed && g == -1 && b == -2;
  if (backward) order[0] = 2, order[2] = 0;

  if (forward || backward) {
    unweave3(&planes[order[0]], &planes[1], &planes[order[2]], sample_at(p->rgb[order[0]], first, wide), p->step, n,
             wide);
  } else {
    for (int c = 0; c < 3; c++) gather(&planes[c], sample_at(p->rgb[c], first, wide), p->step, n, wide);
  }
  for (int c = 0; c < 3; c++) pad_plane(&planes[c], n, wide);

  rgb_run run = {.curve = &p->curve, .curve_at = at, .count = (size_t)(n / ZDK_LANES * ZDK_LANES)};
  for (int c = 0; c < 3; c++) run.in[c] = run.out[c] = &planes[c];
  rgb_planar(&run, p);
  if (run.count < (size_t)n) {
    zdk_curve_row padded;
    curve_room room;
    pad_curve(&padded, room, &p->curve, p->maps, at + run.count, n - (int)run.count);
    for (int c = 0; c < 3; c++) run.in[c] = run.out[c] = sample_out(&planes[c], (ptrdiff_t)run.count, wide);
    run.curve = &padded, run.curve_at = 0, run.count = ZDK_LANES;
    rgb_planar(&run, p);
  }

  // A fourth component, if there is one, is not ours to write: hence sample by sample then.
  if (p->step == 3 && (forward || backward)) {
    weave3(sample_out(p->rgb_out[order[0]], first, wide), &planes[order[0]], &planes[1], &planes[order[2]], n, wide);
  } else {
    for (int c = 0; c < 3; c++) scatter(sample_out(p->rgb_out[c], first, wide), &planes[c], p->step, n, wide);
  }
}

static void enhance_rgb(const zdk_rgb_row *p) {
  const int wide = p->depth != 8;
  size_t done = 0;
  const size_t width = (size_t)p->width;
  if (p->step == 1) {
    done = width / ZDK_LANES * ZDK_LANES;
    rgb_run run = {.curve = &p->curve, .count = done};
    for (int c = 0; c < 3; c++) run.in[c] = p->rgb[c], run.out[c] = p->rgb_out[c];
    rgb_planar(&run, p);
  }
  for (; done < width; done += ZDK_TILE) {
    const int n = width - done < ZDK_TILE ? (int)(width - done) : ZDK_TILE;
    if (wide) {
      rgb_tile(p, done, n, 1);
    } else {
      rgb_tile(p, done, n, 0);
    }
  }
}
