#include "links.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// udev's names, with what is not a letter or a digit as an underscore.
static void by_id(const struct device *device, char *to, size_t size) {
  snprintf(to, size, "/dev/v4l/by-id/usb-fieldbox_%s_%s-video-index0", device->kind->product, device->serial);
  for (char *c = to; *c; c++)
    if (*c == ' ') *c = '_';
}

static void by_path(const struct device *device, char *to, size_t size) {
  snprintf(to, size, "/dev/v4l/by-path/platform-vhci_hcd.0-usb-0:%d:1.0-video-index0", device->last_port + 1);
}

static bool is_video(const char *node) { return strncmp(node, "/dev/video", 10) == 0; }

void links_make(const struct device *device, const char *node) {
  char name[256], target[80];
  if (!is_video(node)) return;
  mkdir("/dev/v4l", 0755);
  mkdir("/dev/v4l/by-id", 0755);
  mkdir("/dev/v4l/by-path", 0755);
  snprintf(target, sizeof target, "../../%s", node + 5);
  by_id(device, name, sizeof name);
  unlink(name);
  if (symlink(target, name) < 0) perror(name);
  by_path(device, name, sizeof name);
  unlink(name);
  if (symlink(target, name) < 0) perror(name);
}

void links_remove(const struct device *device) {
  char name[256];
  by_id(device, name, sizeof name);
  unlink(name);
  by_path(device, name, sizeof name);
  unlink(name);
}
