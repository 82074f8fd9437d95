// The ceilings of the roofline. Each is the best of several runs: noise of the machine only takes away.

#include "machine.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { MOST_THREADS = 64, RUNS = 5 };

double seconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// Arithmetic: independent multiply-adds, enough of them in flight to hide their latency, in registers only.

typedef float lanes16 __attribute__((vector_size(64)));
typedef float lanes8 __attribute__((vector_size(32)));
typedef float lanes4 __attribute__((vector_size(16)));

enum { CHAINS = 12, ROUNDS = 4000000 };

#define MULTIPLY_ADD(NAME, VECTOR, TARGET)                                              \
  TARGET static double NAME(void) {                                                     \
    VECTOR sums[CHAINS];                                                                \
    for (int i = 0; i < CHAINS; i++) sums[i] = (VECTOR){0} + 0.1f * (float)i;           \
    const VECTOR factor = (VECTOR){0} + 0.999f, addend = (VECTOR){0} + 0.001f;          \
    const double start = seconds_now();                                                 \
    for (long round = 0; round < ROUNDS; round++) {                                     \
      for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * factor + addend;             \
      __asm__ volatile("" : "+r"(round));                                               \
    }                                                                                   \
    const double taken = seconds_now() - start;                                         \
    VECTOR sum = {0};                                                                   \
    for (int i = 0; i < CHAINS; i++) sum += sums[i];                                    \
    volatile float kept = sum[0];                                                       \
    (void)kept;                                                                         \
    return (double)ROUNDS * CHAINS * (sizeof(VECTOR) / sizeof(float)) * 2 / taken / 1e9; \
  }

#if defined(__x86_64__)
MULTIPLY_ADD(multiply_add512, lanes16, __attribute__((target("avx512f,fma"))))
MULTIPLY_ADD(multiply_add256, lanes8, __attribute__((target("avx2,fma"))))
#endif
MULTIPLY_ADD(multiply_add128, lanes4, )

static double multiply_add(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return multiply_add512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return multiply_add256();
#endif
  return multiply_add128();
}

// Memory: more than any last-level cache holds for one guest, in huge pages so that address translation costs little.

enum { BYTES = 192 << 20, LINE = 64 };

typedef struct {
  pthread_barrier_t *barrier;
  char *from, *to;
  int way;  ///< 0: multiply-add; else a way to copy.
  double rate;
} runner;

/// Way 1: memcpy. Ways 2 and up: lines by vectors, with the lines `64·2^way` bytes ahead called for reading and writing.
static void copy_lines(char *to, const char *from, int way) {
  if (way == 1) {
    memcpy(to, from, BYTES);
    return;
  }
  const size_t ahead = (size_t)LINE << way;
  for (size_t at = 0; at < BYTES; at += LINE) {
    __builtin_prefetch(from + at + ahead, 0, 2);
    __builtin_prefetch(to + at + ahead, 1, 2);
    memcpy(to + at, from + at, LINE);
  }
}

static void *run(void *argument) {
  runner *self = argument;
  pthread_barrier_wait(self->barrier);
  if (self->way == 0) {
    self->rate = multiply_add();
  } else {
    const double start = seconds_now();
    copy_lines(self->to, self->from, self->way);
    self->rate = 2.0 * BYTES / (seconds_now() - start) / 1e9;
  }
  return NULL;
}

static double best_of(runner *runners, int threads, int way) {
  double best = 0;
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, (unsigned)threads);
  for (int i = 0; i < RUNS; i++) {
    pthread_t ids[MOST_THREADS];
    double sum = 0;
    for (int k = 0; k < threads; k++) {
      runners[k].barrier = &barrier;
      runners[k].way = way;
      if (pthread_create(&ids[k], NULL, run, &runners[k]) != 0) abort();
    }
    for (int k = 0; k < threads; k++) pthread_join(ids[k], NULL), sum += runners[k].rate;
    if (sum > best) best = sum;
  }
  pthread_barrier_destroy(&barrier);
  return best;
}

static char *huge_memory(void) {
  char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) abort();
  madvise(memory, BYTES, MADV_HUGEPAGE);
  memset(memory, 1, BYTES);
  return memory;
}

double peak_arithmetic(int threads) {
  runner runners[MOST_THREADS] = {{0}};
  return best_of(runners, threads, 0);
}

double peak_copying(int threads) {
  runner runners[MOST_THREADS] = {{0}};
  for (int k = 0; k < threads; k++) runners[k].from = huge_memory(), runners[k].to = huge_memory();
  double best = 0;
  for (int way = 1; way <= 7; way++) {
    const double rate = best_of(runners, threads, way);
    if (rate > best) best = rate;
  }
  for (int k = 0; k < threads; k++) munmap(runners[k].from, BYTES), munmap(runners[k].to, BYTES);
  return best;
}
