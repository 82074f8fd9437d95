#include "zdv_v4l2.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int zdv_v4l2_open(const char *path, zdv_v4l2_device *device) {
  int descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return -1;
  struct v4l2_capability capability = {0};
  int answer = ioctl(descriptor, VIDIOC_QUERYCAP, &capability);
  uint32_t abilities =
      capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps : capability.capabilities;
  if (answer < 0 || !(abilities & V4L2_CAP_VIDEO_CAPTURE)) {
    close(descriptor);
    return -1;
  }
  memset(device, 0, sizeof *device);
  memcpy(device->card, capability.card, sizeof device->card - 1);
  memcpy(device->driver, capability.driver, sizeof device->driver - 1);
  return descriptor;
}

static void get_rates(int descriptor, zdv_v4l2_mode *mode) {
  int count = 0;
  const int limit = (int)(sizeof mode->rates / sizeof mode->rates[0]) - 1;
  struct v4l2_frmivalenum interval = {
      .pixel_format = mode->pixel_format, .width = mode->width, .height = mode->height};
  while (count < limit && ioctl(descriptor, VIDIOC_ENUM_FRAMEINTERVALS, &interval) == 0) {
    if (interval.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
      if (interval.discrete.numerator)
        mode->rates[count++] = (double)interval.discrete.denominator / interval.discrete.numerator;
    } else {
      // A range: the shortest interval is the highest rate.
      if (interval.stepwise.min.numerator)
        mode->rates[count++] = (double)interval.stepwise.min.denominator / interval.stepwise.min.numerator;
      break;
    }
    interval.index++;
  }
  mode->rates[count] = 0;
}

int zdv_v4l2_get_mode(int descriptor, int number, zdv_v4l2_mode *mode) {
  struct v4l2_fmtdesc format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  for (; ioctl(descriptor, VIDIOC_ENUM_FMT, &format) == 0; format.index++) {
    struct v4l2_frmsizeenum size = {.pixel_format = format.pixelformat};
    for (; ioctl(descriptor, VIDIOC_ENUM_FRAMESIZES, &size) == 0; size.index++) {
      int is_range = size.type != V4L2_FRMSIZE_TYPE_DISCRETE;
      int here = is_range ? 2 : 1;
      if (number < here) {
        mode->pixel_format = format.pixelformat;
        mode->width = !is_range ? size.discrete.width : number ? size.stepwise.max_width : size.stepwise.min_width;
        mode->height = !is_range ? size.discrete.height : number ? size.stepwise.max_height : size.stepwise.min_height;
        get_rates(descriptor, mode);
        return 1;
      }
      number -= here;
      if (is_range) break;
    }
  }
  return 0;
}
