#pragma once

// libgpiod 2, as in Debian 13. Included by shim.h only.

/// What is behind a `struct fieldbox_gpio_line`.
struct fieldbox_gpio_requested {
  struct gpiod_line_request *request;
  // Room for one edge; NULL for an output.
  struct gpiod_edge_event_buffer *edges;
  unsigned int offset;
};

/// The version of libgpiod in words.
static inline const char *fieldbox_gpiod_version(void) { return gpiod_api_version(); }

static inline struct fieldbox_gpio_chip *fieldbox_gpio_open_resolved(const char *path) {
  struct gpiod_chip *chip = gpiod_chip_open(path);
  // What is there and is something else, as version 1 says it.
  if (!chip && errno == ENODEV && access(path, F_OK) == 0 && !gpiod_is_gpiochip_device(path)) errno = ENOTTY;
  return (struct fieldbox_gpio_chip *)chip;
}

static inline void fieldbox_gpio_close(struct fieldbox_gpio_chip *chip) {
  gpiod_chip_close((struct gpiod_chip *)chip);
}

static inline int fieldbox_gpio_describe_chip(struct fieldbox_gpio_chip *chip, struct fieldbox_gpio_chip_info *info) {
  struct gpiod_chip_info *found = gpiod_chip_get_info((struct gpiod_chip *)chip);
  if (!found) return -1;
  fieldbox_gpio_copy(info->name, gpiod_chip_info_get_name(found));
  fieldbox_gpio_copy(info->label, gpiod_chip_info_get_label(found));
  info->lines = (unsigned int)gpiod_chip_info_get_num_lines(found);
  gpiod_chip_info_free(found);
  return 0;
}

/// The offset of a line; ENOENT if there is none of that name.
static inline int fieldbox_gpio_find_line(struct fieldbox_gpio_chip *chip, const char *name) {
  return gpiod_chip_get_line_offset_from_name((struct gpiod_chip *)chip, name);
}

static inline int fieldbox_gpio_describe_line(
    struct fieldbox_gpio_chip *chip, unsigned int offset, struct fieldbox_gpio_line_info *info) {
  struct gpiod_line_info *found = gpiod_chip_get_line_info((struct gpiod_chip *)chip, offset);
  if (!found) return -1;
  fieldbox_gpio_copy(info->name, gpiod_line_info_get_name(found));
  fieldbox_gpio_copy(info->consumer, gpiod_line_info_get_consumer(found));
  info->used = gpiod_line_info_is_used(found);
  info->output = gpiod_line_info_get_direction(found) == GPIOD_LINE_DIRECTION_OUTPUT;
  gpiod_line_info_free(found);
  return 0;
}

static inline void fieldbox_gpio_release(struct fieldbox_gpio_line *line) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  if (requested->edges) gpiod_edge_event_buffer_free(requested->edges);
  if (requested->request) gpiod_line_request_release(requested->request);
  free(requested);
}

/// Readable while an edge waits; of an input only.
static inline int fieldbox_gpio_descriptor(struct fieldbox_gpio_line *line) {
  return gpiod_line_request_get_fd(((struct fieldbox_gpio_requested *)line)->request);
}

static inline enum gpiod_line_bias fieldbox_gpio_bias(int bias) {
  switch (bias) {
  case FIELDBOX_GPIO_BIAS_PULL_UP: return GPIOD_LINE_BIAS_PULL_UP;
  case FIELDBOX_GPIO_BIAS_PULL_DOWN: return GPIOD_LINE_BIAS_PULL_DOWN;
  case FIELDBOX_GPIO_BIAS_DISABLED: return GPIOD_LINE_BIAS_DISABLED;
  default: return GPIOD_LINE_BIAS_AS_IS;
  }
}

/// Fills in what is asked for and asks.
static inline int fieldbox_gpio_ask(
    struct gpiod_chip *chip, const struct fieldbox_gpio_request *request, struct gpiod_line_settings *settings,
    struct gpiod_line_config *lines, struct gpiod_request_config *config, struct fieldbox_gpio_requested *requested) {
  gpiod_line_settings_set_active_low(settings, request->active_low);
  if (gpiod_line_settings_set_bias(settings, fieldbox_gpio_bias(request->bias)) < 0) return -1;
  if (request->output) {
    enum gpiod_line_value value = request->value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT) < 0 ||
        gpiod_line_settings_set_output_value(settings, value) < 0)
      return -1;
  } else {
    if (gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT) < 0 ||
        gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH) < 0 ||
        gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC) < 0)
      return -1;
    gpiod_line_settings_set_debounce_period_us(settings, request->debounce_microseconds);
    requested->edges = gpiod_edge_event_buffer_new(1);
    if (!requested->edges) return -1;
  }
  gpiod_request_config_set_consumer(config, request->consumer);
  if (gpiod_line_config_add_line_settings(lines, &requested->offset, 1, settings) < 0) return -1;
  requested->request = gpiod_chip_request_lines(chip, config, lines);
  if (!requested->request) return -1;
  return request->output ? 0 : fcntl(gpiod_line_request_get_fd(requested->request), F_SETFL, O_NONBLOCK);
}

static inline struct fieldbox_gpio_line *fieldbox_gpio_request_line(
    struct fieldbox_gpio_chip *chip, unsigned int offset, const struct fieldbox_gpio_request *request) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)calloc(1, sizeof *requested);
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  struct gpiod_line_config *lines = gpiod_line_config_new();
  struct gpiod_request_config *config = gpiod_request_config_new();
  int result = -1;
  if (requested && settings && lines && config) {
    requested->offset = offset;
    result = fieldbox_gpio_ask((struct gpiod_chip *)chip, request, settings, lines, config, requested);
  }
  int code = errno;
  if (config) gpiod_request_config_free(config);
  if (lines) gpiod_line_config_free(lines);
  if (settings) gpiod_line_settings_free(settings);
  if (result < 0 && requested) {
    fieldbox_gpio_release((struct fieldbox_gpio_line *)requested);
    requested = NULL;
  }
  errno = code;
  return (struct fieldbox_gpio_line *)requested;
}

/// The oldest edge that waits; EAGAIN if none does, EIO if what came was no whole one.
static inline int fieldbox_gpio_read_edge(struct fieldbox_gpio_line *line, struct fieldbox_gpio_edge *edge) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  int count = gpiod_line_request_read_edge_events(requested->request, requested->edges, 1);
  if (count < 0) return -1;
  struct gpiod_edge_event *event = count == 1 ? gpiod_edge_event_buffer_get_event(requested->edges, 0) : NULL;
  if (!event) {
    errno = EIO;
    return -1;
  }
  edge->nanoseconds = gpiod_edge_event_get_timestamp_ns(event);
  edge->rising = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
  return 0;
}

/// 1 for active.
static inline int fieldbox_gpio_value(struct fieldbox_gpio_line *line) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  return gpiod_line_request_get_value(requested->request, requested->offset);
}

static inline int fieldbox_gpio_set_value(struct fieldbox_gpio_line *line, int value) {
  struct fieldbox_gpio_requested *requested = (struct fieldbox_gpio_requested *)line;
  return gpiod_line_request_set_value(
      requested->request, requested->offset, value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
}
