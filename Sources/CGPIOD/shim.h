#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gpiod.h>

// Debian 12 has version 1 of the API, Debian 13 version 2; only the first knows bulks of lines. Both are hidden behind the few
// calls below: one requested line is one handle, and whatever fails returns -1, or NULL, with errno set. There is no
// lookup of chips by name or label in version 2, so it is the caller's in both.
#ifdef GPIOD_LINE_BULK_MAX_LINES
#define FIELDBOX_GPIOD_API 1
#else
#define FIELDBOX_GPIOD_API 2
#endif

// The kernel's names have 31 bytes at most.
enum { FIELDBOX_GPIO_NAME_BYTES = 64 };

struct fieldbox_gpio_chip_info {
  char name[FIELDBOX_GPIO_NAME_BYTES];
  char label[FIELDBOX_GPIO_NAME_BYTES];
  unsigned int lines;
};

struct fieldbox_gpio_line_info {
  // Empty for none.
  char name[FIELDBOX_GPIO_NAME_BYTES];
  char consumer[FIELDBOX_GPIO_NAME_BYTES];
  int used;
  int output;
};

enum {
  FIELDBOX_GPIO_BIAS_AS_IS,
  FIELDBOX_GPIO_BIAS_PULL_UP,
  FIELDBOX_GPIO_BIAS_PULL_DOWN,
  FIELDBOX_GPIO_BIAS_DISABLED,
};

struct fieldbox_gpio_request {
  const char *consumer;
  // An input tells both its edges.
  int output;
  // Of an output, at first.
  int value;
  int active_low;
  int bias;
  // Done by the kernel where version 2 asks for it; version 1 has no word for it, and every edge comes through.
  uint32_t debounce_microseconds;
};

struct fieldbox_gpio_edge {
  // CLOCK_MONOTONIC since Linux 5.7; version 1 on an older kernel gets CLOCK_REALTIME, and cannot tell.
  uint64_t nanoseconds;
  // From inactive to active.
  int rising;
};

struct fieldbox_gpio_chip;
// A requested line. Its chip must stay open as long, which version 1 needs.
struct fieldbox_gpio_line;

static inline void fieldbox_gpio_copy(char *to, const char *from) {
  strncpy(to, from ? from : "", FIELDBOX_GPIO_NAME_BYTES - 1);
  to[FIELDBOX_GPIO_NAME_BYTES - 1] = 0;
}

#if FIELDBOX_GPIOD_API == 1
#include "version1.h"
#else
#include "version2.h"
#endif

/// Links are followed, as udev's may be: version 1 refuses them.
static inline struct fieldbox_gpio_chip *fieldbox_gpio_open(const char *path) {
  char resolved[PATH_MAX];
  return realpath(path, resolved) ? fieldbox_gpio_open_resolved(resolved) : NULL;
}
