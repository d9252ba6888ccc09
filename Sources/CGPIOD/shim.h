#pragma once

#include <gpiod.h>

// Debian 12 has version 1 of the API, Debian 13 version 2; only the first knows bulks of lines.
#ifdef GPIOD_LINE_BULK_MAX_LINES
#define FIELDBOX_GPIOD_API 1
#else
#define FIELDBOX_GPIOD_API 2
#endif

/// The version of libgpiod in words.
static inline const char *fieldbox_gpiod_version(void) {
#if FIELDBOX_GPIOD_API == 1
  return gpiod_version_string();
#else
  return gpiod_api_version();
#endif
}
