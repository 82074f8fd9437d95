// Libraries of FFmpeg that few runs need, loaded at their first use.
//
// libavfilter and libavdevice bring some eighty others along, which would take longer to load than all the rest of the
// program, and stay in the memory of every camera's process. Some of them start threads of their own.

#ifndef ZDV_LIBRARIES_H
#define ZDV_LIBRARIES_H

#include <libavfilter/avfilter.h>

/// The names of the files, of the release that the headers are of.
extern const char *const zdv_avfilter_file, *const zdv_avdevice_file;

/// Loads libavfilter and what is used of it. 0, or AVERROR(ENOENT) where it is not installed: then none of the functions
/// below may be called. May be called on any thread, any number of times.
int zdv_load_avfilter(void);

// As libavfilter has them, without the prefix.
AVFilterGraph *zdv_avfilter_graph_alloc(void);
void zdv_avfilter_graph_free(AVFilterGraph **graph);
int zdv_avfilter_graph_create_filter(AVFilterContext **filter, const char *type, const char *name, const char *arguments,
                                     AVFilterGraph *graph);
int zdv_avfilter_graph_parse_ptr(AVFilterGraph *graph, const char *filters, AVFilterInOut **inputs,
                                 AVFilterInOut **outputs);
int zdv_avfilter_graph_config(AVFilterGraph *graph);
AVFilterInOut *zdv_avfilter_inout_alloc(void);
void zdv_avfilter_inout_free(AVFilterInOut **inout);
int zdv_av_buffersrc_write_frame(AVFilterContext *source, const AVFrame *frame);
int zdv_av_buffersink_get_frame(AVFilterContext *sink, AVFrame *frame);

/// Registers libavdevice's inputs with libavformat. 0, or AVERROR(ENOENT) where it is not installed. May be called on any
/// thread, any number of times.
int zdv_register_devices(void);

#endif
