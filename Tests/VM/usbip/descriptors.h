// Writes descriptors one behind the other.
#pragma once

#include <stdint.h>
#include <string.h>

struct descriptors {
  uint8_t *to;
  size_t bytes;
};

#define bytes2(value) (uint8_t)(value), (uint8_t)((value) >> 8)
#define bytes3(value) bytes2(value), (uint8_t)((value) >> 16)
#define bytes4(value) bytes3(value), (uint8_t)((value) >> 24)

// All bytes of one descriptor but its length, which is counted.
#define describe(descriptors, ...)                                       \
  do {                                                                   \
    const uint8_t content_[] = {__VA_ARGS__};                            \
    (descriptors)->to[(descriptors)->bytes] = sizeof content_ + 1;       \
    memcpy((descriptors)->to + (descriptors)->bytes + 1, content_, sizeof content_); \
    (descriptors)->bytes += sizeof content_ + 1;                         \
  } while (0)

enum { interface_association = 11, device_type = 1, configuration_type = 2, interface_type = 4, endpoint_type = 5 };
enum { class_interface = 0x24, class_endpoint = 0x25 };
