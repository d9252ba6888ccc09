#include "recording.h"

#include <math.h>
#include <string.h>

void recording_start(struct recording *recording) { memset(recording, 0, sizeof *recording); }

bool recording_to(struct recording *recording, const char *path) {
  if (recording->file) fclose(recording->file);
  recording->file = path ? fopen(path, "wb") : NULL;
  return !path || recording->file;
}

void recording_add(struct recording *recording, const uint8_t *samples, size_t count, double loudness) {
  for (size_t i = 0; i < count; i++) {
    int16_t sample = (int16_t)((int16_t)(samples[2 * i] | samples[2 * i + 1] << 8) * loudness);
    recording->window[recording->at] = sample;
    recording->at = (recording->at + 1) % recording_window;
    if (recording->file) fwrite(&sample, sizeof sample, 1, recording->file);
  }
  if (recording->file) fflush(recording->file);
}

double recording_rms(const struct recording *recording) {
  double sum = 0;
  for (size_t i = 0; i < recording_window; i++) sum += (double)recording->window[i] * recording->window[i];
  return sqrt(sum / recording_window);
}

double recording_hertz(const struct recording *recording) {
  long first = -1, last = -1, count = 0;
  for (long i = 1; i < recording_window; i++) {
    int before = recording->window[(recording->at + (size_t)i - 1) % recording_window];
    int after = recording->window[(recording->at + (size_t)i) % recording_window];
    if (before >= 0 || after < 0) continue;
    if (first < 0) first = i;
    last = i;
    count++;
  }
  return count > 1 ? (count - 1) * 48000.0 / (last - first) : 0;
}
