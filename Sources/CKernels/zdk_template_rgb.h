// Enhancement of native RGB, included once per instruction set after its primitives and zdk_template_gather.h.

/// Planar rows to enhance: `count` pixels, a multiple of ZDK_LANES; pixel 0 has its curve at `curve_at`.
typedef struct {
  const void *in[3];
  void *out[3];
  const zdk_curve_row *curve;
  size_t curve_at, count;
} rgb_run;

/// How results are stored; from STORE_FLOAT on as floats, at last past the caches.
enum { STORE_NARROW, STORE_WIDE, STORE_FLOAT, STORE_STREAMED };

/// Stores a vector of one channel: `code` plus what the curve adds, both in codes.
ZDK_INLINE void rgb_store(void *out, size_t i, vf code, vf added, int store, __m128i shift, float greatest) {
  if (store >= STORE_FLOAT) {
    const vf value = vf_clamp((code + added) * vf_all(1.0f / greatest), vf_all(0.0f), vf_all(1.0f));
    if (store == STORE_STREAMED) {
      vf_stream((float *)out + i, value);
    } else {
      vf_store((float *)out + i, value);
    }
  } else {
    store_codes(out, i, code + vf_all(0.5f) + added, store == STORE_WIDE, shift, vf_all(greatest + 0.5f));
  }
}

/// `store` is constant, `maps` and `iterations` where speed matters.
ZDK_INLINE void rgb_vectors(const rgb_run *run, const zdk_rgb_row *p, int store, int maps, int iterations) {
  const __m128i shift = _mm_cvtsi32_si128(p->shift);
  const float greatest = greatest_code(p->depth);
  const vf scale = vf_all(1.0f / greatest), max = vf_all(greatest);
  const vf zero = vf_all(0.0f), one = vf_all(1.0f);

  for (size_t i = 0; i < run->count; i += ZDK_LANES) {
    vf code[3], from[3], x[3];
#pragma unroll
    for (int c = 0; c < 3; c++) {
      code[c] = load_codes(run->in[c], i, store == STORE_WIDE, shift);
      x[c] = from[c] = vf_clamp(code[c] * scale, zero, one);
    }
    bend_channels(x, run->curve, maps, iterations, run->curve_at + i);
    // Loads come first: what is stored may be what was read.
#pragma unroll
    for (int c = 0; c < 3; c++) rgb_store(run->out[c], i, code[c], (x[c] - from[c]) * max, store, shift, greatest);
  }
}

/// The same from fine rows, with `tone`.
ZDK_INLINE void rgb_fine(const rgb_run *run, const zdk_rgb_row *p, int store, int maps, int iterations) {
  const int32_t depth = store >= STORE_FLOAT ? 8 : p->depth;
  const tone_terms tone = make_tone(&p->tone, depth);
  const __m128i shift = _mm_cvtsi32_si128(p->shift), no_shift = _mm_setzero_si128();
  const float greatest = greatest_code(depth);
  const vf max = vf_all(greatest);
  const vf unit = vf_all(tone.unit), twice = vf_all(2.0f * tone.unit), neutral = vf_all(-(float)(1 << depth));
  const vf gain = vf_all(p->tone.gain / greatest);

  for (size_t i = 0; i < run->count; i += ZDK_LANES) {
    const vf fine = load16((const uint16_t *)run->in[0] + i, no_shift), g = fine * unit;
    const vf kept = trust(fine, &tone);
    const vf r = vf_fma(vf_fma(load16((const uint16_t *)run->in[1] + i, no_shift), twice, neutral), kept, g);
    const vf b = vf_fma(vf_fma(load16((const uint16_t *)run->in[2] + i, no_shift), twice, neutral), kept, g);
    const vf code[3] = {r, g, b};
    vf from[3], x[3];
#pragma unroll
    for (int c = 0; c < 3; c++) x[c] = code[c] * gain;
    roll_off(x, from, &tone);
    bend_channels(x, run->curve, maps, iterations, run->curve_at + i);
#pragma unroll
    for (int c = 0; c < 3; c++) rgb_store(run->out[c], i, code[c], (x[c] - from[c]) * max, store, shift, greatest);
  }
}

/// `rgb_vectors` and `rgb_fine` with constants for what occurs. Floats are made of fine rows only.
ZDK_INLINE void rgb_stores(const rgb_run *run, const zdk_rgb_row *p, int store) {
  const int usual = p->maps == 1 && p->iterations == 8;
  if (store >= STORE_FLOAT || p->fine) {
    if (usual) {
      rgb_fine(run, p, store, 1, 8);
    } else {
      rgb_fine(run, p, store, p->maps, p->iterations);
    }
  } else if (usual) {
    rgb_vectors(run, p, store, 1, 8);
  } else {
    rgb_vectors(run, p, store, p->maps, p->iterations);
  }
}

static void rgb_planar(const rgb_run *run, const zdk_rgb_row *p) {
  if (p->depth == 8) {
    rgb_stores(run, p, STORE_NARROW);
  } else {
    rgb_stores(run, p, STORE_WIDE);
  }
}

static void enhance_float(const zdk_rgb_row *p) {
  const size_t width = (size_t)p->width, whole = width / ZDK_LANES * ZDK_LANES;
  rgb_run run = {.curve = &p->curve, .count = whole};
  for (int c = 0; c < 3; c++) run.in[c] = p->rgb[c], run.out[c] = p->rgb_out[c];
  const uintptr_t misaligned = ((uintptr_t)run.out[0] | (uintptr_t)run.out[1] | (uintptr_t)run.out[2]) % 64;
  if (p->streamed && !misaligned) {
    rgb_stores(&run, p, STORE_STREAMED);
  } else {
    rgb_stores(&run, p, STORE_FLOAT);
  }
  const int left = (int)(width - whole);
  if (left == 0) return;

  zdk_curve_row padded;
  curve_room room;
  uint16_t in[3][ZDK_LANES] = {{0}};
  float out[3][ZDK_LANES];
  pad_curve(&padded, room, &p->curve, p->maps, whole, left);
  for (int c = 0; c < 3; c++) {
    memcpy(in[c], (const uint16_t *)p->rgb[c] + whole, (size_t)left * sizeof in[c][0]);
    run.in[c] = in[c], run.out[c] = out[c];
  }
  run.curve = &padded, run.curve_at = 0, run.count = ZDK_LANES;
  rgb_stores(&run, p, STORE_FLOAT);
  for (int c = 0; c < 3; c++) memcpy((float *)p->rgb_out[c] + whole, out[c], (size_t)left * sizeof out[c][0]);
}

/// Enhances pixels `at` .. `at` + `n`, n <= ZDK_TILE, by way of planar copies.
ZDK_INLINE void rgb_tile(const zdk_rgb_row *p, size_t at, int n, int wide) {
  tile_plane in[3], planes[3];
  const int in_wide = p->fine || wide;
  const ptrdiff_t first = (ptrdiff_t)at * p->step;
  const int packed = p->step == 3 || p->step == 4;

  // The channel that comes first in memory, and whether the other two stand right behind it.
  int order[3] = {0, 1, 2};
  const ptrdiff_t g = distance(p->rgb_out[0], p->rgb_out[1], wide), b = distance(p->rgb_out[0], p->rgb_out[2], wide);
  const int forward = packed && g == 1 && b == 2, backward = packed && g == -1 && b == -2;
  if (backward) order[0] = 2, order[2] = 0;

  if (p->fine) {
    for (int c = 0; c < 3; c++) gather(&in[c], sample_at(p->rgb[c], (ptrdiff_t)at, 1), 1, n, 1);
  } else if (forward || backward) {
    unweave3(&in[order[0]], &in[1], &in[order[2]], sample_at(p->rgb[order[0]], first, wide), p->step, n,
             wide);
  } else {
    for (int c = 0; c < 3; c++) gather(&in[c], sample_at(p->rgb[c], first, wide), p->step, n, wide);
  }
  for (int c = 0; c < 3; c++) pad_plane(&in[c], n, in_wide);

  rgb_run run = {.curve = &p->curve, .curve_at = at, .count = (size_t)(n / ZDK_LANES * ZDK_LANES)};
  for (int c = 0; c < 3; c++) run.in[c] = &in[c], run.out[c] = &planes[c];
  rgb_planar(&run, p);
  if (run.count < (size_t)n) {
    zdk_curve_row padded;
    curve_room room;
    pad_curve(&padded, room, &p->curve, p->maps, at + run.count, n - (int)run.count);
    const ptrdiff_t whole = (ptrdiff_t)run.count;
    for (int c = 0; c < 3; c++) {
      run.in[c] = sample_at(&in[c], whole, in_wide);
      run.out[c] = sample_out(&planes[c], whole, wide);
    }
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
