// Denoising on 16-bit fixed-point samples, included once per instruction set after its primitives.
//
// Whole vectors only: rows are padded to ZDK_DENOISE_BLOCK samples, so there are no remainders.

/// `row` smoothed at sample `i`.
ZDK_INLINE vi smoothed(const zdk_denoise_row *p, ptrdiff_t i, vi darkest, vi brightest, vi level, vi slope) {
  const vi centre = vi_load(p->row + i);
  const vi reach = vi_max(vi_less(darkest, vi_high_product(vi_less(centre, level), slope)), brightest);
  const ptrdiff_t taps[4] = {p->far, p->near, p->near, p->far};
  vi sum = vi_all(0);
#pragma unroll
  for (int k = 0; k < 4; k++) {
#pragma unroll
    for (int side = -1; side <= 1; side += 2) {
      const vi_difference d = vi_apart(vi_load(p->around[k] + i + side * taps[k]), centre);
      sum = vi_add(sum, vi_signed(vi_min(d.size, vi_less(reach, d.size)), d));
    }
  }
  return vi_add(centre, vi_product(sum, vi_all(ZDK_NINTH)));
}

static void denoise(const zdk_denoise_row *p) {
  const ptrdiff_t count = (p->count + ZDK_DENOISE_BLOCK - 1) / ZDK_DENOISE_BLOCK * ZDK_DENOISE_BLOCK;
  uint16_t *smooth = p->scratch, *change = p->scratch + count + ZDK_DENOISE_BLOCK;
  const vi darkest = vi_all(p->reach_dark), brightest = vi_all(p->reach_bright);
  const vi level = vi_all(p->level), slope = vi_all(p->slope);
  for (ptrdiff_t i = 0; i < count; i += ZDK_WORDS) {
    const vi x = smoothed(p, i, darkest, brightest, level, slope);
    vi_store(smooth + i, x);
    vi_store(change + i, vi_size(vi_sub(x, vi_load(p->history + i))));
  }
  change[-1] = change[-2] = change[0];
  change[count] = change[count + 1] = change[count - 1];

  const vi still = vi_all(p->still), range = vi_all(p->range);
  const vi gain = vi_all((uint16_t)(32767 / p->range));
  for (ptrdiff_t group = 0; group < count / ZDK_DENOISE_GROUP; group++) {
    const int32_t left = (p->recent[group] * ZDK_RECENT_DECAY + (1 << 14)) >> 15;
    const vi least = vi_all((uint16_t)(left > p->rate ? left : p->rate));
    vi most = vi_all(0);
#pragma unroll
    for (ptrdiff_t k = 0; k < ZDK_DENOISE_GROUP; k += ZDK_WORDS) {
      const ptrdiff_t i = group * ZDK_DENOISE_GROUP + k;
      vi motion = vi_load(change + i);
#pragma unroll
      for (int side = 1; side <= 2; side++) {
        motion = vi_sum(motion, vi_sum(vi_load(change + i - side), vi_load(change + i + side)));
      }
      const vi moved = vi_low_product(vi_min(vi_less(motion, still), range), gain);
      const vi old = vi_load(p->history + i);
      most = vi_max(most, moved);
      vi_store(p->history + i, vi_add(old, vi_product(vi_sub(vi_load(smooth + i), old), vi_max(moved, least))));
    }
    p->recent[group] = recent_motion(vi_greatest(most), left);
  }
}
