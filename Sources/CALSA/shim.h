#pragma once

#include <alsa/asoundlib.h>

static inline void fieldbox_alsa_say_nothing(const char *file, int line, const char *function, int code, const char *format, ...) {}

/* The library writes what it thinks of a missing card to the standard error, each time. We say it ourselves, once. */
static inline void fieldbox_alsa_keep_quiet(void) { snd_lib_error_set_handler(fieldbox_alsa_say_nothing); }
