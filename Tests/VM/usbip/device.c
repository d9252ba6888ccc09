#include "device.h"

#include <errno.h>
#include <string.h>
#include <time.h>

uint64_t nanoseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct usbip_transfer *take_sequence(struct usbip_transfer **queue, uint32_t sequence) {
  for (struct usbip_transfer **at = queue; *at; at = &(*at)->next) {
    if ((*at)->sequence != sequence) continue;
    struct usbip_transfer *found = *at;
    *at = found->next;
    return found;
  }
  return NULL;
}

void append(struct usbip_transfer **queue, struct usbip_transfer *transfer) {
  while (*queue) queue = &(*queue)->next;
  transfer->next = NULL;
  *queue = transfer;
}

void drop_all(struct usbip_transfer **queue) {
  while (*queue) {
    struct usbip_transfer *first = *queue;
    *queue = first->next;
    usbip_free(first);
  }
}

// String descriptors (USB 2.0, 9.6.7): 0 is the list of languages, then manufacturer, product and serial number.
static size_t string_descriptor(struct device *device, int index, uint8_t *to) {
  const char *texts[] = {NULL, "fieldbox", device->kind->product, device->serial};
  if (index < 0 || index > 3) return 0;
  size_t bytes = 2;
  if (index == 0) {
    to[bytes++] = 0x09;
    to[bytes++] = 0x04;
  } else {
    for (const char *c = texts[index]; *c && bytes < 250; c++) {
      to[bytes++] = (uint8_t)*c;
      to[bytes++] = 0;
    }
  }
  to[0] = (uint8_t)bytes;
  to[1] = 3;
  return bytes;
}

static int get_descriptor(struct device *device, const uint8_t setup[8], uint8_t *to) {
  size_t bytes = 0;
  switch (setup[3]) {
    case 1: bytes = device->kind->device_descriptor(device, to); break;
    case 2: bytes = setup[2] == 0 ? device->kind->configuration_descriptor(device, to) : 0; break;
    case 3: bytes = string_descriptor(device, setup[2], to); break;
  }
  return bytes ? (int)bytes : -EPIPE;
}

// USB 2.0, 9.4.
static int standard_request(struct device *device, const uint8_t setup[8], uint8_t *answer) {
  int value = setup[2] | setup[3] << 8, index = setup[4] | setup[5] << 8;
  switch (setup[1]) {
    case 0:  // GET_STATUS
      answer[0] = (setup[0] & 0x1f) == 0 ? 1 : 0;
      answer[1] = 0;
      return 2;
    case 1:  // CLEAR_FEATURE
      if ((setup[0] & 0x1f) == 2 && value == 0) device->kind->clear_halt(device, index);
      return 0;
    case 3: return 0;  // SET_FEATURE
    case 6: return get_descriptor(device, setup, answer);
    case 8:  // GET_CONFIGURATION
      answer[0] = (uint8_t)device->configuration;
      return 1;
    case 9:  // SET_CONFIGURATION
      device->configuration = value;
      return 0;
    case 11:  // SET_INTERFACE
      device->kind->set_interface(device, index, value);
      return 0;
    default: return -EPIPE;
  }
}

void device_control(struct device *device, struct usbip_transfer *transfer) {
  uint8_t answer[1024] = {0};
  const uint8_t *setup = transfer->setup;
  int result;
  if ((setup[0] & 0x60) == 0) {
    result = standard_request(device, setup, answer);
  } else if ((setup[0] & 0x60) == 0x20) {
    if (!transfer->in) memcpy(answer, transfer->data, transfer->length < sizeof answer ? transfer->length : sizeof answer);
    result = device->kind->class_request(device, setup, answer, transfer->length);
  } else {
    result = -EPIPE;
  }
  if (result < 0) {
    usbip_answer(device->socket, transfer, result, 0);
    return;
  }
  uint32_t length = transfer->length;
  if (transfer->in) {
    if (length > (uint32_t)result) length = (uint32_t)result;
    memcpy(transfer->data, answer, length);
  }
  usbip_answer(device->socket, transfer, 0, length);
}
