// The hot loops of training, beside those of zdk.h and under the same conventions.
//
// Planes are `rows` × `width` floats, `stride` floats from row to row, with a column of zeros on either side and a row
// of zeros above and below wherever a kernel reads neighbours. Sums differ between variants by rounding only.

#ifndef ZDK_TRAINING_H
#define ZDK_TRAINING_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *name;  ///< "plain", "avx2", "avx512".

  /// x ← max(x + bias, floor), one plane; a floor of −infinity adds the bias only. Padding is not touched.
  void (*bias)(float *x, size_t stride, int32_t width, int32_t rows, float bias, float floor);

  /// Gradient of `depthwise3x3` by its parameters, one plane: sums[3·dy + dx] = Σ out[y][x] · in[y + dy − 1][x + dx − 1],
  /// and sums[9] = Σ out[y][x], the bias's. `in` is what went in, `out` the gradient by what came out.
  void (*depthwise3x3_gradient)(float sums[10], const float *in, const float *out, size_t stride, int32_t width,
                                int32_t rows);

  /// gradient ← activation > 0 ? gradient + other : 0, for `count` floats; `other` may be null.
  void (*relu_gradient)(float *gradient, const float *other, const float *activation, size_t count);

  /// gradient ← gradient · (1 − activation²) for `count` floats.
  void (*tanh_gradient)(float *gradient, const float *activation, size_t count);

  /// Gradient of the curve x ← x + A·(x² − x), `iterations` (1...8) times, by its maps: `count` pixels of one channel.
  ///
  /// `x` is what went in, `out` the gradient by what came out. With `maps == 1` the one map serves all iterations and
  /// its gradient is the sum over them; else `maps == iterations`. Writes `map_gradient[m]`.
  void (*curve_gradient)(float *const *map_gradient, const float *x, const float *const *map, const float *out,
                         int32_t maps, int32_t iterations, size_t count);

  /// Squared differences between neighbours of one plane: sums[0] between columns, sums[1] between rows.
  ///
  /// Writes the gradient of across · sums[0] + down · sums[1] to `gradient`; only the plane itself is read.
  void (*smoothness)(double sums[2], float *gradient, const float *x, size_t stride, int32_t width, int32_t rows,
                     float across, float down);

  /// The sum of `count` floats.
  float (*sum)(const float *x, size_t count);
} zdk_training_kernels;

/// The widest table that `mask` (as in zdk.h) and the processor allow; 0 gives the plain C reference. Never null; static.
const zdk_training_kernels *zdk_training_kernels_for(uint32_t mask);

#endif
