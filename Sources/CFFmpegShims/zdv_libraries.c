#include "zdv_libraries.h"

#include <dlfcn.h>
#include <libavdevice/avdevice.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <pthread.h>

const char *const zdv_avfilter_file = "libavfilter.so." AV_STRINGIFY(LIBAVFILTER_VERSION_MAJOR);
const char *const zdv_avdevice_file = "libavdevice.so." AV_STRINGIFY(LIBAVDEVICE_VERSION_MAJOR);

// One entry for each function; its type is that of the declaration.
#define FUNCTIONS(_)                                                                                                    \
  _(avfilter_graph_alloc)                                                                                               \
  _(avfilter_graph_free)                                                                                                \
  _(avfilter_graph_create_filter)                                                                                       \
  _(avfilter_graph_parse_ptr)                                                                                           \
  _(avfilter_graph_config)                                                                                              \
  _(avfilter_get_by_name)                                                                                               \
  _(avfilter_inout_alloc)                                                                                               \
  _(avfilter_inout_free)                                                                                                \
  _(av_buffersrc_write_frame)                                                                                           \
  _(av_buffersink_get_frame)

static struct {
#define MEMBER(name) __typeof__(name) *name;
  FUNCTIONS(MEMBER)
} filters;

static pthread_once_t filters_once = PTHREAD_ONCE_INIT, devices_once = PTHREAD_ONCE_INIT;
static int filters_result, devices_result;

static void load_filters(void) {
  void *library = dlopen(zdv_avfilter_file, RTLD_LAZY | RTLD_LOCAL);
  filters_result = library ? 0 : AVERROR(ENOENT);
  if (!library) return;
#define FIND(name) \
  if (!(filters.name = (__typeof__(name) *)dlsym(library, #name))) filters_result = AVERROR(ENOENT);
  FUNCTIONS(FIND)
}

int zdv_load_avfilter(void) {
  pthread_once(&filters_once, load_filters);
  return filters_result;
}

AVFilterGraph *zdv_avfilter_graph_alloc(void) { return filters.avfilter_graph_alloc(); }

void zdv_avfilter_graph_free(AVFilterGraph **graph) {
  if (*graph) filters.avfilter_graph_free(graph);
}

int zdv_avfilter_graph_create_filter(AVFilterContext **filter, const char *type, const char *name, const char *arguments,
                                     AVFilterGraph *graph) {
  return filters.avfilter_graph_create_filter(filter, filters.avfilter_get_by_name(type), name, arguments, NULL, graph);
}

int zdv_avfilter_graph_parse_ptr(AVFilterGraph *graph, const char *text, AVFilterInOut **inputs,
                                 AVFilterInOut **outputs) {
  return filters.avfilter_graph_parse_ptr(graph, text, inputs, outputs, NULL);
}

int zdv_avfilter_graph_config(AVFilterGraph *graph) { return filters.avfilter_graph_config(graph, NULL); }
AVFilterInOut *zdv_avfilter_inout_alloc(void) { return filters.avfilter_inout_alloc(); }
void zdv_avfilter_inout_free(AVFilterInOut **inout) { filters.avfilter_inout_free(inout); }

int zdv_av_buffersrc_write_frame(AVFilterContext *source, const AVFrame *frame) {
  return filters.av_buffersrc_write_frame(source, frame);
}

int zdv_av_buffersink_get_frame(AVFilterContext *sink, AVFrame *frame) {
  return filters.av_buffersink_get_frame(sink, frame);
}

static void register_devices(void) {
  void *library = dlopen(zdv_avdevice_file, RTLD_LAZY | RTLD_LOCAL);
  void (*register_all)(void) = library ? (void (*)(void))dlsym(library, "avdevice_register_all") : NULL;
  devices_result = register_all ? 0 : AVERROR(ENOENT);
  if (register_all) register_all();
}

int zdv_register_devices(void) {
  pthread_once(&devices_once, register_devices);
  return devices_result;
}
