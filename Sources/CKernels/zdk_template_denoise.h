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

/// Those that are on their way at a time.
enum { MOVING_GROUPS = 4 };

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

/// The same of `count` groups of bytes; `count`, too, is constant.
ZDK_INLINE void smoothed_bytes(const group_place places[], const ptrdiff_t taps[4], vi reaches, int sparse,
                               int count, vg results[]) {
  const ptrdiff_t first = places[0].column, last = places[count - 1].column;
  const uint8_t *const *one = (const uint8_t *const *)places[0].rows;
  const uint8_t *const *other = (const uint8_t *const *)places[count - 1].rows;
  const vb centre = vb_load_groups(one[0] + first, other[0] + last, count);
  const vb reach = vb_looked_up(reaches, centre);
  vb plus = vb_less(centre, centre), minus = plus;
#pragma unroll
  for (int k = 0; k < 4; k++) {
#pragma unroll
    for (int side = -1; side <= 1; side += 2) {
      if (sparse && !is_sparse(k, side)) continue;
      const ptrdiff_t tap = side * taps[k];
      const vb neighbour = vb_load_groups(one[k + 1] + first + tap, other[k + 1] + last + tap, count);
      // One of them is 0.
      const vb above = vb_less(neighbour, centre), below = vb_less(centre, neighbour);
      const vb left = vb_less(reach, vb_or(above, below));
      plus = vb_add(plus, vb_min(above, left));
      minus = vb_add(minus, vb_min(below, left));
    }
  }
  vi words[2];
  vb_fine(centre, plus, minus, sparse ? ZDK_FIFTH : ZDK_NINTH, &words[0], &words[1]);
#pragma unroll
  for (int n = 0; n < count; n++) {
#pragma unroll
    for (int part = 0; part < GROUP_VECTORS; part++) results[n].part[part] = words[n * GROUP_VECTORS + part];
  }
}

/// Smooths `count` groups and compares them with their history, where `next` are the groups that follow; `narrow`,
/// `sparse` and `count` are constant.
ZDK_INLINE void smooth_groups(const zdk_denoise_rows *p, moving_group *const groups[], const ptrdiff_t next[], int narrow,
                              int sparse, int count) {
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
      // The history was last touched a frame ago.
      __builtin_prefetch(history + next[n] * ZDK_DENOISE_GROUP, 1);
      places[n] = find_group(p, rows, from[n], narrow, &copies[n]);
    }
    if (narrow) {
      smoothed_bytes(places, taps, reaches, sparse, count, smooth);
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

/// The same of groups that vary in kind.
static void smooth_some(const zdk_denoise_rows *p, moving_group *const groups[], int count, const ptrdiff_t next[]) {
  ptrdiff_t following[GROUPS_TOGETHER];
  for (int n = 0; n < count; n++) following[n] = next[n] < 0 ? groups[n]->number : next[n];
  if (!p->narrow) {
    if (p->sparse) {
      smooth_groups(p, groups, following, 0, 1, 1);
    } else {
      smooth_groups(p, groups, following, 0, 0, 1);
    }
  } else if (count < GROUPS_TOGETHER) {
    if (p->sparse) {
      smooth_groups(p, groups, following, 1, 1, 1);
    } else {
      smooth_groups(p, groups, following, 1, 0, 1);
    }
  } else if (p->sparse) {
    smooth_groups(p, groups, following, 1, 1, GROUPS_TOGETHER);
  } else {
    smooth_groups(p, groups, following, 1, 0, GROUPS_TOGETHER);
  }
}

/// Whether two groups, either of which may be null, are next to each other.
static int are_neighbours(const moving_group *left, const moving_group *right) {
  return left != NULL && right != NULL && left->number + 1 == right->number;
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
    smooth_some(p, now, count, next);
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

/// Adds to the drift of a tile's blocks; whether any then exceeds `unseen`. `columns` is constant.
ZDK_INLINE int add_drift(const int16_t *drift, int32_t *sums, int32_t unseen, size_t columns) {
  const __m256i ones = _mm256_set1_epi16(1);
  const __m256i pairs = _mm256_madd_epi16(_mm256_loadu_si256((const __m256i_u *)drift), ones);
  if (columns == 16) {
    const __m128i blocks = _mm_hadd_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    const __m128i before = _mm_loadu_si128((const __m128i_u *)sums);
    const __m128i now = _mm_add_epi32(before, blocks);
    _mm_storeu_si128((__m128i_u *)sums, now);
    return _mm_movemask_epi8(_mm_cmpgt_epi32(_mm_abs_epi32(now), _mm_set1_epi32(unseen))) != 0;
  }
  const __m256i others = _mm256_madd_epi16(_mm256_loadu_si256((const __m256i_u *)(drift + 16)), ones);
  const __m256i blocks = _mm256_permute4x64_epi64(_mm256_hadd_epi32(pairs, others), 0xd8);
  const __m256i before = _mm256_loadu_si256((const __m256i_u *)sums);
  const __m256i now = _mm256_add_epi32(before, blocks);
  _mm256_storeu_si256((__m256i_u *)sums, now);
  return _mm256_movemask_epi8(_mm256_cmpgt_epi32(_mm256_abs_epi32(now), _mm256_set1_epi32(unseen))) != 0;
}

/// Whether any of `columns` drifts, a constant, is larger than `limit`, which is not negative.
ZDK_INLINE int any_drift_above(const int16_t *drift, int32_t limit, size_t columns) {
  const __m256i most = _mm256_set1_epi16((short)(limit < 65535 ? limit : 65535));
  __m256i above = _mm256_setzero_si256();
  for (size_t x = 0; x < columns; x += 16) {
    const __m256i size = _mm256_abs_epi16(_mm256_loadu_si256((const __m256i_u *)(drift + x)));
    above = _mm256_or_si256(above, _mm256_subs_epu16(size, most));
  }
  return !_mm256_testz_si256(above, above);
}

/// Settles those of `count` tiles, a constant, whose history was left as it is.
ZDK_INLINE void settle_untouched_tiles(const zdk_settle_row *p, size_t first, size_t count) {
  const uint8_t *restrict states = p->states + first;
  uint8_t *restrict rest = p->rest + first, *restrict calm = p->calm + first, *restrict settled = p->settled + first;
  const uint8_t patience = (uint8_t)p->patience;
  const uint8_t can_wait = p->settled_change[ZDK_WAITING] >= 0, can_spare = p->settled_change[ZDK_SPARED] >= 0;
  for (size_t tile = 0; tile < count; tile++) {
    const int is_touched = states[tile] < ZDK_WAITING;
    const uint8_t longer = rest[tile] < 255 ? rest[tile] + 1 : 255;
    const uint8_t has_settled = (longer >= patience) & (states[tile] == ZDK_WAITING ? can_wait : can_spare);
    rest[tile] = is_touched ? rest[tile] : longer;
    calm[tile] = is_touched ? calm[tile] : 1;
    settled[tile] = is_touched ? settled[tile] : has_settled;
  }
}

/// `columns` is constant.
ZDK_INLINE void settle_tile(const zdk_settle_row *p, size_t tile, size_t columns) {
  const int16_t *drift = p->drift + tile * columns;
  const int is_restful = p->unrest[tile * columns / ZDK_DENOISE_GROUP] <= p->restful;
  const int is_rested = rest_after(p, (ptrdiff_t)tile, is_restful) >= p->patience;
  int32_t *sums = p->sums + tile * (columns / ZDK_DRIFT_COLUMNS);
  const int has_drifted = add_drift(drift, sums, p->unseen[p->levels[tile]], columns);
  const int32_t limit = p->settled_change[p->states[tile]];
  const int has_changed = any_drift_above(drift, limit < 0 ? 0 : limit, columns);
  p->calm[tile] = (uint8_t)(is_rested & !has_drifted);
  p->settled[tile] = (uint8_t)(is_rested & (limit >= 0) & !has_changed);
}

/// Without branches for what becomes of a tile, which cannot be foreseen; `columns` is constant.
ZDK_INLINE void settle_tiles(const zdk_settle_row *p, size_t columns) {
  enum { MOST = 64 };
  uint8_t touched[MOST];
  for (size_t first = 0; first < p->tiles; first += MOST) {
    const size_t end = first + MOST < p->tiles ? first + MOST : p->tiles;
    size_t count = 0;
    for (size_t tile = first; tile < end; tile++) {
      touched[count] = (uint8_t)(tile - first);
      count += p->states[tile] < ZDK_WAITING;
    }
    size_t tile = first;
    for (; tile + 16 <= end; tile += 16) settle_untouched_tiles(p, tile, 16);
    for (; tile + 4 <= end; tile += 4) settle_untouched_tiles(p, tile, 4);
    for (; tile < end; tile++) settle_untouched_tiles(p, tile, 1);
    for (size_t n = 0; n < count; n++) settle_tile(p, first + touched[n], columns);
  }
}

static void settle(const zdk_settle_row *p) {
  if (p->columns == 32) {
    settle_tiles(p, 32);
  } else {
    settle_tiles(p, 16);
  }
}

/// Eight words of a row of tiles, and what they come to in all rows.
ZDK_INLINE __m256i print_words(const uint8_t *at, ptrdiff_t rows, ptrdiff_t stride) {
  const __m256i factor = _mm256_set1_epi32(ZDK_PRINT_FACTOR);
  __m256i sum = _mm256_setzero_si256();
  for (ptrdiff_t row = 0; row < rows; row++) {
    const __m256i words = _mm256_loadu_si256((const __m256i_u *)(at + row * stride));
    sum = _mm256_add_epi32(_mm256_mullo_epi32(_mm256_xor_si256(sum, _mm256_srli_epi32(sum, 15)), factor), words);
  }
  return sum;
}

/// Four parts of the weighted sum of eight words, of two words each that follow each other.
ZDK_INLINE __m256i print_parts(__m256i words, __m256i weights) {
  const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(words, 32), _mm256_srli_epi64(weights, 32));
  return _mm256_add_epi64(_mm256_mul_epu32(words, weights), odd);
}

/// The sums of neighbours, of a and b in turn.
ZDK_INLINE __m256i print_pairs(__m256i a, __m256i b) {
  return _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
}

/// The fingerprints of four tiles that stand side by side; `bytes` is constant.
ZDK_INLINE __m256i four_prints(const uint8_t *at, ptrdiff_t rows, ptrdiff_t stride, size_t bytes) {
  // The next row of tiles follows; what a decoder wrote is far away.
  for (ptrdiff_t row = rows; row < 2 * rows; row++) {
    for (size_t line = 0; line < 4 * bytes; line += 64) __builtin_prefetch(at + row * stride + line);
  }
  __m256i parts[4];
  if (bytes == 16) {
    const __m256i weights = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i_u *)zdk_print_weights));
    const __m256i left = print_parts(print_words(at, rows, stride), weights);
    const __m256i right = print_parts(print_words(at + 32, rows, stride), weights);
    return _mm256_permute4x64_epi64(print_pairs(left, right), 0xd8);
  }
#pragma unroll
  for (size_t tile = 0; tile < 4; tile++) {
    parts[tile] = _mm256_setzero_si256();
    for (size_t part = 0; part < bytes; part += 32) {
      const __m256i weights = _mm256_loadu_si256((const __m256i_u *)(zdk_print_weights + part / 4));
      const __m256i words = print_words(at + tile * bytes + part, rows, stride);
      parts[tile] = _mm256_add_epi64(parts[tile], print_parts(words, weights));
    }
  }
  const __m256i left = print_pairs(parts[0], parts[1]), right = print_pairs(parts[2], parts[3]);
  return _mm256_add_epi64(_mm256_permute2x128_si256(left, right, 0x20), _mm256_permute2x128_si256(left, right, 0x31));
}

/// `bytes` is constant.
ZDK_INLINE void fingerprint_tiles(const zdk_print_row *p, size_t bytes) {
  const ptrdiff_t rows = (ptrdiff_t)p->rows, stride = p->stride;
  uint64_t *restrict prints = p->prints;
  uint8_t *restrict states = p->states;
  size_t tile = 0;
  for (; tile + 4 <= p->tiles; tile += 4) {
    const __m256i now = four_prints(p->plane + tile * bytes, rows, stride, bytes);
    const __m256i same = _mm256_cmpeq_epi64(now, _mm256_loadu_si256((const __m256i_u *)(prints + tile)));
    _mm256_storeu_si256((__m256i_u *)(prints + tile), now);
    const int bits = _mm256_movemask_pd(_mm256_castsi256_pd(same));
    for (int n = 0; n < 4; n++) states[tile + (size_t)n] = bits >> n & 1;
  }
  for (; tile < p->tiles; tile++) states[tile] = is_same_tile(p, tile);
}

static void fingerprint(zdk_print_row *p) {
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
