// Denoising on 16-bit fixed-point samples, included once per instruction set after its primitives.
//
// Groups of columns go down their rows one after the other. What moves in a group also depends on its neighbours, so it is
// worked on in three steps, each a group behind the one before: what was stored a step ago can be loaded from other
// places, which at once it could not. A few groups are on their way at a time, and stay in the nearest cache.

/// Vectors of a group's samples; groups whose bytes make a vector.
enum { GROUP_VECTORS = ZDK_DENOISE_GROUP / ZDK_WORDS, GROUPS_TOGETHER = ZDK_BYTES / ZDK_DENOISE_GROUP };

/// Columns on either side of a group that matter to it.
enum { GROUP_EDGE = 2 * ZDK_MOTION_STEP };

/// Rows of a group, each with the edges of its neighbours before and behind it; where these are not worked on, of samples
/// that are what is next to them. Edges lie between the rows, which vectors reach whole.
typedef struct {
  uint16_t samples[(2 * ZDK_DENOISE_ROWS + 1) * ZDK_DENOISE_GROUP];
} edged_rows;

ZDK_INLINE uint16_t *edged_row(edged_rows *rows, ptrdiff_t row) {
  return rows->samples + (2 * row + 1) * ZDK_DENOISE_GROUP;
}

/// A group on its way.
typedef struct {
  _Alignas(64) edged_rows change;
  _Alignas(64) edged_rows moved;
  uint16_t smooth[ZDK_DENOISE_ROWS][ZDK_DENOISE_GROUP];
  ptrdiff_t number;
  /// Whether something in it is certain to move; the same, in its neighbours as well.
  int certain, certain_about;
  /// The greatest share of motion seen in each lane.
  vi most;
} moving_group;

/// Those that are on their way at a time; how many groups before its turn a group is fetched from memory.
enum { MOVING_GROUPS = 4, FETCHED_AHEAD = 4 };

/// A group of the first of five rows smoothed; `sparse` is constant.
ZDK_INLINE vg smoothed_words(group_place place, const ptrdiff_t taps[4], vi reaches, int sparse) {
  vg result;
#pragma unroll
  for (int part = 0; part < GROUP_VECTORS; part++) {
    const ptrdiff_t i = place.column + part * ZDK_WORDS;
    const vi centre = vi_load((const uint16_t *)place.rows[0] + i);
    const vi reach = vi_looked_up(reaches, centre);
    vi sum = vi_all(0);
#pragma unroll
    for (int k = 0; k < 4; k++) {
#pragma unroll
      for (int side = -1; side <= 1; side += 2) {
        if (sparse && !is_sparse(k, side)) continue;
        const vi_difference d = vi_apart(vi_load((const uint16_t *)place.rows[k + 1] + i + side * taps[k]), centre);
        sum = vi_add(sum, vi_signed(vi_min(d.size, vi_less(reach, d.size)), d));
      }
    }
    result.part[part] = vi_add(centre, vi_product(sum, vi_all(sparse ? ZDK_FIFTH : ZDK_NINTH)));
  }
  return result;
}

/// The same of `count` groups of bytes, which are next to each other if `is_run`; both are constant, too.
ZDK_INLINE void smoothed_bytes(const group_place places[], const ptrdiff_t taps[4], vi reaches, int sparse,
                               int count, int is_run, vg results[]) {
  const ptrdiff_t first = places[0].column, last = places[count - 1].column;
  const uint8_t *const *one = (const uint8_t *const *)places[0].rows;
  const uint8_t *const *other = (const uint8_t *const *)places[count - 1].rows;
  const vb centre = vb_load_groups(one[0] + first, other[0] + last, count, is_run);
  const vb reach = vb_looked_up(reaches, centre);
  vb_parts parts = vb_no_parts();
#pragma unroll
  for (int k = 0; k < 4; k++) {
#pragma unroll
    for (int side = -1; side <= 1; side += 2) {
      if (sparse && !is_sparse(k, side)) continue;
      const ptrdiff_t tap = side * taps[k];
      const vb neighbour = vb_load_groups(one[k + 1] + first + tap, other[k + 1] + last + tap, count, is_run);
      vb_add_part(&parts, neighbour, centre, reach);
    }
  }
  vi words[2];
  vb_fine(centre, parts, sparse ? ZDK_FIFTH : ZDK_NINTH, &words[0], &words[1]);
#pragma unroll
  for (int n = 0; n < count; n++) {
#pragma unroll
    for (int part = 0; part < GROUP_VECTORS; part++) results[n].part[part] = words[n * GROUP_VECTORS + part];
  }
}

/// Smooths `count` groups and compares them with their history, and fetches groups `ahead`; `narrow`, `sparse`, `count` and
/// `is_run` are constant.
ZDK_INLINE void smooth_groups(const zdk_denoise_rows *p, moving_group *const groups[], const ptrdiff_t ahead[], int narrow,
                              int sparse, int count, int is_run) {
  // Copies, so that stores need not be assumed to change them.
  const vi reaches = vi_table(p->reach);
  const ptrdiff_t taps[4] = {p->far, p->near, p->near, p->far};
  const ptrdiff_t height = p->height, stride = p->history_stride;
  const void *const *rows = p->rows;
  const uint16_t *history = p->history;
  ptrdiff_t from[GROUPS_TOGETHER];
#pragma unroll
  for (int n = 0; n < count; n++) from[n] = groups[n]->number * ZDK_DENOISE_GROUP;
  for (ptrdiff_t row = 0; row < height; row++, rows += 5, history += stride) {
    group_copy copies[GROUPS_TOGETHER];
    group_place places[GROUPS_TOGETHER];
    vg smooth[GROUPS_TOGETHER];
#pragma unroll
    for (int n = 0; n < count; n++) {
      // The history was last touched a frame ago. What is far away takes longer than until its turn: the same group of
      // the rows below these is called for, into the second cache.
      __builtin_prefetch(history + ahead[n] * ZDK_DENOISE_GROUP, 1);
      __builtin_prefetch(history + height * stride + from[n], 1, 2);
      // Bytes were decoded no less long ago. Only the lowest of the rows is new: those above it were so for an earlier row.
      // Groups that are worked on together mostly share a line.
      if (narrow && n == 0) __builtin_prefetch((const uint8_t *)rows[4] + ahead[n] * ZDK_DENOISE_GROUP);
      places[n] = is_run ? (group_place){rows, from[n]} : find_group(p, rows, from[n], narrow, &copies[n]);
    }
    if (narrow) {
      smoothed_bytes(places, taps, reaches, sparse, count, is_run, smooth);
    } else {
      smooth[0] = smoothed_words(places[0], taps, reaches, sparse);
    }
#pragma unroll
    for (int n = 0; n < count; n++) {
#pragma unroll
      for (int part = 0; part < GROUP_VECTORS; part++) {
        const vi x = smooth[n].part[part], old = vi_load(history + from[n] + part * ZDK_WORDS);
        vi_store(groups[n]->smooth[row] + part * ZDK_WORDS, x);
        vi_store(edged_row(&groups[n]->change, row) + part * ZDK_WORDS, vi_size(vi_sub(x, old)));
      }
    }
  }
}

/// Whether two groups, either of which may be null, are next to each other.
static int are_neighbours(const moving_group *left, const moving_group *right) {
  return left != NULL && right != NULL && left->number + 1 == right->number;
}

/// Whether groups are next to each other, and none is copied.
static int is_run(const zdk_denoise_rows *p, moving_group *const groups[], int count) {
  const ptrdiff_t from = groups[0]->number * ZDK_DENOISE_GROUP, end = (groups[count - 1]->number + 1) * ZDK_DENOISE_GROUP;
  if (count > 1 && !are_neighbours(groups[0], groups[count - 1])) return 0;
  return from >= ZDK_DENOISE_REACH && end + ZDK_DENOISE_REACH <= p->count;
}

/// The same of groups that vary in kind.
static void smooth_some(const zdk_denoise_rows *p, moving_group *const groups[], int count, const ptrdiff_t ahead[]) {
  if (!p->narrow) {
    if (p->sparse) {
      smooth_groups(p, groups, ahead, 0, 1, 1, 0);
    } else {
      smooth_groups(p, groups, ahead, 0, 0, 1, 0);
    }
  } else if (count < GROUPS_TOGETHER) {
    if (p->sparse) {
      smooth_groups(p, groups, ahead, 1, 1, 1, 0);
    } else {
      smooth_groups(p, groups, ahead, 1, 0, 1, 0);
    }
  } else if (is_run(p, groups, count)) {
    if (p->sparse) {
      smooth_groups(p, groups, ahead, 1, 1, GROUPS_TOGETHER, 1);
    } else {
      smooth_groups(p, groups, ahead, 1, 0, GROUPS_TOGETHER, 1);
    }
  } else if (p->sparse) {
    smooth_groups(p, groups, ahead, 1, 1, GROUPS_TOGETHER, 0);
  } else {
    smooth_groups(p, groups, ahead, 1, 0, GROUPS_TOGETHER, 0);
  }
}

/// Gives the rows of two groups that follow each other the edges of each other, or, if they are not next to each other,
/// of themselves. Either may be null.
static void join(edged_rows *left, edged_rows *right, ptrdiff_t height, int is_joined) {
  enum { END = ZDK_DENOISE_GROUP, EDGE = GROUP_EDGE * sizeof(uint16_t) };
  for (ptrdiff_t row = 0; row < height; row++) {
    uint16_t *before = left == NULL ? NULL : edged_row(left, row), *behind = right == NULL ? NULL : edged_row(right, row);
    if (is_joined) {
      memcpy(before + END, behind, EDGE);
      memcpy(behind - GROUP_EDGE, before + END - GROUP_EDGE, EDGE);
      continue;
    }
    for (int i = 0; before != NULL && i < GROUP_EDGE; i++) before[END + i] = before[END - 1];
    for (int i = 1; behind != NULL && i <= GROUP_EDGE; i++) behind[-i] = behind[0];
  }
}

/// Finds the share of motion of a group's samples.
ZDK_INLINE void find_motion(const zdk_denoise_rows *p, moving_group *group) {
  const ptrdiff_t height = p->height;
  const vi still = vi_all(p->still), range = vi_all(p->range), gain = vi_all((uint16_t)(32767 / p->range));
  vi most = vi_all(0);
  for (ptrdiff_t row = 0; row < height; row++) {
#pragma unroll
    for (int part = 0; part < GROUP_VECTORS; part++) {
      const uint16_t *change = edged_row(&group->change, row) + part * ZDK_WORDS;
      vi motion = vi_load(change);
#pragma unroll
      for (int side = 1; side <= 2; side++) {
        motion = vi_sum(motion, vi_sum(vi_load(change - side), vi_load(change + side)));
      }
      const vi moved = vi_low_product(vi_min(vi_less(motion, still), range), gain);
      vi_store(edged_row(&group->moved, row) + part * ZDK_WORDS, moved);
      most = vi_max(most, moved);
    }
  }
  group->most = most;
  group->certain = group->certain_about = vi_exceeds(most, vi_all(ZDK_DOUBTFUL_MOTION));
}

/// Moves the history of a group towards its smoothed samples; `is_tiled` is constant.
ZDK_INLINE void follow_group(const zdk_denoise_rows *p, moving_group *group, int is_tiled) {
  static const uint16_t none = 0;
  const ptrdiff_t number = group->number, height = p->height;
  const ptrdiff_t history_stride = p->history_stride, recent_stride = p->recent_stride;
  const ptrdiff_t motion_stride = p->motion == NULL ? 0 : p->motion_stride;
  uint16_t *history = p->history + number * ZDK_DENOISE_GROUP, *recent = p->recent + number;
  const uint16_t *motion = p->motion == NULL ? &none : p->motion + number;
  const int32_t rate = p->rates[p->states == NULL ? ZDK_NEW : p->states[number]];
  const vi doubtful = vi_all(ZDK_DOUBTFUL_MOTION);
  const int is_certain = group->certain_about;
  int32_t unrest = 0;
  vi drift[GROUP_VECTORS];
#pragma unroll
  for (int part = 0; part < GROUP_VECTORS; part++) drift[part] = vi_all(0);
  for (ptrdiff_t row = 0; row < height; row++) {
    const int32_t left = remembered_motion(*recent, *motion);
    const vi least = vi_all((uint16_t)(left > rate ? left : rate));
    vi greatest = vi_all(0);
#pragma unroll
    for (int part = 0; part < GROUP_VECTORS; part++) {
      const uint16_t *moved = edged_row(&group->moved, row) + part * ZDK_WORDS;
      const vi here = vi_load(moved), old = vi_load(history + part * ZDK_WORDS);
      vi share = vi_max(here, least);
      // In most places nothing is.
      if (is_certain) {
        const vi before = vi_max(vi_load(moved - 2 * ZDK_MOTION_STEP), vi_load(moved - ZDK_MOTION_STEP));
        const vi behind = vi_max(vi_load(moved + ZDK_MOTION_STEP), vi_load(moved + 2 * ZDK_MOTION_STEP));
        const vi above = vi_less(vi_max(before, behind), doubtful);
        share = vi_max(share, vi_add(above, above));
        greatest = vi_max(greatest, here);
      }
      const vi step = vi_product(vi_sub(vi_load(group->smooth[row] + part * ZDK_WORDS), old), share);
      vi_store(history + part * ZDK_WORDS, vi_add(old, step));
      if (is_tiled) drift[part] = vi_signed_sum(drift[part], step);
    }
    *recent = recent_motion(is_certain ? vi_greatest(greatest) : 0, left);
    unrest = left > unrest ? left : unrest;
    history += history_stride;
    recent += recent_stride;
    motion += motion_stride;
  }
  if (!is_tiled) return;
  const uint16_t most = vi_greatest(group->most);
  p->unrest[number] = most > unrest ? most : (uint16_t)unrest;
  uint16_t *drifts = (uint16_t *)p->drift + number * ZDK_DENOISE_GROUP;
#pragma unroll
  for (int part = 0; part < GROUP_VECTORS; part++) vi_store(drifts + part * ZDK_WORDS, drift[part]);
}

/// Gives two groups that follow each other, either of which may be null, what each has of the other.
static void join_changes(moving_group *left, moving_group *right, ptrdiff_t height) {
  join(left == NULL ? NULL : &left->change, right == NULL ? NULL : &right->change, height, are_neighbours(left, right));
}

static void join_motion(moving_group *left, moving_group *right, ptrdiff_t height) {
  const int is_joined = are_neighbours(left, right);
  join(left == NULL ? NULL : &left->moved, right == NULL ? NULL : &right->moved, height, is_joined);
  if (!is_joined) return;
  left->certain_about |= right->certain;
  right->certain_about |= left->certain;
}

static void denoise(const zdk_denoise_rows *p) {
  assert((p->drift == NULL) == (p->unrest == NULL));
  moving_group groups[MOVING_GROUPS];
  group_queue queue = {.states = p->states, .groups = (p->count + ZDK_DENOISE_GROUP - 1) / ZDK_DENOISE_GROUP};
  const int together = p->narrow ? GROUPS_TOGETHER : 1;
  ptrdiff_t next[GROUPS_TOGETHER];
  for (int n = 0; n < together; n++) next[n] = next_group(&queue);
  // How many groups each step has seen.
  ptrdiff_t smoothed = 0, moved = 0, followed = 0;
  while (next[0] >= 0) {
    moving_group *now[GROUPS_TOGETHER];
    int count = 0;
    for (; count < together && next[count] >= 0; count++) {
      now[count] = &groups[(smoothed + count) % MOVING_GROUPS];
      now[count]->number = next[count];
    }
    for (int n = 0; n < together; n++) next[n] = next_group(&queue);
    ptrdiff_t ahead[GROUPS_TOGETHER];
    _Static_assert(FETCHED_AHEAD >= 2 * GROUPS_TOGETHER, "the next ones are no longer in the queue");
    for (int n = 0; n < together; n++) ahead[n] = group_ahead(&queue, FETCHED_AHEAD - 2 * together + n);
    smooth_some(p, now, count, ahead);
    for (int n = 0; n < count; n++, smoothed++) {
      join_changes(smoothed == 0 ? NULL : &groups[(smoothed - 1) % MOVING_GROUPS], now[n], p->height);
    }
    const int is_last = next[0] < 0;
    if (is_last) join_changes(now[count - 1], NULL, p->height);
    for (; moved < (is_last ? smoothed : smoothed - 1); moved++) {
      moving_group *group = &groups[moved % MOVING_GROUPS];
      find_motion(p, group);
      join_motion(moved == 0 ? NULL : &groups[(moved - 1) % MOVING_GROUPS], group, p->height);
      if (moved + 1 == smoothed) join_motion(group, NULL, p->height);
    }
    for (; followed < (is_last ? moved : moved - 1); followed++) {
      if (p->drift == NULL) {
        follow_group(p, &groups[followed % MOVING_GROUPS], 0);
      } else {
        follow_group(p, &groups[followed % MOVING_GROUPS], 1);
      }
    }
  }
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
