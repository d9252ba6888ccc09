// A USB sound card: UAC1, 48 kHz, mono, 16 bits; a microphone, a speaker, or a headset with both. One packet a millisecond.
#pragma once

#include "device.h"

extern const struct device_kind microphone_kind, speaker_kind, headset_kind;

void *sound_state(void);
