// The reference for what zdk_template_denoise.h does: denoising, and what tells noise, motion and stillness apart. Part of
// zdk_plain.c.

/// a·b / 2^15, rounded.
static int32_t product(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }

// Where they say so, arguments are constant: without AVX2, this is what runs, and clang makes vectors of loops without
// choices in them.
#define ZDK_CONSTANT_INLINE static inline __attribute__((always_inline))

/// Sample `i` of a row, fine; `narrow` is constant.
ZDK_CONSTANT_INLINE int32_t decoded(const void *row, ptrdiff_t i, int narrow) {
  return narrow ? ((const uint8_t *)row)[i] << 7 : ((const uint16_t *)row)[i];
}

/// Sample `i` of the first of five rows smoothed; `narrow` and `sparse` are constant.
ZDK_CONSTANT_INLINE int32_t smoothed(const zdk_denoise_rows *p, const void *const rows[5], ptrdiff_t i, int narrow,
                                     int sparse) {
  const int32_t centre = decoded(rows[0], i, narrow);
  const int32_t reach = p->reach[(centre >> 11) & 15] << 7;
  int32_t sum = 0;
#pragma unroll
  for (int k = 0; k < 4; k++) {
    const ptrdiff_t column = k == 0 || k == 3 ? p->far : p->near;
#pragma unroll
    for (int side = -1; side <= 1; side += 2) {
      if (sparse && !is_sparse(k, side)) continue;
      const int32_t difference = decoded(rows[k + 1], i + side * column, narrow) - centre;
      const int32_t size = difference < 0 ? -difference : difference;
      const int32_t left = size < reach ? reach - size : 0;
      const int32_t part = size < left ? size : left;
      sum += difference < 0 ? -part : part;
    }
  }
  return centre + product(sum, sparse ? ZDK_FIFTH : ZDK_NINTH);
}

/// `i`, or the place in `from` ..< `to` that is next to it.
static ptrdiff_t within(ptrdiff_t i, ptrdiff_t from, ptrdiff_t to) { return i < from ? from : i < to ? i : to - 1; }

/// The sum of two numbers, held within 16 bits.
static int16_t sum16(int32_t a, int32_t b) {
  return (int16_t)(a + b < -32768 ? -32768 : a + b > 32767 ? 32767 : a + b);
}

/// Denoises groups `first` ..< `end` of a row, which have no neighbours; `narrow` and `sparse` are constant.
ZDK_CONSTANT_INLINE void denoise_run(const zdk_denoise_rows *p, ptrdiff_t row, ptrdiff_t first, ptrdiff_t end, int narrow,
                                     int sparse) {
  enum { COUNT = ZDK_DENOISE_GROUP };
  const ptrdiff_t from = first * COUNT, to = end * COUNT;
  uint16_t *restrict history = p->history + row * p->history_stride;
  uint16_t *restrict smooth = p->scratch, *restrict change = smooth + to, *restrict moved = change + to;
  for (ptrdiff_t group = first; group < end; group++) {
    group_copy copy;
    const group_place place = find_group(p, p->rows + 5 * row, group * COUNT, narrow, &copy);
    for (ptrdiff_t i = 0; i < COUNT; i++) {
      const int32_t value = smoothed(p, place.rows, place.column + i, narrow, sparse);
      const int32_t difference = value - history[group * COUNT + i];
      smooth[group * COUNT + i] = (uint16_t)value;
      change[group * COUNT + i] = (uint16_t)(difference < 0 ? -difference : difference);
    }
  }
  for (ptrdiff_t i = from; i < to; i++) {
    int32_t motion = 0;
    for (ptrdiff_t k = -2; k <= 2; k++) motion += change[within(i + k, from, to)];
    // The variants' sums stop at 65535.
    motion = (motion < 65535 ? motion : 65535) - p->still;
    motion = motion < 0 ? 0 : motion < p->range ? motion : p->range;
    moved[i] = (uint16_t)(motion * (32767 / p->range));
  }
  for (ptrdiff_t group = first; group < end; group++) {
    uint16_t *recent = p->recent + row * p->recent_stride + group;
    const int32_t known = p->motion == NULL ? 0 : p->motion[row * p->motion_stride + group];
    const int32_t rate = p->rates[p->states == NULL ? ZDK_NEW : p->states[group]];
    const int32_t left = remembered_motion(*recent, known), least = left > rate ? left : rate;
    int32_t most = 0;
    for (ptrdiff_t i = group * COUNT; i < (group + 1) * COUNT; i++) {
      int32_t share = moved[i] > least ? moved[i] : least;
      for (ptrdiff_t k = -2; k <= 2; k++) {
        const int32_t certain = k == 0 ? 0 : certain_motion(moved[within(i + k * ZDK_MOTION_STEP, from, to)]);
        share = share > certain ? share : certain;
      }
      most = moved[i] > most ? moved[i] : most;
      const int32_t step = product(smooth[i] - history[i], share);
      history[i] = (uint16_t)(history[i] + step);
      if (p->drift != NULL) p->drift[i] = sum16(row == 0 ? 0 : p->drift[i], step);
    }
    *recent = recent_motion(most, left);
    if (p->unrest == NULL) continue;
    const int32_t unrest = most > left ? most : left;
    if (row == 0 || unrest > p->unrest[group]) p->unrest[group] = (uint16_t)unrest;
  }
}

static void denoise(const zdk_denoise_rows *p) {
  assert((p->drift == NULL) == (p->unrest == NULL));
  const ptrdiff_t groups = (p->count + ZDK_DENOISE_GROUP - 1) / ZDK_DENOISE_GROUP;
  for (ptrdiff_t row = 0; row < p->height; row++) {
    group_queue queue = {.states = p->states, .groups = groups};
    for (ptrdiff_t group = next_group(&queue), end; group >= 0; group = end) {
      const ptrdiff_t first = group;
      for (end = next_group(&queue); end == group + 1; end = next_group(&queue)) group = end;
      if (p->narrow && p->sparse) {
        denoise_run(p, row, first, group + 1, 1, 1);
      } else if (p->narrow) {
        denoise_run(p, row, first, group + 1, 1, 0);
      } else if (p->sparse) {
        denoise_run(p, row, first, group + 1, 0, 1);
      } else {
        denoise_run(p, row, first, group + 1, 0, 0);
      }
    }
  }
}

/// Counts a frame in which a tile was at rest, or the end of its rest. Returns the frames that it is at rest.
static int32_t rest_after(const zdk_settle_row *p, ptrdiff_t tile, int is_restful) {
  const int32_t rest = is_restful ? p->rest[tile] + 1 : 0;
  return p->rest[tile] = (uint8_t)(rest < 255 ? rest : 255);
}

static void settle(const zdk_settle_row *p) {
  for (size_t tile = 0; tile < p->tiles; tile++) {
    if (p->states[tile] >= ZDK_WAITING) {
      // Its history was left as it is.
      const int is_rested = rest_after(p, (ptrdiff_t)tile, 1) >= p->patience;
      p->calm[tile] = 1;
      p->settled[tile] = is_rested && p->settled_change[p->states[tile]] >= 0;
      continue;
    }
    const int is_restful = p->unrest[tile * p->columns / ZDK_DENOISE_GROUP] <= p->restful;
    p->calm[tile] = p->settled[tile] = 0;
    if (rest_after(p, (ptrdiff_t)tile, is_restful) < p->patience) continue;
    int32_t most = 0, change = 0;
    for (size_t x = tile * p->columns; x < (tile + 1) * p->columns; x++) {
      p->sums[x / ZDK_DRIFT_COLUMNS] += p->drift[x];
      change = abs(p->drift[x]) > change ? abs(p->drift[x]) : change;
    }
    for (size_t x = tile * p->columns; x < (tile + 1) * p->columns; x += ZDK_DRIFT_COLUMNS) {
      const int32_t size = abs(p->sums[x / ZDK_DRIFT_COLUMNS]);
      most = size > most ? size : most;
    }
    p->calm[tile] = most <= p->unseen[p->levels[tile]];
    p->settled[tile] = change <= p->settled_change[p->states[tile]];
  }
}

static void fingerprint(zdk_print_row *p) {
  for (size_t tile = 0; tile < p->tiles; tile++) p->states[tile] = is_same_tile(p, tile);
  note_repeats(p);
}

static void grain(uint16_t *grain, uint16_t *change, uint16_t *level, const uint16_t *row, const uint16_t *before,
                  size_t count) {
  for (size_t block = 0; block < count / ZDK_GRAIN_BLOCK; block++) {
    int32_t sum = 0, rough = 0, changed = 0;
    for (size_t k = 0; k < ZDK_GRAIN_BLOCK; k++) {
      const ptrdiff_t i = (ptrdiff_t)(block * ZDK_GRAIN_BLOCK + k);
      sum += row[i];
      rough += abs(2 * row[i] - row[i - 1] - row[i + 1]);
      if (before != NULL) changed += abs(row[i] - before[i]);
    }
    grain[block] = grain_of(rough, changed, before != NULL);
    change[block] = (uint16_t)(changed / ZDK_GRAIN_BLOCK);
    level[block] = (uint16_t)(sum / ZDK_GRAIN_BLOCK);
  }
}
