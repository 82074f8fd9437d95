// The depthwise-separable layer, included once per instruction set after its primitives.
//
// A tile of pixels, one or two rows high, goes through both halves of the layer before the next one begins: its
// depthwise results lie in a buffer that stays in the first-level cache, and the pointwise half multiplies from there
// with all sums in registers.

/// Pixels in one row of a tile.
#define ZDK_TILE_PIXELS (ZDK_TILE_VECTORS * ZDK_LANES)

/// The depthwise results of a tile: row r of channel c at (c·2 + r)·`ZDK_TILE_PIXELS`, whole vectors.
typedef struct {
  _Alignas(64) float values[ZDK_MAX_INPUTS * 2 * ZDK_TILE_PIXELS];
} separable_tile;

/// `n` lanes from `p`; the check vanishes where `n` is the constant `ZDK_LANES`.
ZDK_INLINE vf load_lanes(const float *p, int n) { return n == ZDK_LANES ? vf_load(p) : vf_load_first(p, n); }

/// One vector, `n` lanes of it valid, `from` the starts of a tile's rows and those around them; the second of two rows goes
/// to `ZDK_TILE_PIXELS` further on. `inner`: a whole vector, with another one to the right of it.
ZDK_INLINE void depthwise_vector(float *out, const float *const from[4], ptrdiff_t place, const vf w[9], vf bias, int rows,
                                 int n, int inner) {
  vf sums[2] = {bias, bias};
  for (int y = -1; y <= rows; y++) {
    const float *at = from[y + 1] + place;
    const vf left = load_lanes(at - 1, n), middle = load_lanes(at, n);
    const vf right = inner ? vf_load_next(at, middle) : load_lanes(at + 1, n);
    for (int row = 0; row < rows; row++) {
      const int tap = y - row + 1;
      if (tap < 0 || tap > 2) continue;
      sums[row] = vf_fma(w[3 * tap], left, sums[row]);
      sums[row] = vf_fma(w[3 * tap + 1], middle, sums[row]);
      sums[row] = vf_fma(w[3 * tap + 2], right, sums[row]);
    }
  }
  for (int row = 0; row < rows; row++) vf_store(out + row * ZDK_TILE_PIXELS, sums[row]);
}

/// All channels of `width` pixels from (x, y) on; `rows` is a constant, 1 or 2.
ZDK_INLINE void depthwise_tile(separable_tile *tile, const zdk_separable *p, int32_t x, int32_t y, int32_t width,
                               int rows) {
  // Vectors that begin before `inner` have a whole one to their right; the column behind the row still counts.
  const int32_t inner = p->width - x + 2 - 2 * ZDK_LANES;
  int32_t channel = 0;
  for (int set = 0; set < 2; set++) {
    if (p->planes[set] == 0) continue;
    const float *from[4];
    for (int row = 0; row < rows + 2; row++) from[row] = p->in[set][y + row];
    ptrdiff_t place = x;
    for (int32_t plane = 0; plane < p->planes[set]; plane++, channel++, place += (ptrdiff_t)p->in_plane_stride) {
      float *out = tile->values + channel * 2 * ZDK_TILE_PIXELS;
      vf w[9];
      for (int i = 0; i < 9; i++) w[i] = vf_all(p->depth_weights[9 * channel + i]);
      const vf bias = vf_all(p->depth_biases[channel]);
      int32_t at = 0;
      for (; at + ZDK_LANES <= width && at < inner; at += ZDK_LANES) {
        depthwise_vector(out + at, from, place + at, w, bias, rows, ZDK_LANES, 1);
      }
      for (; at + ZDK_LANES <= width; at += ZDK_LANES) {
        depthwise_vector(out + at, from, place + at, w, bias, rows, ZDK_LANES, 0);
      }
      if (at < width) depthwise_vector(out + at, from, place + at, w, bias, rows, width - at, 0);
    }
  }
}

/// `outputs` × `vectors` results, both constants; `last` lanes of the last vector are valid.
ZDK_INLINE void pointwise_block(float *out, size_t plane_stride, const float *depth, const float *weights,
                                const float *biases, const zdk_separable *p, int outputs, int vectors, int last) {
  const int32_t inputs = p->planes[0] + p->planes[1];
  vf sums[ZDK_BLOCK_OUTPUTS][ZDK_BLOCK_VECTORS];
  for (int o = 0; o < outputs; o++) {
    for (int v = 0; v < vectors; v++) sums[o][v] = vf_all(biases[o]);
  }
  for (int32_t c = 0; c < inputs; c++, depth += 2 * ZDK_TILE_PIXELS, weights += p->outputs) {
    vf pixels[ZDK_BLOCK_VECTORS];
    for (int v = 0; v < vectors; v++) pixels[v] = vf_load(depth + v * ZDK_LANES);
    for (int o = 0; o < outputs; o++) {
      const vf weight = vf_all(weights[o]);
      for (int v = 0; v < vectors; v++) sums[o][v] = vf_fma(weight, pixels[v], sums[o][v]);
      vf_pin(&sums[o][0]);
    }
  }
  const vf zero = vf_all(0.0f);
  for (int o = 0; o < outputs; o++) {
    for (int v = 0; v < vectors; v++) {
      const vf result = p->rectify ? vf_max(sums[o][v], zero) : sums[o][v];
      float *at = out + (size_t)o * plane_stride + v * ZDK_LANES;
      if (v == vectors - 1 && last < ZDK_LANES) {
        vf_store_first(at, result, last);
      } else {
        vf_store(at, result);
      }
    }
  }
}

/// The same for any number of vectors up to that of a block.
ZDK_INLINE void pointwise_blocks(float *out, const float *depth, const zdk_separable *p, int32_t first, int outputs,
                                 int vectors, int last) {
  const float *weights = p->point_weights + first, *biases = p->point_biases + first;
  const size_t stride = p->out_plane_stride;
  out += (size_t)first * stride;
  switch (vectors) {
    case 1: pointwise_block(out, stride, depth, weights, biases, p, outputs, 1, last); break;
    case 2: pointwise_block(out, stride, depth, weights, biases, p, outputs, 2, last); break;
    default: pointwise_block(out, stride, depth, weights, biases, p, outputs, 3, last); break;
  }
}

/// All outputs of one row of a tile, `width` pixels.
static void pointwise_row(float *out, const float *depth, const zdk_separable *p, int32_t width) {
  int32_t taken = 0;
  for (int32_t x = 0; x < width; x += taken * ZDK_LANES) {
    const int32_t vectors = (width - x + ZDK_LANES - 1) / ZDK_LANES;
    // A vector alone waits for its weights: better two and two than three and one.
    taken = vectors == ZDK_BLOCK_VECTORS + 1 ? 2 : vectors < ZDK_BLOCK_VECTORS ? vectors : ZDK_BLOCK_VECTORS;
    const int32_t left = width - x - (taken - 1) * ZDK_LANES;
    const int last = left < ZDK_LANES ? left : ZDK_LANES;
    int32_t o = 0;
    for (; o + ZDK_BLOCK_OUTPUTS <= p->outputs; o += ZDK_BLOCK_OUTPUTS) {
      pointwise_blocks(out + x, depth + x, p, o, ZDK_BLOCK_OUTPUTS, taken, last);
    }
    for (; o + 3 <= p->outputs; o += 3) pointwise_blocks(out + x, depth + x, p, o, 3, taken, last);
    for (; o < p->outputs; o++) pointwise_blocks(out + x, depth + x, p, o, 1, taken, last);
  }
}

static void separable(const zdk_separable *p) {
  separable_tile tile;
  for (int32_t y = 0; y < p->rows; y += 2) {
    const int rows = p->rows - y < 2 ? 1 : 2;
    for (int32_t x = 0; x < p->width; x += ZDK_TILE_PIXELS) {
      const int32_t width = p->width - x < ZDK_TILE_PIXELS ? p->width - x : ZDK_TILE_PIXELS;
      if (rows == 2) {
        depthwise_tile(&tile, p, x, y, width, 2);
      } else {
        depthwise_tile(&tile, p, x, y, width, 1);
      }
      for (int row = 0; row < rows; row++) {
        pointwise_row(p->out[y + row] + x, tile.values + row * ZDK_TILE_PIXELS, p, width);
      }
    }
  }
}
