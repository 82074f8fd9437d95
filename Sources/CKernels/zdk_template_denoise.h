// Denoising on 16-bit fixed-point samples, included once per instruction set after its primitives.
//
// Whole vectors only: rows are padded to ZDK_DENOISE_BLOCK samples, so there are no remainders.

/// `row` smoothed at sample `i`.
ZDK_INLINE vi smoothed(const zdk_denoise_row *p, ptrdiff_t i, vi reaches) {
  const vi centre = vi_load(p->row + i);
  const vi reach = vi_looked_up(reaches, centre);
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
  uint16_t *smooth = p->scratch, *change = smooth + count + ZDK_DENOISE_BLOCK;
  uint16_t *moved = change + count + ZDK_DENOISE_BLOCK;
  const vi reaches = vi_table(p->reach);
  for (ptrdiff_t i = 0; i < count; i += ZDK_WORDS) {
    const vi x = smoothed(p, i, reaches);
    vi_store(smooth + i, x);
    vi_store(change + i, vi_size(vi_sub(x, vi_load(p->history + i))));
  }
  change[-1] = change[-2] = change[0];
  change[count] = change[count + 1] = change[count - 1];

  const vi still = vi_all(p->still), range = vi_all(p->range);
  const vi gain = vi_all((uint16_t)(32767 / p->range));
  for (ptrdiff_t i = 0; i < count; i += ZDK_WORDS) {
    vi motion = vi_load(change + i);
#pragma unroll
    for (int side = 1; side <= 2; side++) {
      motion = vi_sum(motion, vi_sum(vi_load(change + i - side), vi_load(change + i + side)));
    }
    vi_store(moved + i, vi_low_product(vi_min(vi_less(motion, still), range), gain));
  }
  for (ptrdiff_t i = 1; i <= 2 * ZDK_MOTION_STEP; i++) moved[-i] = moved[0], moved[count - 1 + i] = moved[count - 1];

  for (ptrdiff_t group = 0; group < count / ZDK_DENOISE_GROUP; group++) {
    const int32_t left = remembered_motion(p, group);
    const vi least = vi_all((uint16_t)(left > p->rate ? left : p->rate));
    vi most = vi_all(0);
#pragma unroll
    for (ptrdiff_t k = 0; k < ZDK_DENOISE_GROUP; k += ZDK_WORDS) {
      const ptrdiff_t i = group * ZDK_DENOISE_GROUP + k;
      const vi here = vi_load(moved + i);
      const vi before = vi_max(vi_load(moved + i - 2 * ZDK_MOTION_STEP), vi_load(moved + i - ZDK_MOTION_STEP));
      const vi behind = vi_max(vi_load(moved + i + ZDK_MOTION_STEP), vi_load(moved + i + 2 * ZDK_MOTION_STEP));
      const vi above = vi_less(vi_max(before, behind), vi_all(ZDK_DOUBTFUL_MOTION));
      const vi share = vi_max(vi_max(here, vi_add(above, above)), least);
      const vi old = vi_load(p->history + i);
      most = vi_max(most, here);
      vi_store(p->history + i, vi_add(old, vi_product(vi_sub(vi_load(smooth + i), old), share)));
    }
    p->recent[group] = recent_motion(vi_greatest(most), left);
  }
}

/// Plain loops over whole blocks, of which clang makes vectors.
static void grain(uint16_t *restrict grain, uint16_t *restrict level, const uint16_t *restrict row,
                  const uint16_t *restrict before, size_t count) {
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
    level[block] = (uint16_t)(sum / ZDK_GRAIN_BLOCK);
  }
}
