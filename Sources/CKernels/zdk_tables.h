// The tables, for the file that picks one. Each is defined in the file of its name.

#ifndef ZDK_TABLES_H
#define ZDK_TABLES_H

#include <assert.h>
#include <string.h>

#include "zdk.h"

#if defined(__OPTIMIZE__)
#define ZDK_INLINE static inline __attribute__((always_inline))
#else
// What is inlined without being optimised needs room of its own on the stack each time: megabytes.
#define ZDK_INLINE static inline
#endif

/// One ninth and one fifth in units of 2^-15.
enum { ZDK_NINTH = 3641, ZDK_FIFTH = 6554 };
/// What is added to lumas, of 1, before one is divided by another: black may be both.
#define ZDK_LEAST_LUMA 1e-5f
/// What is left, in units of 2^-15, of the memory of motion after a frame.
enum { ZDK_RECENT_DECAY = 16384 };
/// Motion may be noise up to here, in units of 2^-15; what is above, doubled, is certain.
enum { ZDK_DOUBTFUL_MOTION = 22000 };
/// Columns between a sample and those on either side, once and twice this far, whose certain motion it shares.
enum { ZDK_MOTION_STEP = 4 };

/// Whether the neighbour in the row number `k` of those around on `side`, −1 or 1, is one of four: far ones on one diagonal, near ones on the
/// other.
static inline int is_sparse(int k, int side) { return k == 0 || k == 2 ? side < 0 : side > 0; }

/// A tile's fingerprint is Σ weight[i]·(what the rows' words number i come to, from the top down, by this). High bits are
/// brought down before each product: else a change there would show there alone. Factor and weights are odd.
#define ZDK_PRINT_FACTOR 0x2c9277b5
static inline uint32_t print_step(uint32_t sum, uint32_t word) { return (sum ^ (sum >> 15)) * ZDK_PRINT_FACTOR + word; }
static const uint32_t zdk_print_weights[16] = {
    0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1, 0xd3a2646d, 0xfd7046c5, 0xb55a4f09,
    0x8da6b343, 0xd8163841, 0xcb1ab31f, 0x7feb352d, 0x846ca68b, 0x68bc21eb, 0x02e5be93, 0x6c8e9cf5};

/// Whether a tile's fingerprint is what it was; it becomes what it is now.
static inline uint8_t is_same_tile(const zdk_print_row *p, size_t tile) {
  uint64_t print = 0;
  for (size_t word = 0; word < p->bytes / 4; word++) {
    uint32_t sum = 0;
    for (ptrdiff_t row = 0; row < (ptrdiff_t)p->rows; row++) {
      uint32_t samples;
      memcpy(&samples, p->plane + row * p->stride + (ptrdiff_t)(tile * p->bytes + 4 * word), sizeof samples);
      sum = print_step(sum, samples);
    }
    print += (uint64_t)sum * zdk_print_weights[word];
  }
  const int is_same = p->prints[tile] == print;
  p->prints[tile] = print;
  return is_same;
}

/// `note_repeats` for `count` tiles from the number `first` on; whether any is active. Without branches: what becomes of a
/// tile cannot be foreseen. All but `p` and `first` is constant, so that a few vectors take many tiles.
ZDK_INLINE uint8_t note_tiles(const zdk_print_row *p, size_t first, size_t count,
                                                                size_t grouped, int has_luma) {
  enum { MOST = 16 };
  const uint8_t *restrict rest = p->rest + first, *restrict settled = p->settled + first;
  const uint8_t *restrict luma = has_luma ? p->luma + first : NULL;
  uint8_t *restrict states = p->states + first, *restrict waits = p->waits + first;
  uint8_t *restrict groups = p->groups + first / grouped;
  const uint8_t patience = (uint8_t)p->patience;
  uint8_t state[MOST], active[MOST];
  for (size_t tile = 0; tile < count; tile++) {
    const uint8_t waited = waits[tile], longest = rest[tile] < patience ? 1 : ZDK_REPEATED_FRAMES - 1;
    // Colour goes by the motion of its luma, at once.
    const uint8_t most = has_luma && luma[tile] < ZDK_REPEATED ? 0 : longest;
    const uint8_t again = waited < most ? ZDK_WAITING : ZDK_REPEATED + waited;
    const uint8_t known = settled[tile] ? ZDK_SPARED : again;
    state[tile] = states[tile] ? known : ZDK_NEW + waited;
  }
  // Tiles of a group are worked on as the one that is most work.
  for (size_t group = 0; group < (grouped == 2 ? count / 2 : 0); group++) {
    const uint8_t a = state[2 * group], b = state[2 * group + 1];
    state[2 * group] = state[2 * group + 1] = a < b ? a : b;
  }
  for (size_t group = 0; group < (count + grouped - 1) / grouped; group++) groups[group] = state[grouped * group];
  for (size_t tile = 0; tile < count; tile++) {
    // Where something has moved, it is to be seen when that was long ago.
    active[tile] = (state[tile] < ZDK_WAITING) | (rest[tile] < patience);
    waits[tile] = state[tile] == ZDK_WAITING ? waits[tile] + 1 : 0;
    states[tile] = state[tile];
  }
  uint8_t any = 0;
  for (size_t tile = 0; tile < count; tile++) any |= active[tile];
  return any;
}

/// `grouped` and `has_luma` are constant.
ZDK_INLINE uint8_t note_row(const zdk_print_row *p, size_t grouped, int has_luma) {
  const size_t tiles = p->tiles;
  uint8_t active = 0;
  size_t tile = 0;
  for (; tile + 16 <= tiles; tile += 16) active |= note_tiles(p, tile, 16, grouped, has_luma);
  for (; tile + 4 <= tiles; tile += 4) active |= note_tiles(p, tile, 4, grouped, has_luma);
  if (tile + 2 <= tiles) active |= note_tiles(p, tile, 2, grouped, has_luma), tile += 2;
  if (tile < tiles) active |= note_tiles(p, tile, 1, grouped, has_luma);
  return active;
}

/// Says what tiles and groups of them are to be taken for, where `states` says which are the same as before, and counts
/// frames in which they wait.
static inline void note_repeats(zdk_print_row *p) {
  if (p->is_first) memset(p->states, 0, p->tiles), memset(p->waits, 0, p->tiles);
  p->repeats = 0;
  for (size_t tile = 0; tile < p->tiles; tile++) p->repeats += p->states[tile];
  if (p->luma == NULL) {
    p->is_active = p->tiles_of_group == 1 ? note_row(p, 1, 0) : note_row(p, 2, 0);
  } else {
    p->is_active = p->tiles_of_group == 1 ? note_row(p, 1, 1) : note_row(p, 2, 1);
  }
}

/// The groups of a row of tiles that are to be worked on.
typedef struct {
  const uint8_t *states;    ///< As in `zdk_denoise_rows`.
  ptrdiff_t groups, seen;   ///< All groups, and how many of them were looked at.
  ptrdiff_t numbers[64];    ///< Numbers of those that are waiting.
  ptrdiff_t count, at;
} group_queue;

/// The number of the next group that is to be worked on; -1 if there is none.
static inline ptrdiff_t next_group(group_queue *queue) {
  while (queue->at == queue->count) {
    if (queue->seen == queue->groups) return -1;
    const ptrdiff_t end = queue->seen + 64 < queue->groups ? queue->seen + 64 : queue->groups;
    queue->count = queue->at = 0;
    // Without branches, as above.
    for (; queue->seen < end; queue->seen++) {
      queue->numbers[queue->count] = queue->seen;
      queue->count += queue->states == NULL || queue->states[queue->seen] < ZDK_WAITING;
    }
  }
  return queue->numbers[queue->at++];
}

/// The number of the group that comes `count` groups after the next one, or of the last one before it that is known.
static inline ptrdiff_t group_ahead(const group_queue *queue, ptrdiff_t count) {
  const ptrdiff_t at = queue->at + count;
  return queue->count == 0 ? 0 : queue->numbers[at < queue->count ? at : queue->count - 1];
}

/// Five rows of a group with the columns about it.
enum { ZDK_COPY_COLUMNS = ZDK_DENOISE_GROUP + 2 * ZDK_DENOISE_REACH };
typedef struct {
  uint16_t samples[5][ZDK_COPY_COLUMNS];
  const void *rows[5];
} group_copy;

/// Where a group is: in five rows, from a column on.
typedef struct {
  const void *const *rows;
  ptrdiff_t column;
} group_place;

/// Copies the group that begins in column `from` and the columns about it, of `size` bytes each, from a row that goes on
/// beyond its ends.
static inline void copy_columns(const zdk_denoise_rows *p, const uint8_t *row, ptrdiff_t from, size_t size, uint8_t *copy) {
  enum { REACH = ZDK_DENOISE_REACH, GROUP = ZDK_DENOISE_GROUP };
  const ptrdiff_t count = p->count, before = from < REACH ? REACH : 0;
  const ptrdiff_t left = count - from, behind = left < GROUP + REACH ? GROUP + REACH - left : 0;
  const ptrdiff_t first = from - REACH + before, whole = ZDK_COPY_COLUMNS - before - behind;
  // Of lengths that are known where possible: for so little, that takes a tenth of the time.
  if (behind == 0) {
    memcpy(copy + (size_t)REACH * size, row + (size_t)from * size, (GROUP + REACH) * size);
  } else if (behind == REACH && before == 0) {
    memcpy(copy, row + (size_t)(from - REACH) * size, (REACH + GROUP) * size);
  } else {
    memcpy(copy + (size_t)before * size, row + (size_t)first * size, (size_t)whole * size);
  }
  const uint8_t *start = row, *end = row + (size_t)(count - 1) * size;
  for (ptrdiff_t i = 0; i < before; i++) memcpy(copy + (size_t)i * size, start, size);
  for (ptrdiff_t i = ZDK_COPY_COLUMNS - behind; i < ZDK_COPY_COLUMNS; i++) memcpy(copy + (size_t)i * size, end, size);
}

/// Where the group that begins in column `from` is: in `rows`, or, if neighbours lie beyond their ends, in a copy.
static inline group_place find_group(const zdk_denoise_rows *p, const void *const rows[5], ptrdiff_t from, int narrow,
                                     group_copy *copy) {
  if (from >= ZDK_DENOISE_REACH && from + ZDK_DENOISE_GROUP + ZDK_DENOISE_REACH <= p->count) {
    return (group_place){rows, from};
  }
  for (int k = 0; k < 5; k++) {
    copy_columns(p, rows[k], from, narrow ? 1 : 2, (uint8_t *)copy->samples[k]);
    copy->rows[k] = copy->samples[k];
  }
  return (group_place){copy->rows, ZDK_DENOISE_REACH};
}

/// How much of a motion is certain.
static inline int32_t certain_motion(int32_t moved) {
  return moved > ZDK_DOUBTFUL_MOTION ? 2 * (moved - ZDK_DOUBTFUL_MOTION) : 0;
}

/// The memory of motion in a group after a frame: `most` is its greatest share of motion, `left` what was remembered.
static inline uint16_t recent_motion(int32_t most, int32_t left) {
  const int32_t certain = certain_motion(most);
  return (uint16_t)(certain > left ? certain : left);
}

/// What is left of the motion of a group, before a frame: `recent` was remembered, `least` is known from elsewhere.
static inline int32_t remembered_motion(int32_t recent, int32_t least) {
  const int32_t left = (recent * ZDK_RECENT_DECAY + (1 << 14)) >> 15;
  return left > least ? left : least;
}

/// The grain of a block: `rough` are twice the distances from neighbours, `changed` those from the frame before.
static inline uint16_t grain_of(int32_t rough, int32_t changed, int is_compared) {
  const int32_t space = rough / (2 * ZDK_GRAIN_BLOCK), time = changed / ZDK_GRAIN_BLOCK;
  return (uint16_t)(is_compared && time < space ? time : space);
}

/// The reference, for any processor.
extern const zdk_kernels zdk_plain_kernels;

#if defined(__x86_64__)
/// For processors with `ZDK_CPU_AVX2`.
extern const zdk_kernels zdk_avx2_kernels;
/// For processors with `ZDK_CPU_AVX512`.
extern const zdk_kernels zdk_avx512_kernels;
#endif

#endif
