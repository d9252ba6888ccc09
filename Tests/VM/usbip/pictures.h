// JPEG pictures one behind the other in files, sorted by their size.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct picture {
  const uint8_t *bytes;
  size_t count;
  size_t strip;  // where the coded last row begins that may be replaced by the time; 0: none
};

struct picture_list {
  int width, height;
  struct picture *pictures;
  size_t count, longest;
  struct picture_list *next;
};

// Adds a file's pictures. False with the reason in `error`.
bool pictures_read(struct picture_list **lists, const char *path, char *error, size_t size);
