#include "zdk_blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "zdk.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int was_tried, is_loaded;

/// As CBLAS has them.
enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };
static void (*sgemm)(int order, int a_is, int b_is, int m, int n, int k, float alpha, const float *a, int lda,
                     const float *b, int ldb, float beta, float *c, int ldc);

/// Sets a variable of the environment that is not set; what it returns is to be given to `unset`.
static const char *set(const char *name, const char *value) {
  if (!value || getenv(name) || setenv(name, value, 1) != 0) return NULL;
  return name;
}

static void unset(const char *name) {
  if (name) unsetenv(name);
}

static void load(const char *core) {
  // Read while the library is loaded, and only then. Parallelism is ours: it is to start no threads.
  const char *names[] = {set("OPENBLAS_CORETYPE", core), set("OPENBLAS_NUM_THREADS", "1")};
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  unset(names[0]);
  unset(names[1]);
  if (!library) return;
  void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  *(void **)&sgemm = dlsym(library, "cblas_sgemm");
  if (!set_threads || !sgemm) return;
  set_threads(1);
  is_loaded = 1;
}

int zdk_load_blas(const char *core) {
  pthread_mutex_lock(&lock);
  if (!was_tried) load(core);
  was_tried = 1;
  const int result = is_loaded;
  pthread_mutex_unlock(&lock);
  return result;
}

void zdk_sgemm(int m, int n, int k, const float *a, int a_stride, int a_transposed, const float *b, int b_stride,
               int b_transposed, float *result, int stride, int adds) {
  sgemm(ROW_MAJOR, a_transposed ? TRANSPOSED : AS_IS, b_transposed ? TRANSPOSED : AS_IS, m, n, k, 1, a, a_stride, b,
        b_stride, adds ? 1 : 0, result, stride);
}

const char *zdk_blas_core(void) {
#if defined(__x86_64__)
  if (zdk_cpu_flags() & ZDK_CPU_AVX2) return "Haswell";
#endif
  return NULL;
}
