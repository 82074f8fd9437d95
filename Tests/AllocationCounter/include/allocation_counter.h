// Counts what this program's own code allocates: it stands in for malloc and its kin, in programs that link it.

#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Bytes asked for, and how often.
typedef struct {
  uint64_t bytes, calls;
} allocation_count;

/// Counts from now on what is asked for by the program itself, the Swift runtime and libraries, Dispatch and the C
/// library on their behalf. What other libraries ask for, such as FFmpeg's and the encoders', is not counted.
void allocation_count_begin(void);

/// What was counted since `allocation_count_begin`, on all threads.
allocation_count allocation_count_end(void);

/// 0 under a sanitizer, which needs malloc for itself: then nothing is counted.
int allocation_count_works(void);

#endif
