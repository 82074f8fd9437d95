#include "zdk_blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "zdk.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static zdk_blas blas;
static int was_tried, is_loaded;

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
  *(void **)&blas.sgemm = dlsym(library, "cblas_sgemm");
  *(void **)&blas.core = dlsym(library, "openblas_get_corename");
  if (!set_threads || !blas.sgemm || !blas.core) return;
  set_threads(1);
  is_loaded = 1;
}

const zdk_blas *zdk_load_blas(const char *core) {
  pthread_mutex_lock(&lock);
  if (!was_tried) load(core);
  was_tried = 1;
  const zdk_blas *result = is_loaded ? &blas : NULL;
  pthread_mutex_unlock(&lock);
  return result;
}

const char *zdk_blas_core(void) {
#if defined(__x86_64__)
  if (zdk_cpu_flags() & ZDK_CPU_AVX2) return "Haswell";
#endif
  return NULL;
}
