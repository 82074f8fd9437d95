// Packed and semi-planar YUV, and the ends of rows, by way of planar tiles. Part of zdk_template_yuv.h.

/// A planar copy of up to ZDK_TILE pixels of each row.
typedef struct {
  tile_plane y[2], u, v;
} yuv_tile;

/// Writes `n` chroma samples of a tile to `u`, `v`; `step` as `c_step`.
static void put_chroma(void *u, void *v, const yuv_tile *tile, int step, int n, int wide) {
  const ptrdiff_t v_behind_u = distance(u, v, wide);
  if (step == 2 && v_behind_u == 1) {
    weave2(u, &tile->u, &tile->v, n, wide);
  } else if (step == 2 && v_behind_u == -1) {
    weave2(v, &tile->v, &tile->u, n, wide);
  } else {
    scatter(u, &tile->u, step, n, wide);
    scatter(v, &tile->v, step, n, wide);
  }
}

/// Writes an even number `n` of pixels of packed 4:2:2 whose first samples stand at `y`, `u`, `v`. Returns 0, with
/// nothing written, where the samples are not packed so.
static int put_packed(void *y, void *u, void *v, const yuv_tile *tile, const zdk_yuv_rows *p, int n, int wide) {
  const ptrdiff_t v_behind_u = distance(u, v, wide);
  if (p->rows != 1 || !p->chroma_shift_x || p->y_step != 2 || p->c_step != 4) return 0;
  if (v_behind_u != 2 && v_behind_u != -2) return 0;
  const int u_first = v_behind_u == 2;
  const ptrdiff_t y_behind_c = distance(u_first ? u : v, y, wide);
  if (y_behind_c != 1 && y_behind_c != -1) return 0;

  tile_plane chroma;
  weave2(&chroma, u_first ? &tile->u : &tile->v, u_first ? &tile->v : &tile->u, n / 2, wide);
  if (y_behind_c == 1) {
    weave2(u_first ? u : v, &chroma, &tile->y[0], n, wide);
  } else {
    weave2(y, &tile->y[0], &chroma, n, wide);
  }
  return 1;
}

/// Columns of which a kernel works on whole multiples.
static size_t yuv_step(const zdk_yuv_rows *p) {
  return p->fine && p->u != NULL && p->chroma_shift_x ? 2 * ZDK_LANES : ZDK_LANES;
}

/// Where the curve of pixel `at` is.
ZDK_INLINE size_t curve_of(const zdk_yuv_rows *p, size_t at) {
  return p->fine && p->u != NULL && p->chroma_shift_x ? at / 2 : at;
}

/// Enhances pixels `at` .. `at` + `n`, n <= ZDK_TILE and `at` even, by way of planar copies. `wide` is constant.
ZDK_INLINE void yuv_through_tile(const zdk_yuv_rows *p, const yuv_terms *k, size_t at, int n, int wide) {
  yuv_tile tile, out;
  const int in_wide = p->fine || wide, y_step = p->fine ? 1 : p->y_step, c_step = p->fine ? 1 : p->c_step;
  const int has_chroma = p->u != NULL, shift_x = has_chroma && p->chroma_shift_x;
  const int cn = (n + shift_x) >> shift_x;
  const ptrdiff_t y_at = (ptrdiff_t)at * p->y_step, c_at = (ptrdiff_t)(at >> shift_x) * p->c_step;

  // Repeating the last column makes the mean of the last chroma sample, where the width is odd, that of its one
  // column.
  for (int row = 0; row < p->rows; row++) {
    gather(&tile.y[row], sample_at(p->y[row], (ptrdiff_t)at * y_step, in_wide), y_step, n, in_wide);
    pad_plane(&tile.y[row], n, in_wide);
  }
  if (has_chroma) {
    const ptrdiff_t c_from = (ptrdiff_t)(at >> shift_x) * c_step;
    gather(&tile.u, sample_at(p->u, c_from, in_wide), c_step, cn, in_wide);
    gather(&tile.v, sample_at(p->v, c_from, in_wide), c_step, cn, in_wide);
    pad_plane(&tile.u, cn, in_wide);
    pad_plane(&tile.v, cn, in_wide);
  }

  const int step = (int)yuv_step(p), whole = n / step * step;
  yuv_run run = {.curve = p->curve, .curve_at = curve_of(p, at), .count = (size_t)whole};
  for (int row = 0; row < p->rows; row++) run.y[row] = &tile.y[row], run.y_out[row] = &out.y[row];
  if (has_chroma) {
    run.u = &tile.u, run.u_out = &out.u;
    run.v = &tile.v, run.v_out = &out.v;
  }
  yuv_planar(&run, 1, p, k);
  if (whole < n) {
    zdk_curve_row padded[2];
    curve_room room[2];
    const size_t curve_at = curve_of(p, at + (size_t)whole);
    const int left = p->fine && shift_x ? cn - (whole >> shift_x) : n - whole;
    for (int row = 0; row < p->rows; row++) {
      if (row == 0 || !p->fine || !has_chroma) pad_curve(&padded[row], room[row], &p->curve[row], p->maps, curve_at, left);
      run.y[row] = sample_at(&tile.y[row], whole, in_wide);
      run.y_out[row] = sample_out(&out.y[row], whole, wide);
    }
    if (has_chroma) {
      const int c_whole = whole >> shift_x;
      run.u = sample_at(&tile.u, c_whole, in_wide), run.u_out = sample_out(&out.u, c_whole, wide);
      run.v = sample_at(&tile.v, c_whole, in_wide), run.v_out = sample_out(&out.v, c_whole, wide);
    }
    run.curve = padded, run.curve_at = 0, run.count = (size_t)step;
    yuv_planar(&run, 1, p, k);
  }

  void *u = has_chroma ? sample_out(p->u_out, c_at, wide) : NULL;
  void *v = has_chroma ? sample_out(p->v_out, c_at, wide) : NULL;
  // The last pixel of an odd number has no partner to fill its half of a packed group.
  if (has_chroma && n % 2 == 0 && put_packed(sample_out(p->y_out[0], y_at, wide), u, v, &out, p, n, wide)) return;
  for (int row = 0; row < p->rows; row++) {
    scatter(sample_out(p->y_out[row], y_at, wide), &out.y[row], p->y_step, n, wide);
  }
  if (has_chroma) put_chroma(u, v, &out, p->c_step, cn, wide);
}

/// Copies the columns of group `group` from the frame before. `wide` is constant.
ZDK_INLINE void copy_group(const zdk_yuv_rows *p, ptrdiff_t group, int wide) {
  const ptrdiff_t at = group * ZDK_DENOISE_GROUP;
  for (int row = 0; row < p->rows; row++) {
    memcpy(sample_out(p->y_out[row], at, wide), sample_at(p->y_before[row], at, wide), ZDK_DENOISE_GROUP << wide);
  }
  if (p->u == NULL) return;
  const size_t bytes = (size_t)(ZDK_DENOISE_GROUP << wide) >> p->chroma_shift_x;
  const ptrdiff_t c_at = at >> p->chroma_shift_x;
  memcpy(sample_out(p->u_out, c_at, wide), sample_at(p->u_before, c_at, wide), bytes);
  memcpy(sample_out(p->v_out, c_at, wide), sample_at(p->v_before, c_at, wide), bytes);
}

/// Enhances columns `from` ..< `to` of planar rows: whole steps.
static void yuv_columns(const zdk_yuv_rows *rows, size_t count, const yuv_terms *k, ptrdiff_t from, ptrdiff_t to,
                        int wide) {
  const int in_wide = rows->fine || wide;
  const ptrdiff_t c = from >> rows->chroma_shift_x;
  yuv_run runs[ZDK_YUV_GROUPS];
  for (size_t line = 0; line < count; line++) {
    const zdk_yuv_rows *p = &rows[line];
    runs[line] = (yuv_run){.curve = p->curve, .curve_at = curve_of(p, (size_t)from), .count = (size_t)(to - from)};
    for (int row = 0; row < p->rows; row++) {
      runs[line].y[row] = sample_at(p->y[row], from, in_wide);
      runs[line].y_out[row] = sample_out(p->y_out[row], from, wide);
    }
    if (p->u == NULL) continue;
    runs[line].u = sample_at(p->u, c, in_wide), runs[line].u_out = sample_out(p->u_out, c, wide);
    runs[line].v = sample_at(p->v, c, in_wide), runs[line].v_out = sample_out(p->v_out, c, wide);
  }
  yuv_planar(runs, count, rows, k);
}

/// The first `to` columns of planar rows, whole steps, but for those that are held.
static void yuv_groups(const zdk_yuv_rows *rows, size_t count, const yuv_terms *k, ptrdiff_t to, int wide) {
  const uint8_t *held = rows->held;
  if (held == NULL) return yuv_columns(rows, count, k, 0, to, wide);
  // Behind the last whole group nothing is held.
  const ptrdiff_t groups = rows->width / ZDK_DENOISE_GROUP;
  for (ptrdiff_t first = 0, end; first < groups; first = end) {
    for (end = first; end < groups && held[end] == ZDK_MAKE;) end++;
    if (end > first) yuv_columns(rows, count, k, first * ZDK_DENOISE_GROUP, end * ZDK_DENOISE_GROUP, wide);
    for (; end < groups && held[end] != ZDK_MAKE; end++) {
      for (size_t line = 0; held[end] == ZDK_COPY && line < count; line++) {
        if (wide) {
          copy_group(&rows[line], end, 1);
        } else {
          copy_group(&rows[line], end, 0);
        }
      }
    }
  }
  if (groups * ZDK_DENOISE_GROUP < to) yuv_columns(rows, count, k, groups * ZDK_DENOISE_GROUP, to, wide);
}

static void enhance_yuv(const zdk_yuv_rows *rows, size_t count) {
  assert(count > 0 && count <= ZDK_YUV_GROUPS);
  const int has_chroma = rows->u != NULL, wide = rows->depth != 8;
  const yuv_terms k = make_terms(rows, has_chroma, rows->fine ? 1 : rows->rows * (rows->chroma_shift_x ? 2 : 1));
  const size_t width = (size_t)rows->width;
  size_t done = 0;
  if (rows->y_step == 1 && (!has_chroma || rows->c_step == 1)) {
    done = width / yuv_step(rows) * yuv_step(rows);
    yuv_groups(rows, count, &k, (ptrdiff_t)done, wide);
  }
  for (; done < width; done += ZDK_TILE) {
    const int n = width - done < ZDK_TILE ? (int)(width - done) : ZDK_TILE;
    for (size_t line = 0; line < count; line++) {
      if (wide) {
        yuv_through_tile(&rows[line], &k, done, n, 1);
      } else {
        yuv_through_tile(&rows[line], &k, done, n, 0);
      }
    }
  }
}
