// Denoising on 16-bit fixed-point samples, included once per instruction set after its primitives.
//
// Whole vectors only: rows are padded to ZDK_DENOISE_BLOCK samples, so there are no remainders.

/// `row` smoothed at sample `i`; `sparse` is constant.
ZDK_INLINE vi smoothed(const uint16_t *row, const uint16_t *const around[4], const ptrdiff_t taps[4], ptrdiff_t i,
                       vi reaches, int sparse) {
  const vi centre = vi_load(row + i);
  const vi reach = vi_looked_up(reaches, centre);
  vi sum = vi_all(0);
#pragma unroll
  for (int k = 0; k < 4; k++) {
#pragma unroll
    for (int side = -1; side <= 1; side += 2) {
      if (sparse && !is_sparse(k, side)) continue;
      const vi_difference d = vi_apart(vi_load(around[k] + i + side * taps[k]), centre);
      sum = vi_add(sum, vi_signed(vi_min(d.size, vi_less(reach, d.size)), d));
    }
  }
  return vi_add(centre, vi_product(sum, vi_all(sparse ? ZDK_FIFTH : ZDK_NINTH)));
}

/// What the passes over a row share.
typedef struct {
  uint16_t *smooth, *change, *moved;
  ptrdiff_t count;  ///< Samples of a row with its last block.
} denoise_room;

/// The same of `ZDK_BYTES` samples of narrow rows, in two vectors.
ZDK_INLINE void smoothed_bytes(const uint8_t *row, const uint8_t *const around[4], const ptrdiff_t taps[4], ptrdiff_t i,
                               vi reaches, int sparse, vi *first, vi *second) {
  const vb centre = vb_load(row + i);
  const vb reach = vb_looked_up(reaches, centre);
  vb plus = vb_less(centre, centre), minus = plus;
#pragma unroll
  for (int k = 0; k < 4; k++) {
#pragma unroll
    for (int side = -1; side <= 1; side += 2) {
      if (sparse && !is_sparse(k, side)) continue;
      const vb other = vb_load(around[k] + i + side * taps[k]);
      // One of them is 0.
      const vb above = vb_less(other, centre), below = vb_less(centre, other);
      const vb left = vb_less(reach, vb_or(above, below));
      plus = vb_add(plus, vb_min(above, left));
      minus = vb_add(minus, vb_min(below, left));
    }
  }
  vb_fine(centre, plus, minus, sparse ? ZDK_FIFTH : ZDK_NINTH, first, second);
}

/// Smooths samples `from` ..< `to`, which are whole groups, and compares them with their history; `sparse` and `narrow`
/// are constant. Others of their blocks may be smoothed as well.
ZDK_INLINE void smooth_run(const zdk_denoise_row *p, const denoise_room *room, ptrdiff_t from, ptrdiff_t to,
                           int sparse, int narrow) {
  const vi reaches = vi_table(p->reach);
  // Copies, so that stores need not be assumed to change them.
  const void *row = p->row, *const around[4] = {p->around[0], p->around[1], p->around[2], p->around[3]};
  const uint16_t *history = p->history;
  const ptrdiff_t taps[4] = {p->far, p->near, p->near, p->far};
  uint16_t *smooth = room->smooth, *change = room->change;
  for (ptrdiff_t i = from; i < to; i += narrow ? ZDK_BYTES : ZDK_WORDS) {
    // The history was last touched a frame ago; its next row follows.
    __builtin_prefetch(history + i + room->count, 1);
    if (narrow && ZDK_BYTES == 64) __builtin_prefetch(history + i + room->count + 32, 1);
    if (!narrow) {
      const vi x = smoothed(row, (const uint16_t *const *)around, taps, i, reaches, sparse);
      vi_store(smooth + i, x);
      vi_store(change + i, vi_size(vi_sub(x, vi_load(history + i))));
      continue;
    }
    // A vector of bytes may be longer than a group: the last one of the row begins earlier.
    const ptrdiff_t at = i + ZDK_BYTES <= room->count ? i : room->count - ZDK_BYTES;
    vi x[2];
    smoothed_bytes(row, (const uint8_t *const *)around, taps, at, reaches, sparse, &x[0], &x[1]);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const ptrdiff_t place = at + half * ZDK_WORDS;
      vi_store(smooth + place, x[half]);
      vi_store(change + place, vi_size(vi_sub(x[half], vi_load(history + place))));
    }
  }
}

/// Finds the share of motion of each sample.
ZDK_INLINE void motion_run(const zdk_denoise_row *p, const denoise_room *room, ptrdiff_t from, ptrdiff_t to) {
  uint16_t *change = room->change, *moved = room->moved;
  change[from - 1] = change[from - 2] = change[from];
  change[to] = change[to + 1] = change[to - 1];
  const vi still = vi_all(p->still), range = vi_all(p->range);
  const vi gain = vi_all((uint16_t)(32767 / p->range));
  for (ptrdiff_t i = from; i < to; i += ZDK_WORDS) {
    vi motion = vi_load(change + i);
#pragma unroll
    for (int side = 1; side <= 2; side++) {
      motion = vi_sum(motion, vi_sum(vi_load(change + i - side), vi_load(change + i + side)));
    }
    vi_store(moved + i, vi_low_product(vi_min(vi_less(motion, still), range), gain));
  }
  for (ptrdiff_t i = 1; i <= 2 * ZDK_MOTION_STEP; i++) moved[from - i] = moved[from], moved[to - 1 + i] = moved[to - 1];
}

/// Moves the history towards the smoothed samples; `is_tiled` is constant.
ZDK_INLINE void history_run(const zdk_denoise_row *p, const denoise_room *room, ptrdiff_t from, ptrdiff_t to,
                            int is_tiled) {
  const uint16_t *moved = room->moved, *smooth = room->smooth;
  uint16_t *history = p->history, *drifts = (uint16_t *)p->drift, *recents = p->recent, *unrests = p->unrest;
  for (ptrdiff_t group = from / ZDK_DENOISE_GROUP; group < to / ZDK_DENOISE_GROUP; group++) {
    const int32_t left = remembered_motion(p, group);
    const vi least = vi_all((uint16_t)least_share(p, group, left));
    vi most = vi_all(0);
#pragma unroll
    for (ptrdiff_t k = 0; k < ZDK_DENOISE_GROUP; k += ZDK_WORDS) {
      const ptrdiff_t i = group * ZDK_DENOISE_GROUP + k;
      const vi here = vi_load(moved + i);
      const vi before = vi_max(vi_load(moved + i - 2 * ZDK_MOTION_STEP), vi_load(moved + i - ZDK_MOTION_STEP));
      const vi behind = vi_max(vi_load(moved + i + ZDK_MOTION_STEP), vi_load(moved + i + 2 * ZDK_MOTION_STEP));
      const vi above = vi_less(vi_max(before, behind), vi_all(ZDK_DOUBTFUL_MOTION));
      const vi share = vi_max(vi_max(here, vi_add(above, above)), least);
      const vi old = vi_load(history + i);
      most = vi_max(most, here);
      const vi step = vi_product(vi_sub(vi_load(smooth + i), old), share);
      vi_store(history + i, vi_add(old, step));
      if (is_tiled) vi_store(drifts + i, vi_signed_sum(vi_load(drifts + i), step));
    }
    // Where hardly anything moves, that is soon seen, and what the greatest share is makes no difference.
    const int32_t known = !is_tiled || left > unrests[group] ? left : unrests[group];
    int32_t greatest = 0;
    if (known > ZDK_DOUBTFUL_MOTION || vi_exceeds(most, vi_all((uint16_t)known))) greatest = vi_greatest(most);
    recents[group] = recent_motion(greatest, left);
    if (is_tiled) unrests[group] = (uint16_t)(greatest > known ? greatest : known);
  }
}

static void denoise(const zdk_denoise_row *p) {
  assert((p->drift == NULL) == (p->unrest == NULL));
  const ptrdiff_t blocks = (p->count + ZDK_DENOISE_BLOCK - 1) / ZDK_DENOISE_BLOCK;
  const ptrdiff_t count = blocks * ZDK_DENOISE_BLOCK, groups = count / ZDK_DENOISE_GROUP;
  denoise_room room = {.smooth = p->scratch, .count = count};
  room.change = room.smooth + count + ZDK_DENOISE_BLOCK;
  room.moved = room.change + count + ZDK_DENOISE_BLOCK;
  // Pass by pass over the whole row: what a pass has just stored could not be loaded from other places at once; and what
  // it stores beyond a run must not touch what the next pass lays about it.
  ptrdiff_t first, end;
  for (end = 0; next_run(p->states, groups, &first, &end);) {
    const ptrdiff_t from = first * ZDK_DENOISE_GROUP, to = end * ZDK_DENOISE_GROUP;
    if (p->sparse) {
      if (p->narrow) {
        smooth_run(p, &room, from, to, 1, 1);
      } else {
        smooth_run(p, &room, from, to, 1, 0);
      }
    } else if (p->narrow) {
      smooth_run(p, &room, from, to, 0, 1);
    } else {
      smooth_run(p, &room, from, to, 0, 0);
    }
  }
  for (end = 0; next_run(p->states, groups, &first, &end);) {
    motion_run(p, &room, first * ZDK_DENOISE_GROUP, end * ZDK_DENOISE_GROUP);
  }
  for (end = 0; next_run(p->states, groups, &first, &end);) {
    if (p->unrest != NULL) {
      history_run(p, &room, first * ZDK_DENOISE_GROUP, end * ZDK_DENOISE_GROUP, 1);
    } else {
      history_run(p, &room, first * ZDK_DENOISE_GROUP, end * ZDK_DENOISE_GROUP, 0);
    }
  }
}

/// `columns` is constant.
ZDK_INLINE void settle_tiles(const zdk_settle_row *p, size_t columns) {
  const size_t blocks = columns / ZDK_DRIFT_COLUMNS;
  const int16_t *restrict drift = p->drift;
  int32_t *restrict sums = p->sums;
  for (size_t tile = 0; tile < p->tiles; tile++) {
    int32_t most = 0;
#pragma unroll
    for (size_t block = tile * blocks; block < (tile + 1) * blocks; block++) {
      const int16_t *restrict at = drift + block * ZDK_DRIFT_COLUMNS;
      const int32_t sum = at[0] + at[1] + at[2] + at[3], drifted = sums[block] + sum;
      sums[block] = drifted;
      const int32_t size = drifted < 0 ? -drifted : drifted;
      most = size > most ? size : most;
    }
    int32_t change = 0;
    for (size_t x = tile * columns; x < (tile + 1) * columns; x++) {
      const int32_t size = drift[x] < 0 ? -drift[x] : drift[x];
      change = size > change ? size : change;
    }
    const int is_restful = p->unrest[tile * columns / ZDK_DENOISE_GROUP] <= p->restful;
    const int32_t rest = rest_after(p, tile, is_restful), is_rested = rest >= p->patience;
    p->calm[tile] = is_rested & (most <= p->unseen[p->levels[tile]]);
    p->settled[tile] = is_rested & (change <= p->settled_change[p->states[tile]]);
  }
}

static void settle(const zdk_settle_row *p) {
  if (p->columns == 32) {
    settle_tiles(p, 32);
  } else {
    settle_tiles(p, 16);
  }
}

/// `bytes` is constant.
ZDK_INLINE void fingerprint_tiles(const zdk_print_row *p, size_t bytes) {
  enum { MOST = 16 };
  const size_t words = bytes / 4;
  const ptrdiff_t rows = (ptrdiff_t)p->rows, stride = p->stride;
  uint64_t *restrict prints = p->prints;
  uint8_t *restrict states = p->states;
  for (size_t tile = 0; tile < p->tiles; tile++) {
    const uint8_t *at = p->plane + tile * bytes;
    uint32_t sums[MOST] = {0};
    for (ptrdiff_t row = 0; row < rows; row++) {
      // The next row of tiles follows; what a decoder wrote is far away.
      __builtin_prefetch(at + (row + rows) * stride);
      uint32_t samples[MOST];
      memcpy(samples, at + row * stride, bytes);
#pragma unroll
      for (size_t i = 0; i < words; i++) sums[i] = print_step(sums[i], samples[i]);
    }
    uint64_t print = 0;
#pragma unroll
    for (size_t i = 0; i < words; i++) print += (uint64_t)sums[i] * zdk_print_weights[i];
    states[tile] = prints[tile] == print;
    prints[tile] = print;
  }
}

static void fingerprint(const zdk_print_row *p) {
  if (p->bytes == 32) {
    fingerprint_tiles(p, 32);
  } else if (p->bytes == 16) {
    fingerprint_tiles(p, 16);
  } else {
    fingerprint_tiles(p, 64);
  }
  note_repeats(p);
}

/// Plain loops over whole blocks, of which clang makes vectors.
static void grain(uint16_t *restrict grain, uint16_t *restrict change, uint16_t *restrict level,
                  const uint16_t *restrict row, const uint16_t *restrict before, size_t count) {
  for (size_t block = 0; block < count / ZDK_GRAIN_BLOCK; block++) {
    const uint16_t *restrict x = row + block * ZDK_GRAIN_BLOCK;
    int32_t sum = 0, rough = 0, changed = 0;
    for (ptrdiff_t i = 0; i < ZDK_GRAIN_BLOCK; i++) {
      const int32_t off = 2 * x[i] - x[i - 1] - x[i + 1];
      sum += x[i];
      rough += off < 0 ? -off : off;
    }
    if (before != NULL) {
      const uint16_t *restrict old = before + block * ZDK_GRAIN_BLOCK;
      for (ptrdiff_t i = 0; i < ZDK_GRAIN_BLOCK; i++) {
        const int32_t difference = x[i] - old[i];
        changed += difference < 0 ? -difference : difference;
      }
    }
    grain[block] = grain_of(rough, changed, before != NULL);
    change[block] = (uint16_t)(changed / ZDK_GRAIN_BLOCK);
    level[block] = (uint16_t)(sum / ZDK_GRAIN_BLOCK);
  }
}
