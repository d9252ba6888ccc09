#pragma once

// libgpiod 1, as in Debian 12, and the kernel itself where that lacks the interface which this version speaks. Included by
// shim.h only.

#include "kernel.h"

/// What is behind a `struct fieldbox_gpio_chip`.
struct fieldbox_gpio_opened {
  struct gpiod_chip *library;
  // For the kernel's second interface; -1 where the library can speak the first.
  int descriptor;
};

/// What is behind a `struct fieldbox_gpio_line`.
struct fieldbox_gpio_requested {
  // NULL where the kernel is spoken to directly.
  struct gpiod_line *library;
  // Readable while an edge waits; owned by the library if there is a line of it.
  int descriptor;
};

/// The version of libgpiod in words.
static inline const char *fieldbox_gpiod_version(void) { return gpiod_version_string(); }

static inline void fieldbox_gpio_close(struct fieldbox_gpio_chip *chip) {
  struct fieldbox_gpio_opened *opened = (struct fieldbox_gpio_opened *)chip;
  if (opened->descriptor >= 0) close(opened->descriptor);
  gpiod_chip_close(opened->library);
  free(opened);
}

static inline struct fieldbox_gpio_chip *fieldbox_gpio_open_resolved(const char *path) {
  struct gpiod_chip *library = gpiod_chip_open(path);
  if (!library) return NULL;
  struct fieldbox_gpio_opened *opened = (struct fieldbox_gpio_opened *)malloc(sizeof *opened);
  if (!opened) {
    gpiod_chip_close(library);
    errno = ENOMEM;
    return NULL;
  }
  opened->library = library;
  opened->descriptor = -1;
  // What the kernel answers to a question that it does not know.
  if (gpiod_chip_num_lines(library) > 0 && !gpiod_chip_get_line(library, 0) && errno == EINVAL) {
    opened->descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (opened->descriptor < 0) {
      int code = errno;
      fieldbox_gpio_close((struct fieldbox_gpio_chip *)opened);
      errno = code;
      return NULL;
    }
  }
  return (struct fieldbox_gpio_chip *)opened;
}

static inline int fieldbox_gpio_describe_chip(struct fieldbox_gpio_chip *chip, struct fieldbox_gpio_chip_info *info) {
  struct gpiod_chip *library = ((struct fieldbox_gpio_opened *)chip)->library;
  fieldbox_gpio_copy(info->name, gpiod_chip_name(library));
  fieldbox_gpio_copy(info->label, gpiod_chip_label(library));
  info->lines = gpiod_chip_num_lines(library);
  return 0;
}

/// The offset of a line; ENOENT if there is none of that name.
static inline int fieldbox_gpio_find_line(struct fieldbox_gpio_chip *chip, const char *name) {
  struct fieldbox_gpio_opened *opened = (struct fieldbox_gpio_opened *)chip;
  if (opened->descriptor >= 0)
    return fieldbox_gpio_kernel_find_line(opened->descriptor, gpiod_chip_num_lines(opened->library), name);
  struct gpiod_line *line = gpiod_chip_find_line(opened->library, name);
  return line ? (int)gpiod_line_offset(line) : -1;
}

static inline int fieldbox_gpio_describe_line(
    struct fieldbox_gpio_chip *chip, unsigned int offset, struct fieldbox_gpio_line_info *info) {
  struct fieldbox_gpio_opened *opened = (struct fieldbox_gpio_opened *)chip;
  if (opened->descriptor >= 0) return fieldbox_gpio_kernel_describe_line(opened->descriptor, offset, info);
  struct gpiod_line *line = gpiod_chip_get_line(opened->library, offset);
  // The library keeps what it once read.
  if (!line || gpiod_line_update(line) < 0) return -1;
  fieldbox_gpio_copy(info->name, gpiod_line_name(line));
  fieldbox_gpio_copy(info->consumer, gpiod_line_consumer(line));
  info->used = gpiod_line_is_used(line);
  info->output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
  return 0;
}

static inline void fieldbox_gpio_release(struct fieldbox_gpio_line *line) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  if (requested->library)
    gpiod_line_release(requested->library);
  else if (requested->descriptor >= 0)
    close(requested->descriptor);
  free(requested);
}

static inline int fieldbox_gpio_descriptor(struct fieldbox_gpio_line *line) {
  return ((struct fieldbox_gpio_requested *)line)->descriptor;
}

static inline struct gpiod_line *fieldbox_gpio_library_request_line(
    struct gpiod_chip *chip, unsigned int offset, const struct fieldbox_gpio_request *request) {
  struct gpiod_line_request_config config = {
      .consumer = request->consumer,
      .request_type = request->output ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT : GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
      .flags = request->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0,
  };
  switch (request->bias) {
  case FIELDBOX_GPIO_BIAS_PULL_UP: config.flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP; break;
  case FIELDBOX_GPIO_BIAS_PULL_DOWN: config.flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN; break;
  case FIELDBOX_GPIO_BIAS_DISABLED: config.flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE; break;
  default: break;
  }
  struct gpiod_line *line = gpiod_chip_get_line(chip, offset);
  return line && gpiod_line_request(line, &config, request->value) == 0 ? line : NULL;
}

static inline struct fieldbox_gpio_line *fieldbox_gpio_request_line(
    struct fieldbox_gpio_chip *chip, unsigned int offset, const struct fieldbox_gpio_request *request) {
  struct fieldbox_gpio_opened *opened = (struct fieldbox_gpio_opened *)chip;
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)calloc(1, sizeof *requested);
  if (!requested) return NULL;
  int failed;
  if (opened->descriptor >= 0) {
    requested->descriptor = fieldbox_gpio_kernel_request_line(opened->descriptor, offset, request);
    failed = requested->descriptor < 0;
  } else {
    requested->library = fieldbox_gpio_library_request_line(opened->library, offset, request);
    failed = !requested->library;
    requested->descriptor = failed || request->output ? -1 : gpiod_line_event_get_fd(requested->library);
  }
  if (!failed && !request->output) failed = fcntl(requested->descriptor, F_SETFL, O_NONBLOCK) < 0;
  if (!failed) return (struct fieldbox_gpio_line *)requested;
  int code = errno;
  fieldbox_gpio_release((struct fieldbox_gpio_line *)requested);
  errno = code;
  return NULL;
}

/// The oldest edge that waits; EAGAIN if none does, EIO if what came was no whole one.
static inline int fieldbox_gpio_read_edge(struct fieldbox_gpio_line *line, struct fieldbox_gpio_edge *edge) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  if (!requested->library) return fieldbox_gpio_kernel_read_edge(requested->descriptor, edge);
  struct gpiod_line_event event;
  if (gpiod_line_event_read(requested->library, &event) < 0) return -1;
  edge->nanoseconds = (uint64_t)event.ts.tv_sec * 1000000000u + (uint64_t)event.ts.tv_nsec;
  edge->rising = event.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
  return 0;
}

/// 1 for active.
static inline int fieldbox_gpio_value(struct fieldbox_gpio_line *line) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  return requested->library ? gpiod_line_get_value(requested->library)
                            : fieldbox_gpio_kernel_value(requested->descriptor);
}

static inline int fieldbox_gpio_set_value(struct fieldbox_gpio_line *line, int value) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  return requested->library ? gpiod_line_set_value(requested->library, value)
                            : fieldbox_gpio_kernel_set_value(requested->descriptor, value);
}
