#pragma once

#include <opus.h>

// The controls of libopus are variadic, which Swift cannot call.

static inline int fieldbox_opus_encoder_set(OpusEncoder *encoder, int request, opus_int32 value) {
  return opus_encoder_ctl(encoder, request, value);
}
