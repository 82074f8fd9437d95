// Times the kernels one by one, on one thread, and the machine's peaks. Prints one JSON object per line.
//
//   kernels peaks                 what arithmetic and memory can do at most, on one thread and on two
//   kernels time VARIANT          every kernel of plain, avx2 or avx512, over pictures larger than the caches near a core
//   kernels once VARIANT KERNEL   one pass, for a profiler that counts what `one_pass` executes
//   kernels list                  names, pixels of a pass, bytes and operations per pixel

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "zdk.h"

enum { WIDTH = 1920, ROWS = 240, PICTURES = 24, PAD = 128, CHANNELS = 32, CELLS = 160 };

/// Buffers of one picture: enough for whichever kernel.
typedef struct {
  float *in[3], *out[3];
  uint8_t *bytes[3], *bytes_out[3];
  uint16_t *fine[3], *history, *recent;
} picture;

static picture pictures[PICTURES];
static float *curve_rows[6], *features, *features_out, *weights;
static uint32_t *sums;

static void *filled(size_t count, size_t size, float most) {
  void *memory = aligned_alloc(64, (count * size + 63) / 64 * 64 + 4096);
  if (memory == NULL) abort();
  uint32_t state = 12345;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525 + 1013904223;
    const float value = most * (float)(state >> 8) / 16777216.0f;
    if (size == 4) ((float *)memory)[i] = value;
    if (size == 2) ((uint16_t *)memory)[i] = (uint16_t)value;
    if (size == 1) ((uint8_t *)memory)[i] = (uint8_t)value;
  }
  return memory;
}

static void fill(int count_of_pictures) {
  const size_t count = (size_t)WIDTH * ROWS;
  for (int p = 0; p < count_of_pictures; p++) {
    for (int c = 0; c < 3; c++) {
      pictures[p].in[c] = filled(count, 4, 0.3f);
      pictures[p].out[c] = filled(count, 4, 0);
      pictures[p].bytes[c] = filled(count, 1, 80);
      pictures[p].bytes_out[c] = filled(count, 1, 0);
      pictures[p].fine[c] = filled(count, 2, c == 0 ? 64 * 128 : 16 * 128);
    }
    // A night: luma from black on, chroma within 8 codes of neutral.
    for (int c = 0; c < 3; c++) {
      for (size_t i = 0; i < count; i++) pictures[p].fine[c][i] += c == 0 ? 16 * 128 : 120 * 128;
    }
    pictures[p].history = filled(count + PAD, 2, 80 * 128);
    pictures[p].recent = filled(count, 2, 0);
  }
  for (int i = 0; i < 6; i++) {
    curve_rows[i] = filled(WIDTH, 4, 0.6f);
    for (int x = 0; x < WIDTH; x++) curve_rows[i][x] = -0.2f - curve_rows[i][x];
  }
  features = filled((size_t)2 * CHANNELS * (CELLS + 2) * 8, 4, 1);
  features_out = filled((size_t)CHANNELS * (CELLS + 2) * 8, 4, 0);
  weights = filled(2 * CHANNELS * (9 + CHANNELS + 1) + CHANNELS, 4, 0.1f);
  sums = filled(WIDTH, 4, 0);
  memset(sums, 0, WIDTH * sizeof *sums);
}

static zdk_curve_row curves(void) {
  zdk_curve_row row = {.t = 0.4f};
  for (int c = 0; c < 3; c++) row.upper[c] = curve_rows[c], row.lower[c] = curve_rows[3 + c];
  return row;
}

// MARK: One pass of each kernel over a picture

static void pass_curve(const zdk_kernels *k, picture *p) {
  zdk_float_row row = {.width = WIDTH, .maps = 1, .iterations = 8, .streamed = 1};
  row.curve = curves();
  for (size_t y = 0; y < ROWS; y++) {
    for (int c = 0; c < 3; c++) row.x[c] = p->in[c] + y * WIDTH, row.out[c] = p->out[c] + y * WIDTH;
    k->curve(&row);
  }
}

/// 4:2:0 with BT.709 and limited range.
static void pass_yuv(const zdk_kernels *k, picture *p, int depth, int fine) {
  const float codes = (float)(1 << depth), unit = (float)(1 << (depth - 8));
  const size_t size = depth == 8 ? 1 : 2;
  zdk_yuv_rows group = {.rows = 2, .width = WIDTH, .chroma_shift_x = 1, .y_step = 1, .c_step = 1, .depth = depth,
                        .maps = 1, .iterations = 8, .fine = fine};
  group.matrix = (zdk_matrix){.y_offset = 16 * unit, .y_scale = 1 / (219 * unit), .c_offset = codes / 2,
                              .c_scale = 1 / (224 * unit), .r_cr = 1.5748f, .g_cb = -0.1873f, .g_cr = -0.4681f,
                              .b_cb = 1.8556f, .kr = 0.2126f, .kg = 0.7152f, .kb = 0.0722f};
  group.tone = (zdk_tone){.gain = 2, .knee = 0.8f, .trust_from = 10, .trust_slope = 0.05f, .trust_least = 0};
  group.curve[0] = group.curve[1] = curves();
  for (size_t y = 0; y < ROWS / 2; y += 2) {
    for (size_t row = 0; row < 2; row++) {
      const size_t at = (y + row) * WIDTH;
      group.y[row] = fine ? (void *)(p->fine[0] + at) : (void *)(p->bytes[0] + at * size);
      group.y_out[row] = p->bytes_out[0] + at * size;
    }
    const size_t at = y / 2 * (WIDTH / 2);
    group.u = fine ? (void *)(p->fine[1] + at) : (void *)(p->bytes[1] + at * size);
    group.v = fine ? (void *)(p->fine[2] + at) : (void *)(p->bytes[2] + at * size);
    group.u_out = p->bytes_out[1] + at * size, group.v_out = p->bytes_out[2] + at * size;
    k->enhance_yuv(&group, 1);
  }
}

static void pass_yuv8(const zdk_kernels *k, picture *p) { pass_yuv(k, p, 8, 0); }
static void pass_yuv10(const zdk_kernels *k, picture *p) { pass_yuv(k, p, 10, 0); }
static void pass_yuv8_fine(const zdk_kernels *k, picture *p) { pass_yuv(k, p, 8, 1); }

static void pass_rgb8(const zdk_kernels *k, picture *p) {
  zdk_rgb_row row = {.width = WIDTH, .step = 3, .depth = 8, .maps = 1, .iterations = 8};
  row.curve = curves();
  for (size_t y = 0; y < ROWS / 3; y++) {
    for (int c = 0; c < 3; c++) row.rgb[c] = p->bytes[0] + y * WIDTH * 3 + c, row.rgb_out[c] = p->bytes_out[0] + y * WIDTH * 3 + c;
    k->enhance_rgb(&row);
  }
}

static void pass_widen(const zdk_kernels *k, picture *p) {
  for (size_t y = 0; y < ROWS; y++) k->widen(p->fine[0] + y * WIDTH, p->bytes[0] + y * WIDTH, 1, WIDTH, 8, 0);
}

static uint16_t scratch[3 * WIDTH];

static void pass_denoise_rows(const zdk_kernels *k, picture *p, int narrow) {
  zdk_denoise_rows rows = {.near = 1, .far = 3, .count = WIDTH, .height = 8, .still = 896, .range = 1792,
                           .rates = {3932, 3932, 3932, 3932, 3932, 3932}, .narrow = narrow, .history_stride = WIDTH,
                           .recent_stride = WIDTH / ZDK_DENOISE_GROUP, .scratch = scratch};
  for (int level = 0; level < ZDK_DENOISE_LEVELS; level++) rows.reach[level] = level < 4 ? 7 : 1;
  const size_t line = narrow ? WIDTH : 2 * WIDTH;
  for (size_t y = 4; y < ROWS - 4; y += 8) {
    const void *places[8 * 5];
    for (size_t row = 0; row < 8; row++) {
      const uint8_t *at = (narrow ? p->bytes[0] : (uint8_t *)p->fine[0]) + (y + row) * line;
      const void **five = places + 5 * row;
      five[0] = at, five[1] = at - 3 * line, five[2] = at - line, five[3] = at + line, five[4] = at + 3 * line;
    }
    rows.rows = places;
    rows.history = p->history + y * WIDTH;
    rows.recent = p->recent + y * (WIDTH / ZDK_DENOISE_GROUP);
    k->denoise(&rows);
  }
}

static void pass_denoise(const zdk_kernels *k, picture *p) { pass_denoise_rows(k, p, 0); }
static void pass_denoise8(const zdk_kernels *k, picture *p) { pass_denoise_rows(k, p, 1); }

static void pass_accumulate8(const zdk_kernels *k, picture *p) {
  for (size_t y = 0; y < ROWS; y += 12) k->accumulate8(sums, p->bytes[0] + y * WIDTH, WIDTH, ROWS - y < 12 ? ROWS - y : 12, WIDTH);
}

static void pass_accumulate_float(const zdk_kernels *k, picture *p) {
  for (size_t y = 0; y < ROWS; y += 12) {
    k->accumulate_float((float *)sums, p->in[0] + y * WIDTH, WIDTH, ROWS - y < 12 ? ROWS - y : 12, WIDTH);
  }
}

/// One layer of the network, on two rows at a time as the estimator calls it; the same features again and again.
static void pass_separable(const zdk_kernels *k, picture *p) {
  (void)p;
  const size_t plane = CELLS + 2, row = plane * CHANNELS;
  const float *in[4];
  for (size_t y = 0; y < 4; y++) in[y] = features + y * row + 1;
  float *const out[2] = {features_out + row + 1, features_out + 2 * row + 1};
  zdk_separable layer = {.in = {in, NULL}, .planes = {CHANNELS, 0}, .in_plane_stride = plane, .out = out,
                         .out_plane_stride = plane, .outputs = CHANNELS, .width = CELLS, .rows = 2, .rectify = 1};
  layer.depth_weights = weights, layer.depth_biases = weights + 9 * CHANNELS;
  layer.point_weights = weights + 10 * CHANNELS, layer.point_biases = weights + (10 + CHANNELS) * CHANNELS;
  for (int i = 0; i < 40; i++) k->separable(&layer);
}

typedef struct {
  const char *name;
  void (*pass)(const zdk_kernels *, picture *);
  size_t pixels;      ///< Of one pass.
  double bytes;       ///< Read and written per pixel, rows of the curve map left out: those stay in the cache.
  double operations;  ///< On floats per pixel, by the formulas: a multiply-add counts two. 0: whole numbers.
} kernel;

// A channel takes 4 for its curve value (with 1 − a) and 3 for each of 8 steps. To and from YUV: 8 for R, G, B, 6 for
// luma, and for each pixel a quarter of 12 for chroma. Of the natural look, luma takes 35 for each pixel, and what four
// pixels share 191.
static const kernel kernels[] = {
    {"curve", pass_curve, (size_t)WIDTH *ROWS, 24, 84},
    {"enhance_yuv 8 bit", pass_yuv8, (size_t)WIDTH *(ROWS / 2), 3, 101},
    {"enhance_yuv 10 bit", pass_yuv10, (size_t)WIDTH *(ROWS / 2), 6, 101},
    {"enhance_yuv 8 bit, natural", pass_yuv8_fine, (size_t)WIDTH *(ROWS / 2), 4.5, 83},
    {"enhance_rgb 8 bit packed", pass_rgb8, (size_t)WIDTH *(ROWS / 3), 6, 93},
    {"widen", pass_widen, (size_t)WIDTH *ROWS, 3, 0},
    {"denoise", pass_denoise, (size_t)WIDTH *(ROWS - 8), 6, 0},
    {"denoise_8bit", pass_denoise8, (size_t)WIDTH *(ROWS - 8), 5, 0},
    {"accumulate8", pass_accumulate8, (size_t)WIDTH *ROWS, 1, 0},
    {"accumulate_float", pass_accumulate_float, (size_t)WIDTH *ROWS, 4, 1},
    {"separable 32 to 32", pass_separable, (size_t)CELLS * 2 * 40, 256, 2 * 32 * (9 + 32)},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

__attribute__((noinline)) void one_pass(const kernel *k, const zdk_kernels *table, picture *p) { k->pass(table, p); }

// MARK: What to do

static const zdk_kernels *table_named(const char *name) {
  const uint32_t masks[] = {0, ZDK_CPU_AVX2, ZDK_CPU_AVX2 | ZDK_CPU_AVX512};
  for (int i = 0; i < 3; i++) {
    const zdk_kernels *table = zdk_kernels_for(masks[i]);
    if (strcmp(table->name, name) == 0) return table;
  }
  fprintf(stderr, "kernels: this processor has no variant %s\n", name);
  exit(1);
}

/// Nanoseconds per pixel: the median of passes over ever new pictures.
static double time_of(const kernel *k, const zdk_kernels *table) {
  enum { PASSES = 2 * PICTURES + 1 };
  double times[PASSES];
  one_pass(k, table, &pictures[PICTURES - 1]);
  for (int i = 0; i < PASSES; i++) {
    const double start = seconds_now();
    one_pass(k, table, &pictures[i % PICTURES]);
    times[i] = seconds_now() - start;
    for (int j = i; j > 0 && times[j] < times[j - 1]; j--) {
      const double swapped = times[j];
      times[j] = times[j - 1], times[j - 1] = swapped;
    }
  }
  return times[PASSES / 2] / (double)k->pixels * 1e9;
}

int main(int count, char **arguments) {
  const char *task = count > 1 ? arguments[1] : "";
  if (strcmp(task, "peaks") == 0) {
    for (int threads = 1; threads <= 2; threads++) {
      printf("{\"threads\":%d,\"gflops\":%.1f,\"copy_gbs\":%.2f}\n", threads, peak_arithmetic(threads), peak_copying(threads));
    }
    return 0;
  }
  if (strcmp(task, "list") == 0) {
    for (int i = 0; i < KERNELS; i++) {
      printf("{\"name\":\"%s\",\"pixels\":%zu,\"bytes\":%g,\"operations\":%g}\n", kernels[i].name, kernels[i].pixels,
             kernels[i].bytes, kernels[i].operations);
    }
    return 0;
  }
  if (count > 2 && strcmp(task, "time") == 0) {
    fill(PICTURES);
    for (int i = 0; i < KERNELS; i++) {
      printf("{\"name\":\"%s\",\"variant\":\"%s\",\"ns_per_pixel\":%.4f}\n", kernels[i].name, arguments[2],
             time_of(&kernels[i], table_named(arguments[2])));
    }
    return 0;
  }
  if (count > 3 && strcmp(task, "once") == 0) {
    fill(1);
    for (int i = 0; i < KERNELS; i++) {
      if (strcmp(kernels[i].name, arguments[3]) == 0) one_pass(&kernels[i], table_named(arguments[2]), &pictures[0]);
    }
    return 0;
  }
  fprintf(stderr, "kernels: peaks | list | time VARIANT | once VARIANT KERNEL\n");
  return 64;
}
