// The hot loops of zdce-video, and nothing else.
//
// Every kernel stands in a table, `zdk_kernels`. The plain C table is the reference: portable, obvious, compiled for
// the baseline of the target. The other tables hold the same operations for wider vectors; `zdk_kernels_for` picks the
// widest that the processor and the caller's mask allow, so tests and benchmarks can force any of them.
//
// Conventions, unless a kernel says otherwise:
// - Strides of sample planes are in bytes, counts in samples. Nothing is aligned and nothing is padded: a kernel
//   touches exactly the samples that its arguments name.
// - Buffers belong to the caller, do not overlap unless said, and live for the duration of the call. Kernels
//   allocate nothing, keep no state, and may run on any number of threads at once.
// - Arguments are trusted: sizes and pointers are checked by the callers in Swift.
// - Every variant may contract a*b+c to a fused multiply-add. Against the reference, floats differ by at most 2e-6
//   of the value range (4e-6 for eight steps of the curve, whose slope reaches 256), native samples by at most one
//   code; where fine rows become more than 12 bits, by one of 12.

#ifndef ZDK_H
#define ZDK_H

#include <stddef.h>
#include <stdint.h>

#include "zdk_training.h"

/// Instruction sets beyond the baseline that have a table of their own; bits of a mask.
enum {
  ZDK_CPU_AVX2 = 1,    ///< AVX2 and FMA.
  ZDK_CPU_AVX512 = 2,  ///< AVX-512 F, BW, DQ, VL.
};

/// Most iterations of the light-enhancement curve, and so most curve maps, that a call may ask for.
enum { ZDK_MAX_MAPS = 8 };

/// Rows and columns of the window of structural similarity.
enum { ZDK_SSIM_TAPS = 11 };

/// The curve of one row of pixels, or of chroma samples, already interpolated to their number in x; y is interpolated on the fly.
///
/// The map value of pixel x, channel c, map m is `a + t·(b − a)` with `a = upper[m·3 + c][x]`, `b = lower[m·3 + c][x]`.
/// Values in [-1, 1]. With `maps == 1` the one map serves all `iterations`; else iteration i uses map i and
/// `maps == iterations`.
typedef struct {
  const float *upper[ZDK_MAX_MAPS * 3];
  const float *lower[ZDK_MAX_MAPS * 3];
  float t;  ///< In [0, 1].
} zdk_curve_row;

/// One row of planar float RGB, values in [0, 1], `width` floats for each channel.
typedef struct {
  const float *x[3];  ///< Read.
  float *out[3];      ///< Written. May equal `x`, or not overlap it.
  size_t width;
  int32_t maps, iterations;
  /// Not 0: the picture is larger than the caches near a core, and nobody reads the results at once: they are written
  /// past the caches where they are aligned to cache lines. Such writes are in order before any atomic exchange.
  int32_t streamed;
  zdk_curve_row curve;
} zdk_float_row;

/// How native YUV codes and RGB in [0, 1] hang together. All values are in units of one code of the given bit depth.
typedef struct {
  float y_offset, y_scale;        ///< Y = (code − y_offset) · y_scale, nominally [0, 1]
  float c_offset, c_scale;        ///< Cb, Cr = (code − c_offset) · c_scale, nominally [−0.5, 0.5]
  float r_cr, g_cb, g_cr, b_cb;   ///< R = Y + r_cr·Cr; G = Y + g_cb·Cb + g_cr·Cr; B = Y + b_cb·Cb
  float kr, kg, kb;               ///< Y = kr·R + kg·G + kb·B; they sum to 1
} zdk_matrix;

/// What a look other than the paper's does to colours before the curve.
typedef struct {
  float gain;   ///< At least 1: on RGB values, like a longer exposure.
  /// In [0.5, 1]: gained values from here on are rolled off by a parabola that reaches 1 at 2 − knee. At 1, they are
  /// cut off; a gain of 1 goes with 1.
  float knee;
  /// Near black, chroma is mostly noise: it is multiplied by clamp((luma − trust_from)·trust_slope, trust_least, 1)².
  /// Luma in codes; of RGB the green channel stands for it.
  float trust_from, trust_slope, trust_least;
} zdk_tone;

/// Samples of a fine row: 16-bit fixed point, planar, with `ZDK_FINE_BITS` significant bits whatever the depth of the
/// format: code·2^(15 − depth). So 8-bit codes have seven bits of fraction, and differences fit a signed number.
enum { ZDK_FINE_BITS = 15 };

/// One group of native YUV rows that share their chroma: one luma row, or two of them (4:2:0).
///
/// `uint8_t` samples where `depth == 8`, else `uint16_t` in native byte order holding the code shifted left by
/// `shift` (P010: depth 10, shift 6; yuv420p10: depth 10, shift 0). Steps are the distance in samples between
/// neighbours of one component. Layouts in use: planar (1, 1), semi-planar (1, 2), packed 4:2:2 (2, 4).
typedef struct {
  const void *y[2];   ///< `rows` luma rows, read.
  const void *u, *v;  ///< The chroma row, read; both null for grey.
  void *y_out[2], *u_out, *v_out;  ///< Same layout as the inputs; written. May equal the inputs, or not overlap them.
  int32_t rows;           ///< 1 or 2.
  int32_t width;          ///< Luma samples per row.
  int32_t chroma_shift_x; ///< 0: chroma width = width; 1: chroma width = (width + 1) / 2.
  int32_t y_step, c_step;
  int32_t depth, shift;
  int32_t maps, iterations;
  /// Not 0: `y`, `u` and `v` are fine rows, and `tone` is honoured. Then outputs do not overlap inputs.
  int32_t fine;
  /// Null, or under `fine` and in planar layouts, for each whole group of `ZDK_DENOISE_GROUP` luma columns one of
  /// `ZDK_MAKE` and so on.
  const uint8_t *held;
  const void *y_before[2], *u_before, *v_before;  ///< Results of the frame before; same layout as the outputs.
  zdk_tone tone;
  zdk_matrix matrix;
  /// One per luma row. Under `fine`, where there is chroma, the first one alone: that of each chroma sample, at the
  /// chroma's width.
  zdk_curve_row curve[2];
} zdk_yuv_rows;

/// Groups of rows that are enhanced at a time.
enum { ZDK_YUV_GROUPS = 8 };

/// What becomes of a group of columns of the outputs, most work first: it is made; copied from the frame before; left as it
/// is.
enum { ZDK_MAKE, ZDK_COPY, ZDK_LEAVE };

/// One row of native RGB, planar (step 1) or packed (step 3 or 4). Samples as in `zdk_yuv_rows`; full range.
typedef struct {
  const void *rgb[3];  ///< First sample of R, G, B; read.
  void *rgb_out[3];    ///< Same layout; written. May equal the inputs, or not overlap them.
  int32_t width;
  int32_t step;        ///< Samples between neighbours of one component.
  int32_t depth, shift;
  int32_t maps, iterations;
  /// Not 0: `rgb` holds fine rows, of G, (R − G)/2 + ½ and (B − G)/2 + ½ as `widen_rgb` makes them, and `tone` is
  /// honoured. Then outputs do not overlap inputs.
  int32_t fine;
  /// Of `enhance_float`. Not 0: results are not read again soon, and may be written past the caches.
  int32_t streamed;
  zdk_tone tone;
  zdk_curve_row curve;
} zdk_rgb_row;

/// Neighbouring samples that are denoised together, and share a memory of motion.
enum { ZDK_DENOISE_GROUP = 32 };
/// Columns from a sample to neighbours that denoising looks at, at most; rows that are denoised at a time.
enum { ZDK_DENOISE_REACH = 8, ZDK_DENOISE_ROWS = 8 };
/// Levels of brightness that noise is told apart by: fine samples of x·2^11 to just below (x + 1)·2^11.
enum { ZDK_DENOISE_LEVELS = 16 };
/// So that sums of eight halves of it are bytes.
enum { ZDK_LARGEST_REACH = 63 };
/// Columns of a block whose drift is looked at.
enum { ZDK_DRIFT_COLUMNS = 4 };
/// Samples that `grain` takes together.
enum { ZDK_GRAIN_BLOCK = 16 };

/// A tile that is the same from frame to frame, bit by bit, has no noise to be averaged: one frame in so many is denoised,
/// with the share of all of them. Where something has moved of late, one in two; colour whose luma is new, in every one.
enum { ZDK_REPEATED_FRAMES = 3 };

/// What the samples of a group are: new, or repeated; each plus k where the last k frames, which repeated the one before
/// them, were not looked at, which is to be made up for; waiting, or spared, since its history has settled: history and
/// memory are left as they are.
enum { ZDK_NEW, ZDK_REPEATED = ZDK_REPEATED_FRAMES, ZDK_WAITING = 2 * ZDK_REPEATED_FRAMES, ZDK_SPARED, ZDK_STATES };

/// Rows of one component on their way through the denoiser: those of a row of tiles, or fewer.
typedef struct {
  /// For each row five: itself, far above, near above, near below, far below; fine but where they are `narrow`.
  const void *const *rows;
  /// Not 0: `rows` are 8-bit codes, each standing for 2^7 fine steps. The result is that of fine rows.
  int32_t narrow;
  int32_t height;     ///< Rows: up to `ZDK_DENOISE_ROWS`.
  int32_t count;      ///< Samples of a row. Beyond its ends, it is taken to go on as it begins and ends.
  int32_t near, far;  ///< Columns between a row's sample and those of near and far rows: up to `ZDK_DENOISE_REACH`.
  int32_t sparse;     ///< Not 0: four of the neighbours are looked at, in place of eight.
  /// The denoised rows of the frame before, up to 255·2^7; replaced by those of this frame. Padded to whole groups, which
  /// are worked on as well. Samples from one row to the next.
  uint16_t *history;
  ptrdiff_t history_stride;
  /// How much has moved lately in each group of a row, of 2^15; updated. At first 0. And from one row to the next.
  uint16_t *recent;
  ptrdiff_t recent_stride;
  /// What has moved in each group of a row at least, or null: chroma goes by the motion of its luma. Likewise.
  const uint16_t *motion;
  ptrdiff_t motion_stride;
  /// Null, or for each group one of `ZDK_NEW` and so on.
  const uint8_t *states;
  /// Null, or becomes for each column of the groups that are worked on the sum of its changes: what is added to the history
  /// is added up here, up to the ends of the range.
  int16_t *drift;
  /// Room for three times a row, padded to whole groups.
  uint16_t *scratch;
  /// Null where `drift` is, or becomes for each of these groups the greatest share of motion, of 2^15, that was seen or
  /// remembered.
  uint16_t *unrest;
  /// Twice the difference that still counts as noise, at each level of brightness, in units of 2^7 fine steps; up to
  /// `ZDK_LARGEST_REACH`.
  uint8_t reach[ZDK_DENOISE_LEVELS];
  /// The sum of the changes of five neighbours, up to which a sample is taken for still; and how much more of it makes
  /// it moving. `range` is in 1 ... 32767.
  uint16_t still, range;
  /// The share, of 2^15, that the new sample has where nothing moves, in groups of each state. 32767 forgets the history.
  uint16_t rates[ZDK_WAITING];
} zdk_denoise_rows;

/// A row of tiles of one component as decoded.
typedef struct {
  const uint8_t *plane;  ///< The first tile's first row.
  ptrdiff_t stride;      ///< In bytes; may be negative.
  size_t rows, bytes;    ///< Of a tile; `bytes` is 16, 32 or 64.
  size_t tiles;          ///< They stand side by side.
  uint64_t *prints;      ///< For each tile its fingerprint; updated.
  uint8_t *waits;          ///< For each tile, for how many frames it has not been looked at; updated.
  const uint8_t *rest;     ///< For each tile, frames for which it is at rest,
  int32_t patience;        ///< and how many of them make it wait for longer.
  const uint8_t *settled;  ///< For each tile, 1 where it has settled, else 0.
  const uint8_t *luma;     ///< Null, or for each tile of colour the state of its luma: where that is new, none waits.
  uint8_t *states;         ///< Becomes, for each tile, one of `ZDK_NEW` and so on.
  /// Becomes, for each group of so many tiles, 1 or 2, what these are to be taken for together: the least of their states,
  /// which they then have themselves.
  uint8_t *groups;
  size_t tiles_of_group;
  int32_t is_first;   ///< Not 0: what was before is not known, and all tiles are new.
  int32_t is_active;  ///< Becomes 1 where any tile is to be worked on or is yet to come to rest, else 0.
  size_t repeats;     ///< Becomes the number of tiles whose samples are those of the frame before.
} zdk_print_row;

/// A row of tiles of one component after it was denoised: see `zdk_denoise_rows` for `drift` and `unrest`.
typedef struct {
  const int16_t *drift;    ///< `tiles` times `columns` numbers. Nothing of tiles that wait or are spared is looked at.
  const uint16_t *unrest;  ///< One for each `ZDK_DENOISE_GROUP` columns; for tiles that wait or are spared, any.
  size_t tiles, columns;   ///< `columns`, 16 or 32, are a tile's.
  /// For each block of `ZDK_DRIFT_COLUMNS` columns the drift since it was last set to 0; that of the frame is added in tiles
  /// that are at rest long enough. Others cannot keep a result that drift would count from.
  int32_t *sums;
  const uint8_t *levels;   ///< For each tile its brightness, below `ZDK_DENOISE_LEVELS`.
  int32_t unseen[ZDK_DENOISE_LEVELS];  ///< At each of them, the greatest drift of a block that makes no difference.
  int32_t restful;         ///< The greatest unrest of a tile at rest.
  uint8_t *rest;           ///< For each tile, frames for which it is at rest; updated, up to 255.
  int32_t patience;        ///< So many of them, up to 255, make it calm: trails of what has moved are gone.
  const uint8_t *states;   ///< For each tile one of `ZDK_NEW` and so on.
  /// For each of these, the greatest drift of a column in the frame of a tile that has settled; negative if it cannot have.
  int32_t settled_change[ZDK_STATES];
  /// Becomes, for each tile, 1 where its history stays as it is, or it is at rest long enough and no block has drifted;
  /// else 0.
  uint8_t *calm;
  uint8_t *settled;        ///< Becomes 1 where it is at rest long enough and has settled, else 0.
} zdk_settle_row;

/// Most channels that a separable layer may read.
enum { ZDK_MAX_INPUTS = 64 };

/// Some rows of one depthwise-separable layer: 3×3 depthwise plus bias, then 1×1 pointwise plus bias.
///
/// Column x of a row's channel c is at row + c·plane_stride + x, strides in floats; rows lie anywhere. The sets follow each
/// other: channel `planes[0]` is the first of `in[1]`.
typedef struct {
  /// For each set `rows` + 2 rows: the one above those that are made, these, and the one below. Beyond the picture they are
  /// padding, as is a column on either side: see below.
  const float *const *in[2];
  int32_t planes[2];         ///< Their sum, K, is at most `ZDK_MAX_INPUTS`. With 0 planes the set, or its rows, may be null.
  size_t in_plane_stride;
  float *const *out;         ///< The `rows` rows of `outputs` planes that are written.
  size_t out_plane_stride;
  const float *depth_weights, *depth_biases;  ///< K × 9, row by row of the window; K.
  const float *point_weights, *point_biases;  ///< K × outputs (PyTorch's matrix transposed); outputs.
  int32_t outputs, width, rows;
  int32_t rectify;           ///< Not 0: negative results become 0.
} zdk_separable;

typedef struct {
  const char *name;  ///< "plain", "avx2", "avx512".

  /// Light-enhancement curve on a row of planar float: `iterations` times x ← x + A·(x² − x).
  void (*curve)(const zdk_float_row *row);

  /// Enhances native YUV (or grey) rows: convert, apply the curve, convert back.
  ///
  /// The result is code + round(ΔY or mean ΔC), where Δ is what the curve adds to the RGB value, clamped to [0, 1],
  /// of each pixel. So a curve of zeros returns every code unchanged, codes outside the nominal range included, and
  /// subsampled chroma moves by the mean of what its pixels ask for. Chroma of a pixel is that of the nearest
  /// chroma sample (replication), whose adjoint is the mean on the way back: nothing shifts, whatever the siting.
  /// Results are clamped to [0, 2^depth − 1]. Bits below `shift` are written as zero.
  ///
  /// Under `fine`, R, G and B are those of a chroma sample and the mean luma of its pixels, and chroma moves by what the
  /// curve adds to them. A pixel's luma moves by what the curve of luma adds to it; that curve is the mean, by kr, kg, kb,
  /// of the three. To that comes, of what the colours' ΔY is beyond that of their mean luma, a share of min(1, pixel's luma
  /// / mean luma): dark pixels beside coloured light must not fall below black. Where all pixels of a group are the same, as
  /// where they have chroma of their own, that is what the three curves add. Grey has the curve of luma alone.
  ///
  /// `count` groups of rows, up to `ZDK_YUV_GROUPS`, that are alike in all but where they are, and their curves; of the same
  /// tiles, where these are held.
  void (*enhance_yuv)(const zdk_yuv_rows *rows, size_t count);

  /// Enhances one row of native RGB. Same principle: code + round(Δ·(2^depth − 1)).
  void (*enhance_rgb)(const zdk_rgb_row *row);

  /// The same for a row of planar float: from three fine rows, as `zdk_rgb_row` says of them, to values in [0, 1].
  /// `rgb_out` are floats, step, depth and shift are not looked at; one is 255·2^7.
  void (*enhance_float)(const zdk_rgb_row *row);

  /// Brings `count` samples, `step` apart, of a native component to a fine row.
  void (*widen)(uint16_t *to, const void *from, int32_t step, size_t count, int32_t depth, int32_t shift);
  /// The same for R, G and B at once, to three fine rows: G, (R − G)/2 + ½, (B − G)/2 + ½.
  void (*widen_rgb)(uint16_t *const to[3], const void *const from[3], int32_t step, size_t count, int32_t depth,
                    int32_t shift);
  /// The same from planar float; values beyond [0, 1] are cut off, and 1 becomes 255·2^7.
  void (*widen_float)(uint16_t *const to[3], const float *const from[3], size_t count);

  /// Denoises rows in place of `history`, in exact integer arithmetic: every variant gives the same result.
  ///
  /// First in space: the mean of a sample and its eight neighbours, (±near, ±near) and (±far, ±far), where neighbours
  /// that differ by more than half the reach count ever less, and not at all beyond it; if `sparse`, of four of these,
  /// (−far, −far), (far, far), (near, −near) and (−near, near). Then in time: the history moves
  /// towards that mean by its rate where the five samples about it have changed little, and all the way where they have
  /// moved. What moves away would leave a faint outline, of changes too small to tell from noise: hence samples share
  /// the certain motion of those next to them, and in a group where something has moved, the share falls back to
  /// the rate over several frames. Beyond a group that is not worked on, samples are taken to go on as they end.
  void (*denoise)(const zdk_denoise_rows *rows);

  /// How grainy a fine row is, block by block of `ZDK_GRAIN_BLOCK` samples, in exact integer arithmetic.
  ///
  /// `grain`: the mean distance of samples from the mean of their neighbours to the left and right, or, if that is
  /// less, of samples from those of `before`, the same row one frame earlier (null: not looked at). Noise is rough in
  /// space and changes in time; texture that stands still does not change, what is flat and moves is not rough.
  /// `change`: the mean distance from those of `before`, 0 without. `level`: the mean. All have `count / ZDK_GRAIN_BLOCK`
  /// values; what lies behind whole blocks is left out. One more sample on either side of `row` is read.
  void (*grain)(uint16_t *grain, uint16_t *change, uint16_t *level, const uint16_t *row, const uint16_t *before,
                size_t count);

  /// Finds the tiles of a row of them that are what they were, by their fingerprints, and what is to be done about them.
  ///
  /// Two tiles that differ have the same fingerprint no more often than two random numbers of 32 bits are equal, and those
  /// that differ in one word of four bytes never have. Every variant has the same ones.
  void (*fingerprint)(zdk_print_row *row);

  /// Finds the tiles of a row of them in which nothing moves or changes.
  void (*settle)(const zdk_settle_row *row);

  /// sums[i] += samples[row · stride + i] for each of `rows` rows and `count` columns; for the area mean of a thumbnail.
  /// 8-bit samples into 32-bit sums, which wrap around; `stride` is in samples and may be negative.
  void (*accumulate8)(uint32_t *sums, const uint8_t *samples, ptrdiff_t stride, size_t rows, size_t count);
  /// The same for 16-bit samples.
  void (*accumulate16)(uint32_t *sums, const uint16_t *samples, ptrdiff_t stride, size_t rows, size_t count);
  /// The same for float samples, row after row: every variant gives the same result.
  void (*accumulate_float)(float *sums, const float *samples, ptrdiff_t stride, size_t rows, size_t count);

  /// sums[i] += |d| and shifts[i] += d, d = a[row · stride + i] − b[row · stride + i], for each of `rows` rows and `count`
  /// columns. Every variant gives the same result.
  void (*distances)(float *sums, float *shifts, const float *a, const float *b, ptrdiff_t stride, size_t rows,
                    size_t count);
  /// Lets `planes` planes of `count` `values` each catch up with those of `from`, all of them where any differs by more than
  /// `tolerance`: marks[i] becomes 1 there, else 0. All are numbers. Returns the greatest of `values` then, or 0 if that is
  /// greater. Every variant gives the same result.
  float (*catch_up)(uint8_t *marks, float *values, const float *from, size_t count, size_t planes, float tolerance);
  /// How many of `steps` equal steps from 0 to 1, fewer than 2^16, `count` colours have climbed, from 0 for what is below or
  /// no number to `steps` for what is above: `greatest` by their largest channel, `green` by that.
  void (*tone_steps)(uint16_t *greatest, uint16_t *green, const float *r, const float *g, const float *b, size_t count,
                     float steps);

  /// to[i] = the sum of the `columns` values of `sums` from i·columns on, for `cells` cells; wraps around.
  void (*cell_sums)(uint32_t *to, const uint32_t *sums, size_t cells, size_t columns);
  /// Brings a row of cells to full width: row[x] = a + weights[x]·(b − a), a and b the cells lower[x] and upper[x] ≥ lower[x],
  /// neither of which ever falls from one x to the next. Any cell between the first and the last of them may be read.
  void (*expand)(float *row, const float *cells, const int32_t *lower, const int32_t *upper, const float *weights,
                 size_t width);

  /// Depthwise 3×3 convolution of one plane plus bias: out[y][x] = bias + Σ w[3·dy + dx] · in[y + dy − 1][x + dx − 1].
  ///
  /// `in` and `out`: `rows` × `width` floats, row strides in floats. `in` must have one readable column on either side
  /// and one readable row above and below: padding, zero where the picture ends.
  void (*depthwise3x3)(float *out, size_t out_stride, const float *in, size_t in_stride, const float weights[9],
                       float bias, int32_t width, int32_t rows);

  /// A depthwise-separable layer: out[o] = point_biases[o] + Σ point_weights[c][o] · depthwise3x3(in[c]).
  ///
  /// The padding is read as in `depthwise3x3`; columns outside [0, width) are not written. The depthwise results stay
  /// on the stack (up to 40 KiB), and do not depend on how an image is cut into calls. Values of |in| <= 1 and weights
  /// that keep the sums of magnitudes within S give differences of at most 2e-6·S.
  void (*separable)(const zdk_separable *layer);

  /// x ← max(x, 0) for `count` floats.
  void (*relu)(float *x, size_t count);
  /// x ← tanh(x) for `count` floats; within 1e-6.
  void (*tanh)(float *x, size_t count);

  /// sums[0] += Σ |a − b|, sums[1] += Σ (a − b)², over `count` floats in [0, 255]. Exact for whole numbers.
  void (*difference)(double sums[2], const float *a, const float *b, size_t count);

  /// Down the window of structural similarity (Wang et al. 2004): the weighted sums over `ZDK_SSIM_TAPS` rows of a, b,
  /// (a − b)² and a·b, in this order. From these, equal pictures have a similarity of exactly 1.
  ///
  /// `a`, `b`: pointers to `ZDK_SSIM_TAPS` rows of `count` floats, about zero: 8-bit codes less 127.5, so that squares
  /// stay small. `out`: four rows of `count` floats, `stride` floats apart.
  void (*ssim_columns)(float *out, size_t stride, const float *const *a, const float *const *b,
                       const float weights[ZDK_SSIM_TAPS], size_t count);

  /// Across the window: the sum of the similarity at `count` places. `columns`: what `ssim_columns` made of
  /// `count + ZDK_SSIM_TAPS − 1` columns. `offset` is what was taken off the codes; `c1`, `c2` are the two constants.
  double (*ssim_row)(const float *columns, size_t stride, const float weights[ZDK_SSIM_TAPS], float offset, float c1,
                     float c2, size_t count);
} zdk_kernels;

/// What this processor has, of the sets above.
uint32_t zdk_cpu_flags(void);

/// The widest table that `mask` and the processor allow; 0 gives the plain C reference. Never null; static.
const zdk_kernels *zdk_kernels_for(uint32_t mask);

#endif
