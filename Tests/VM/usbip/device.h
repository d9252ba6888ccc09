// What an emulated USB device is to the rest: descriptors, answers to control requests, and streams fed by a clock.
#pragma once

#include "usbip.h"

struct device;

struct device_kind {
  const char *name;
  int speed;                // enum usb_device_speed of Linux: 2 full, 3 high
  const char *node_pattern;  // glob below the USB interface: what must be there before it counts as plugged in
  const char *product;

  // Each fills `to` (at least 1,024 bytes) and says how many bytes there are.
  size_t (*device_descriptor)(struct device *, uint8_t *to);
  size_t (*configuration_descriptor)(struct device *, uint8_t *to);

  // A class request on the default endpoint: fills or reads `data`, returns its length or -EPIPE to refuse.
  int (*class_request)(struct device *, const uint8_t setup[8], uint8_t *data, uint32_t length);
  void (*set_interface)(struct device *, int interface, int setting);
  void (*clear_halt)(struct device *, int endpoint);

  // Takes over a transfer on another endpoint; it is answered at once, later by `tick`, or dropped by `unlink`.
  void (*transfer)(struct device *, struct usbip_transfer *);
  // Drops a waiting transfer; false when there is none of that sequence.
  bool (*unlink)(struct device *, uint32_t sequence);
  // Does what is due and returns when it wants to be called again (0: not at all).
  uint64_t (*tick)(struct device *, uint64_t now_nanoseconds);
  // Forgets transfers and streams: the plug is out.
  void (*reset)(struct device *);

  // A command of its own from the control socket; writes the answer, "ok …" or "error …". False: unknown.
  bool (*command)(struct device *, int count, char **words, char *answer, size_t size);
  void (*status)(struct device *, char *to, size_t size);
};

struct device {
  const struct device_kind *kind;
  const char *serial;
  int socket;         // to the kernel; -1 while unplugged
  int port;           // of vhci; -1 while unplugged
  int last_port;
  int configuration;
  void *state;        // of the kind
};

uint64_t nanoseconds_now(void);

// Standard requests on the default endpoint, and the kind's class requests; answers the transfer.
void device_control(struct device *, struct usbip_transfer *);

struct usbip_transfer *take_sequence(struct usbip_transfer **queue, uint32_t sequence);
void append(struct usbip_transfer **queue, struct usbip_transfer *);
void drop_all(struct usbip_transfer **queue);
