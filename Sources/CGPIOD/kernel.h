#pragma once

// The kernel's second interface for lines (Linux 5.10 and later), spoken directly. libgpiod 1 speaks only the first, which new
// kernels may be built without (CONFIG_GPIO_CDEV_V1; Debian's have left it out by 7.2): there it opens chips and can do
// nothing with them. Included by version1.h only; libgpiod 2 speaks the second by itself.

#include <linux/gpio.h>
#include <sys/ioctl.h>

static inline int fieldbox_gpio_kernel_describe_line(
    int chip, unsigned int offset, struct fieldbox_gpio_line_info *info) {
  struct gpio_v2_line_info found = {.offset = offset};
  if (ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &found) < 0) return -1;
  // Of 32 bytes with their end.
  fieldbox_gpio_copy(info->name, found.name);
  fieldbox_gpio_copy(info->consumer, found.consumer);
  info->used = (found.flags & GPIO_V2_LINE_FLAG_USED) != 0;
  info->output = (found.flags & GPIO_V2_LINE_FLAG_OUTPUT) != 0;
  return 0;
}

static inline int fieldbox_gpio_kernel_find_line(int chip, unsigned int lines, const char *name) {
  for (unsigned int offset = 0; offset < lines; offset++) {
    struct fieldbox_gpio_line_info info;
    if (fieldbox_gpio_kernel_describe_line(chip, offset, &info) < 0) return -1;
    if (strcmp(info.name, name) == 0) return (int)offset;
  }
  errno = ENOENT;
  return -1;
}

/// The descriptor of the line.
static inline int fieldbox_gpio_kernel_request_line(
    int chip, unsigned int offset, const struct fieldbox_gpio_request *request) {
  struct gpio_v2_line_request asked = {.offsets = {offset}, .num_lines = 1};
  strncpy(asked.consumer, request->consumer, sizeof asked.consumer - 1);
  if (request->active_low) asked.config.flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  switch (request->bias) {
  case FIELDBOX_GPIO_BIAS_PULL_UP: asked.config.flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP; break;
  case FIELDBOX_GPIO_BIAS_PULL_DOWN: asked.config.flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN; break;
  case FIELDBOX_GPIO_BIAS_DISABLED: asked.config.flags |= GPIO_V2_LINE_FLAG_BIAS_DISABLED; break;
  default: break;
  }
  struct gpio_v2_line_config_attribute *attribute = &asked.config.attrs[0];
  if (request->output) {
    asked.config.flags |= GPIO_V2_LINE_FLAG_OUTPUT;
    asked.config.num_attrs = 1;
    attribute->mask = 1;
    attribute->attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    attribute->attr.values = request->value ? 1 : 0;
  } else {
    asked.config.flags |= GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
    if (request->debounce_microseconds > 0) {
      asked.config.num_attrs = 1;
      // The kernel wants nothing in those that are not counted.
      attribute->mask = 1;
      attribute->attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
      attribute->attr.debounce_period_us = request->debounce_microseconds;
    }
  }
  return ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &asked) < 0 ? -1 : asked.fd;
}

static inline int fieldbox_gpio_kernel_read_edge(int line, struct fieldbox_gpio_edge *edge) {
  struct gpio_v2_line_event event;
  ssize_t count = read(line, &event, sizeof event);
  if (count < 0) return -1;
  if ((size_t)count != sizeof event) {
    errno = EIO;
    return -1;
  }
  edge->nanoseconds = event.timestamp_ns;
  edge->rising = event.id == GPIO_V2_LINE_EVENT_RISING_EDGE;
  return 0;
}

static inline int fieldbox_gpio_kernel_value(int line) {
  struct gpio_v2_line_values values = {.mask = 1};
  return ioctl(line, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0 ? -1 : (int)(values.bits & 1);
}

static inline int fieldbox_gpio_kernel_set_value(int line, int value) {
  struct gpio_v2_line_values values = {.bits = value ? 1 : 0, .mask = 1};
  return ioctl(line, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}
