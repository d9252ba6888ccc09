#include "pictures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strip.h"

static uint8_t *whole_file(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  uint8_t *bytes = NULL;
  size_t used = 0, room = 0;
  for (;;) {
    if (used == room) {
      room = room ? room * 2 : 1 << 20;
      uint8_t *larger = realloc(bytes, room);
      if (!larger) break;
      bytes = larger;
    }
    size_t got = fread(bytes + used, 1, room - used, file);
    if (got == 0) break;
    used += got;
  }
  fclose(file);
  *count = used;
  return bytes;
}

// Walks the segments of the picture at `bytes` (ITU-T T.81, B.1): its length with EOI, its size, and where a strip may go.
static bool measure(const uint8_t *bytes, size_t left, struct picture *picture, int *width, int *height) {
  bool marked = false;
  size_t at = 2;
  *width = *height = 0;
  if (left < 4 || bytes[0] != 0xff || bytes[1] != 0xd8) return false;
  while (at + 4 <= left && bytes[at] == 0xff) {
    int marker = bytes[at + 1];
    size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (at + 2 + length > left) return false;
    if (marker >= 0xc0 && marker <= 0xc2 && length >= 9) {
      *height = bytes[at + 5] << 8 | bytes[at + 6];
      *width = bytes[at + 7] << 8 | bytes[at + 8];
    }
    if (marker == 0xfe && length == 2 + sizeof strip_mark - 1 && memcmp(bytes + at + 4, strip_mark, length - 2) == 0) marked = true;
    at += 2 + length;
    if (marker != 0xda) continue;
    size_t last_restart = 0;
    for (; at + 1 < left; at++) {
      if (bytes[at] != 0xff) continue;
      if (bytes[at + 1] >= 0xd0 && bytes[at + 1] <= 0xd7) last_restart = at + 2;
      if (bytes[at + 1] != 0xd9) continue;
      *picture = (struct picture){bytes, at + 2, marked ? last_restart : 0};
      return *width > 0;
    }
    return false;
  }
  return false;
}

static struct picture_list *list_of(struct picture_list **lists, int width, int height) {
  while (*lists && ((*lists)->width != width || (*lists)->height != height)) lists = &(*lists)->next;
  if (!*lists && (*lists = calloc(1, sizeof **lists))) {
    (*lists)->width = width;
    (*lists)->height = height;
  }
  return *lists;
}

bool pictures_read(struct picture_list **lists, const char *path, char *error, size_t size) {
  size_t count = 0, at = 0;
  const uint8_t *bytes = whole_file(path, &count);
  if (!bytes) {
    snprintf(error, size, "%s: %s", path, strerror(errno));
    return false;
  }
  while (at < count) {
    struct picture picture;
    int width, height;
    if (!measure(bytes + at, count - at, &picture, &width, &height)) {
      snprintf(error, size, "%s: no whole JPEG picture at byte %zu", path, at);
      return false;
    }
    struct picture_list *list = list_of(lists, width, height);
    struct picture *longer = list ? realloc(list->pictures, (list->count + 1) * sizeof picture) : NULL;
    if (!longer) {
      snprintf(error, size, "out of memory");
      return false;
    }
    list->pictures = longer;
    list->pictures[list->count++] = picture;
    if (picture.count > list->longest) list->longest = picture.count;
    at += picture.count;
  }
  return true;
}
