// What this machine can do at most, measured: arithmetic and memory, on one thread and on all.

#ifndef MACHINE_H
#define MACHINE_H

/// Seconds of a clock that never runs backwards.
double seconds_now(void);

/// Billions of float operations per second (a fused multiply-add counts two) that `threads` reach together, in the
/// widest vectors of the processor.
double peak_arithmetic(int threads);

/// Billions of bytes per second, read and written, that `threads` reach together when each copies memory that no
/// cache holds, in the fastest of several ways.
double peak_copying(int threads);

#endif
