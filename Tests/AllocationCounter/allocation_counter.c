#define _GNU_SOURCE
#include "allocation_counter.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

enum { MAXIMUM_RANGES = 256 };

static struct {
  uintptr_t start, end;
} ranges[MAXIMUM_RANGES];
static int range_count;
static atomic_bool counting;
static atomic_uint_fast64_t bytes, calls;

/// Whether what a library allocates is allocated for the Swift code.
static int is_ours(const char *path, int is_program) {
  if (is_program) return 1;
  static const char *const names[] = {"libswift",  "libFoundation",      "lib_Foundation",
                                      "libdispatch", "libBlocksRuntime", "libc.so"};
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (strncmp(name, names[i], strlen(names[i])) == 0) return 1;
  return 0;
}

static int note_ranges(struct dl_phdr_info *info, size_t size, void *number) {
  (void)size;
  const int is_program = (*(int *)number)++ == 0;
  if (!is_ours(info->dlpi_name, is_program)) return 0;
  for (int i = 0; i < info->dlpi_phnum && range_count < MAXIMUM_RANGES; ++i) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD || !(info->dlpi_phdr[i].p_flags & PF_X)) continue;
    ranges[range_count].start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    ranges[range_count].end = ranges[range_count].start + info->dlpi_phdr[i].p_memsz;
    ++range_count;
  }
  return 0;
}

void allocation_count_begin(void) {
  int number = 0;
  range_count = 0;
  dl_iterate_phdr(note_ranges, &number);
  bytes = calls = 0;
  counting = 1;
}

allocation_count allocation_count_end(void) {
  counting = 0;
  return (allocation_count){bytes, calls};
}

#ifdef HAS_SANITIZER

int allocation_count_works(void) { return 0; }

#else

int allocation_count_works(void) { return 1; }

// glibc's own, under the names that it keeps for those who replace the others.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static inline void count(size_t size, void *caller) {
  if (!counting) return;
  const uintptr_t address = (uintptr_t)caller;
  for (int i = 0; i < range_count; ++i) {
    if (address < ranges[i].start || address >= ranges[i].end) continue;
    bytes += size;
    ++calls;
    return;
  }
}

void *malloc(size_t size) {
  count(size, __builtin_return_address(0));
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(number * size, __builtin_return_address(0));
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count(size, __builtin_return_address(0));
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  count(size, __builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(size, __builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  count(size, __builtin_return_address(0));
  void *memory = __libc_memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}

#endif
