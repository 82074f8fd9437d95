// What Swift cannot import from FFmpeg: macros, and callbacks with C variadics. Nothing else belongs here.

#ifndef ZDV_SHIMS_H
#define ZDV_SHIMS_H

#include <errno.h>
#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <stdint.h>

/// AVERROR(code) of a POSIX error.
static inline int zdv_averror(int posix) { return AVERROR(posix); }
/// The POSIX error of an FFmpeg one.
static inline int zdv_posix_error(int error) { return AVUNERROR(error); }

static const int zdv_error_eof = AVERROR_EOF;
static const int zdv_error_exit = AVERROR_EXIT;
static const int zdv_error_invalid_data = AVERROR_INVALIDDATA;
static const int zdv_error_option_not_found = AVERROR_OPTION_NOT_FOUND;
static const int zdv_error_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int zdv_error_demuxer_not_found = AVERROR_DEMUXER_NOT_FOUND;
static const int zdv_error_protocol_not_found = AVERROR_PROTOCOL_NOT_FOUND;
static const int zdv_error_bad_request = AVERROR_HTTP_BAD_REQUEST;
static const int zdv_error_unauthorized = AVERROR_HTTP_UNAUTHORIZED;
static const int zdv_error_forbidden = AVERROR_HTTP_FORBIDDEN;
static const int zdv_error_not_found = AVERROR_HTTP_NOT_FOUND;
static const int zdv_error_patchwelcome = AVERROR_PATCHWELCOME;
static const int64_t zdv_no_pts = AV_NOPTS_VALUE;
static const int zdv_probe_score_retry = AVPROBE_SCORE_RETRY;

/// Receives one complete line of libav's log, without its newline. May be called on any thread.
typedef void (*zdv_log_sink)(int level, const char *line);

/// Sends libav's log lines up to `level` to `sink` instead of standard error. Process-wide.
void zdv_set_log_sink(zdv_log_sink sink, int level);

#endif
