// A USB camera: UVC 1.0, MJPEG over a bulk endpoint, the sizes of the pictures it is given, 30 and 15 pictures a second.
#pragma once

#include "device.h"
#include "pictures.h"

extern const struct device_kind camera_kind;

// The camera's state; `lists` are the sizes it offers, at least one.
void *camera_state(const struct picture_list *lists);
