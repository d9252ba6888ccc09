#define _GNU_SOURCE
#include "vhci.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define controller "/sys/devices/platform/vhci_hcd.0"
enum { port_is_free = 4 };  // VDEV_ST_NULL

// Lines of `status`: "hs  0000 004 000 00000000 000000 0-0": hub, port, state, …
static int free_port(int other_than) {
  FILE *file = fopen(controller "/status", "re");
  if (!file) return -1;
  char line[256], hub[8];
  int found = -1;
  while (fgets(line, sizeof line, file)) {
    int port, state;
    if (sscanf(line, "%7s %d %d", hub, &port, &state) != 3 || strcmp(hub, "hs") != 0 || state != port_is_free) continue;
    if (found < 0 || found == other_than) found = port;
    if (found != other_than) break;
  }
  fclose(file);
  return found;
}

bool vhci_plug(struct device *device, char *error, size_t size) {
  int port = free_port(device->last_port);
  if (port < 0) {
    snprintf(error, size, "no free port in " controller "/status (modprobe vhci-hcd?)");
    return false;
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    snprintf(error, size, "socketpair: %s", strerror(errno));
    return false;
  }
  int attach = open(controller "/attach", O_WRONLY | O_CLOEXEC);
  char text[64];
  // The device's id is bus << 16 | number on its own, far machine: any will do.
  int length = snprintf(text, sizeof text, "%d %d %d %d", port, ends[1], 1 << 16 | (port + 2), device->kind->speed);
  bool fine = attach >= 0 && write(attach, text, (size_t)length) == length;
  if (!fine) snprintf(error, size, "attaching at port %d: %s", port, strerror(errno));
  if (attach >= 0) close(attach);
  close(ends[1]);
  if (!fine) {
    close(ends[0]);
    return false;
  }
  device->socket = ends[0];
  device->port = device->last_port = port;
  device->configuration = 0;
  return true;
}

void vhci_unplug(struct device *device) {
  if (device->socket < 0) return;
  shutdown(device->socket, SHUT_RDWR);
  close(device->socket);
  device->socket = device->port = -1;
  device->kind->reset(device);
}

bool vhci_node(const struct device *device, char *to, size_t size) {
  if (device->port < 0) return false;
  char pattern[256];
  snprintf(pattern, sizeof pattern, controller "/usb*/*-%d/*:*/%s", device->port + 1, device->kind->node_pattern);
  glob_t found;
  if (glob(pattern, 0, NULL, &found) != 0) return false;
  // Of several video nodes the one with the lowest number takes the pictures, the next one their metadata.
  const char *best = NULL;
  for (size_t i = 0; i < found.gl_pathc; i++)
    if (!best || strverscmp(found.gl_pathv[i], best) < 0) best = found.gl_pathv[i];
  const char *name = strrchr(best, '/') + 1;
  snprintf(to, size, strncmp(name, "controlC", 8) == 0 ? "/dev/snd/%s" : "/dev/%s", name);
  globfree(&found);
  return access(to, F_OK) == 0;
}
