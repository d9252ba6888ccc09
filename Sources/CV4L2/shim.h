#pragma once

#include <errno.h>
#include <fcntl.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <unistd.h>

// v4l2_ioctl is variadic and the request numbers are casts, which Swift can neither call nor read.

static const unsigned long FIELDBOX_QUERYCAP = VIDIOC_QUERYCAP;
static const unsigned long FIELDBOX_ENUM_FMT = VIDIOC_ENUM_FMT;
static const unsigned long FIELDBOX_ENUM_FRAMESIZES = VIDIOC_ENUM_FRAMESIZES;
static const unsigned long FIELDBOX_ENUM_FRAMEINTERVALS = VIDIOC_ENUM_FRAMEINTERVALS;
static const unsigned long FIELDBOX_S_FMT = VIDIOC_S_FMT;
static const unsigned long FIELDBOX_G_PARM = VIDIOC_G_PARM;
static const unsigned long FIELDBOX_S_PARM = VIDIOC_S_PARM;
static const unsigned long FIELDBOX_S_CTRL = VIDIOC_S_CTRL;
static const unsigned long FIELDBOX_REQBUFS = VIDIOC_REQBUFS;
static const unsigned long FIELDBOX_QUERYBUF = VIDIOC_QUERYBUF;
static const unsigned long FIELDBOX_QBUF = VIDIOC_QBUF;
static const unsigned long FIELDBOX_DQBUF = VIDIOC_DQBUF;
static const unsigned long FIELDBOX_STREAMON = VIDIOC_STREAMON;
static const unsigned long FIELDBOX_STREAMOFF = VIDIOC_STREAMOFF;

static const unsigned int FIELDBOX_EXPOSURE_AUTO_PRIORITY = V4L2_CID_EXPOSURE_AUTO_PRIORITY;
static const unsigned int FIELDBOX_POWER_LINE_FREQUENCY = V4L2_CID_POWER_LINE_FREQUENCY;

/// Opens a video node for calls that never wait; a descriptor, or the error number below zero.
static inline int fieldbox_v4l2_open(const char *path) {
  int descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

/// Lets libv4l take part without converting anything: its plug-ins make multi-planar drivers look like the others.
/// 0, or the error number.
static inline int fieldbox_v4l2_adopt(int descriptor) {
  return v4l2_fd_open(descriptor, V4L2_DISABLE_CONVERSION) >= 0 ? 0 : errno;
}

/// 0, or the error number.
static inline int fieldbox_v4l2_ioctl(int descriptor, unsigned long request, void *argument) {
  return v4l2_ioctl(descriptor, request, argument) == -1 ? errno : 0;
}

/// VIDIOC_QUERYCAP; -1 with errno set when the descriptor is no video device.
static inline int fieldbox_v4l2_query_capabilities(int descriptor, struct v4l2_capability *capabilities) {
  return v4l2_ioctl(descriptor, VIDIOC_QUERYCAP, capabilities);
}
