// A USB device that exists only in this process: vhci-hcd takes it for one on a cable, and the kernel's own drivers bind to it.
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "camera.h"
#include "control.h"
#include "links.h"
#include "sound.h"
#include "vhci.h"

static const char usage[] =
    "usage: fieldbox-usb camera --socket PATH --pictures FILE… [--serial TEXT]\n"
    "       fieldbox-usb microphone|speaker|headset --socket PATH [--serial TEXT]\n"
    "       fieldbox-usb tell PATH ORDER…\n"
    "\n"
    "The first two wait, unplugged, for orders on the Unix socket, a line each; `tell` sends one and prints the answer:\n"
    "  plug              answered when the node is there, with its name\n"
    "  unplug [hold]     as if the plug were pulled; hold keeps the node's number taken, so that the next plug gets another\n"
    "  release           lets go of held numbers\n"
    "  status            key=value words\n"
    "  stall on|off      no more data, without a word\n"
    "camera:     cut PERCENT|off, error on|off (the payload's error bit), fps N|off\n"
    "microphone: tone HZ [AMPLITUDE], play FILE (48 kHz, mono, 16 bits, raw, in a loop), drift PPM\n"
    "speaker:    record FILE|off (raw), drift PPM\n";

static bool serve_usb(struct device *device) {
  struct usbip_request request;
  if (!usbip_receive(device->socket, &request)) return false;
  if (request.command == usbip_unlink) {
    bool dropped = device->kind->unlink(device, request.unlinked);
    return usbip_answer_unlink(device->socket, request.sequence, dropped ? -104 : 0);  // -ECONNRESET: it will not be answered
  }
  if (request.transfer->endpoint == 0)
    device_control(device, request.transfer);
  else
    device->kind->transfer(device, request.transfer);
  return true;
}

static uint64_t sooner(uint64_t a, uint64_t b) { return !a || (b && b < a) ? b : a; }

static void serve(struct device *device, struct control_socket *control) {
  for (;;) {
    uint64_t now = nanoseconds_now();
    uint64_t next = sooner(device->socket >= 0 ? device->kind->tick(device, now) : 0, control_tick(control, device, now));
    struct pollfd watched[10];
    int orders = control_watch(control, watched), count = orders;
    if (device->socket >= 0) watched[count++] = (struct pollfd){.fd = device->socket, .events = POLLIN};
    now = nanoseconds_now();
    uint64_t wait = next > now ? next - now : 0;
    struct timespec timeout = {(time_t)(wait / 1000000000u), (long)(wait % 1000000000u)};
    if (ppoll(watched, (nfds_t)count, next ? &timeout : NULL, NULL) <= 0) continue;
    if (count > orders && watched[orders].revents && !serve_usb(device)) {
      links_remove(device);
      vhci_unplug(device);
    }
    control_serve(control, device, watched, orders);
  }
}

static const struct device_kind *kind_named(const char *name) {
  const struct device_kind *kinds[] = {&camera_kind, &microphone_kind, &speaker_kind, &headset_kind};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i]->name, name) == 0) return kinds[i];
  return NULL;
}

int main(int count, char **words) {
  if (count > 3 && strcmp(words[1], "tell") == 0) return control_tell(words[2], count - 3, words + 3);
  const struct device_kind *kind = count > 1 ? kind_named(words[1]) : NULL;
  const char *path = NULL, *serial = "0001";
  struct picture_list *lists = NULL;
  char error[256] = "";
  for (int i = 2; kind && i + 1 < count; i += 2) {
    if (strcmp(words[i], "--socket") == 0) path = words[i + 1];
    else if (strcmp(words[i], "--serial") == 0) serial = words[i + 1];
    else if (strcmp(words[i], "--pictures") != 0) kind = NULL;
    else if (!pictures_read(&lists, words[i + 1], error, sizeof error)) break;
  }
  if (!kind || !path || (kind == &camera_kind && !lists)) {
    fprintf(stderr, "%s%s%s", error, *error ? "\n" : "", *error ? "" : usage);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  struct device device = {.kind = kind, .serial = serial, .socket = -1, .port = -1, .last_port = -1};
  device.state = kind == &camera_kind ? camera_state(lists) : sound_state();
  struct control_socket *control = control_open(path);
  if (!device.state || !control) {
    perror(path);
    return 1;
  }
  serve(&device, control);
}
