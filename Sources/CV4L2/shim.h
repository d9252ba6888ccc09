#pragma once

#include <linux/videodev2.h>
#include <libv4l2.h>

// v4l2_ioctl is variadic, which Swift cannot call.

/// VIDIOC_QUERYCAP; -1 with errno set when the descriptor is no video device.
static inline int fieldbox_v4l2_query_capabilities(int descriptor, struct v4l2_capability *capabilities) {
  return v4l2_ioctl(descriptor, VIDIOC_QUERYCAP, capabilities);
}
