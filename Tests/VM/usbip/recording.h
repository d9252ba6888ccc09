// What the emulated speaker played: into a file of raw samples, and as figures over the last half second.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { recording_window = 24000 };

struct recording {
  FILE *file;
  int16_t window[recording_window];
  size_t at;
};

void recording_start(struct recording *);
// 48 kHz, mono, 16 bits, little-endian, from now on; NULL ends it.
bool recording_to(struct recording *, const char *path);
void recording_add(struct recording *, const uint8_t *samples, size_t count, double loudness);
double recording_rms(const struct recording *);
// From the times at which the signal goes upwards through zero; right for one tone.
double recording_hertz(const struct recording *);
