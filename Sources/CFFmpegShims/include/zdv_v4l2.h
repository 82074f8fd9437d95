// What v4l2 devices say of themselves: the kernel's interface is made of macros, which Swift cannot import.

#ifndef ZDV_V4L2_H
#define ZDV_V4L2_H

#include <stdint.h>

/// Name and driver of a device, zero-terminated.
typedef struct {
  char card[32];
  char driver[16];
} zdv_v4l2_device;

/// One size of one pixel format. A rate of 0 ends the list of frames per second.
typedef struct {
  uint32_t pixel_format; ///< four characters
  uint32_t width, height;
  double rates[32];
} zdv_v4l2_mode;

/// Opens `path`; a descriptor if it is a camera, else -1. `device` is filled.
int zdv_v4l2_open(const char *path, zdv_v4l2_device *device);

/// The mode of that number, counted over all formats and sizes: 1 if there is one, else 0. Of a range of sizes, the
/// smallest and the largest are given.
int zdv_v4l2_get_mode(int descriptor, int number, zdv_v4l2_mode *mode);

#endif
