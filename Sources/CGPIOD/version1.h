#pragma once

// libgpiod 1, as in Debian 12. Included by shim.h only.

/// The version of libgpiod in words.
static inline const char *fieldbox_gpiod_version(void) { return gpiod_version_string(); }

static inline int fieldbox_gpio_describe_chip(struct gpiod_chip *chip, struct fieldbox_gpio_chip_info *info) {
  fieldbox_gpio_copy(info->name, gpiod_chip_name(chip));
  fieldbox_gpio_copy(info->label, gpiod_chip_label(chip));
  info->lines = gpiod_chip_num_lines(chip);
  return 0;
}

/// The offset of a line; ENOENT if there is none of that name.
static inline int fieldbox_gpio_find_line(struct gpiod_chip *chip, const char *name) {
  struct gpiod_line *line = gpiod_chip_find_line(chip, name);
  return line ? (int)gpiod_line_offset(line) : -1;
}

static inline int fieldbox_gpio_describe_line(
    struct gpiod_chip *chip, unsigned int offset, struct fieldbox_gpio_line_info *info) {
  struct gpiod_line *line = gpiod_chip_get_line(chip, offset);
  // The library keeps what it once read.
  if (!line || gpiod_line_update(line) < 0) return -1;
  fieldbox_gpio_copy(info->name, gpiod_line_name(line));
  fieldbox_gpio_copy(info->consumer, gpiod_line_consumer(line));
  info->used = gpiod_line_is_used(line);
  info->output = gpiod_line_direction(line) == GPIOD_LINE_DIRECTION_OUTPUT;
  return 0;
}

static inline void fieldbox_gpio_release(struct fieldbox_gpio_line *line) {
  gpiod_line_release((struct gpiod_line *)line);
}

/// Readable while an edge waits; of an input only.
static inline int fieldbox_gpio_descriptor(struct fieldbox_gpio_line *line) {
  return gpiod_line_event_get_fd((struct gpiod_line *)line);
}

static inline struct fieldbox_gpio_line *fieldbox_gpio_request_line(
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
  if (!line || gpiod_line_request(line, &config, request->value) < 0) return NULL;
  if (!request->output && fcntl(gpiod_line_event_get_fd(line), F_SETFL, O_NONBLOCK) < 0) {
    int code = errno;
    gpiod_line_release(line);
    errno = code;
    return NULL;
  }
  return (struct fieldbox_gpio_line *)line;
}

/// The oldest edge that waits; EAGAIN if none does, EIO if what came was no whole one.
static inline int fieldbox_gpio_read_edge(struct fieldbox_gpio_line *line, struct fieldbox_gpio_edge *edge) {
  struct gpiod_line_event event;
  if (gpiod_line_event_read((struct gpiod_line *)line, &event) < 0) return -1;
  edge->nanoseconds = (uint64_t)event.ts.tv_sec * 1000000000u + (uint64_t)event.ts.tv_nsec;
  edge->rising = event.event_type == GPIOD_LINE_EVENT_RISING_EDGE;
  return 0;
}

/// 1 for active.
static inline int fieldbox_gpio_value(struct fieldbox_gpio_line *line) {
  return gpiod_line_get_value((struct gpiod_line *)line);
}

static inline int fieldbox_gpio_set_value(struct fieldbox_gpio_line *line, int value) {
  return gpiod_line_set_value((struct gpiod_line *)line, value);
}
