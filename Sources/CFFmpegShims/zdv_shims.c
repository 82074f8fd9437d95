#include "zdv_shims.h"

#include <libavutil/log.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static _Atomic(zdv_log_sink) current_sink;
static atomic_int current_level;

static void forward_line(void *context, int level, const char *format, va_list arguments) {
  // libav builds a line from several calls and remembers, through this flag, whether the next one starts a line.
  static _Thread_local int starts_line = 1;
  static _Thread_local char pending[2048];

  zdv_log_sink sink = atomic_load(&current_sink);
  if (!sink || (level & 0xff) > atomic_load(&current_level)) return;

  char piece[1024];
  av_log_format_line2(context, level, format, arguments, piece, sizeof piece, &starts_line);
  size_t used = strlen(pending);
  snprintf(pending + used, sizeof pending - used, "%s", piece);
  if (!starts_line) return;
  pending[strcspn(pending, "\r\n")] = 0;
  if (pending[0]) sink(level & 0xff, pending);
  pending[0] = 0;
}

void zdv_set_log_sink(zdv_log_sink sink, int level) {
  atomic_store(&current_sink, sink);
  atomic_store(&current_level, level);
  av_log_set_callback(forward_line);
}
