// The names that udev would give to a camera: /dev/v4l/by-id and by-path.
#pragma once

#include "device.h"

void links_make(const struct device *, const char *node);
void links_remove(const struct device *);
