// Tiles of a picture: which are as they were, and which come to rest. Included once for each variant.

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

/// Settles `count` tiles, a constant, as far as drift does not matter: those whose history was left as it is, and the
/// moving. `restful`: for each tile, 1 where nothing moves.
ZDK_INLINE void settle_by_rest(const zdk_settle_row *p, const uint8_t *restrict restful, size_t first, size_t count) {
  const uint8_t *restrict states = p->states + first;
  uint8_t *restrict rest = p->rest + first, *restrict calm = p->calm + first, *restrict settled = p->settled + first;
  const uint8_t patience = (uint8_t)p->patience;
  const uint8_t can_wait = p->settled_change[ZDK_WAITING] >= 0, can_spare = p->settled_change[ZDK_SPARED] >= 0;
  for (size_t tile = 0; tile < count; tile++) {
    const uint8_t is_touched = states[tile] < ZDK_WAITING;
    const uint8_t longer = rest[tile] < 255 ? rest[tile] + 1 : 255;
    const uint8_t has_settled = (longer >= patience) & (states[tile] == ZDK_WAITING ? can_wait : can_spare);
    rest[tile] = (is_touched & !restful[tile]) ? 0 : longer;
    calm[tile] = !is_touched;
    settled[tile] = is_touched ? 0 : has_settled;
  }
}

/// Settles a tile that is at rest long enough; `columns` is constant.
ZDK_INLINE void settle_by_drift(const zdk_settle_row *p, size_t tile, size_t columns) {
  const int16_t *drift = p->drift + tile * columns;
  int32_t *sums = p->sums + tile * (columns / ZDK_DRIFT_COLUMNS);
  const int has_drifted = add_drift(drift, sums, p->unseen[p->levels[tile]], columns);
  const int32_t limit = p->settled_change[p->states[tile]];
  const int has_changed = any_drift_above(drift, limit < 0 ? 0 : limit, columns);
  p->calm[tile] = !has_drifted;
  p->settled[tile] = (uint8_t)((limit >= 0) & !has_changed);
}

/// Without branches for what is to be looked at, which cannot be foreseen; `columns` is constant.
ZDK_INLINE void settle_tiles(const zdk_settle_row *p, size_t columns) {
  enum { MOST = 64 };
  const size_t tiles_of_group = ZDK_DENOISE_GROUP / columns;
  uint8_t restful[MOST], calming[MOST];
  for (size_t first = 0; first < p->tiles; first += MOST) {
    const size_t count = p->tiles - first < MOST ? p->tiles - first : MOST;
    const uint16_t *unrest = p->unrest + first / tiles_of_group;
    for (size_t tile = 0; tile < count; tile++) restful[tile] = unrest[tile / tiles_of_group] <= p->restful;
    size_t tile = 0;
    for (; tile + 16 <= count; tile += 16) settle_by_rest(p, restful + tile, first + tile, 16);
    for (; tile + 4 <= count; tile += 4) settle_by_rest(p, restful + tile, first + tile, 4);
    for (; tile < count; tile++) settle_by_rest(p, restful + tile, first + tile, 1);
    size_t found = 0;
    for (tile = 0; tile < count; tile++) {
      calming[found] = (uint8_t)tile;
      found += (p->states[first + tile] < ZDK_WAITING) & (p->rest[first + tile] >= p->patience);
    }
    for (size_t n = 0; n < found; n++) settle_by_drift(p, first + calming[n], columns);
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
  // The next row of tiles follows; what a decoder wrote is far away. More is on its way at a time to the second cache than
  // to the first.
  for (ptrdiff_t row = rows; row < 2 * rows; row++) {
    for (size_t line = 0; line < 4 * bytes; line += 64) __builtin_prefetch(at + row * stride + line, 0, 2);
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
