#pragma once

#include <opus.h>

// The controls of libopus are variadic, which Swift cannot call.

static inline int fieldbox_opus_encoder_set(OpusEncoder *encoder, int request, opus_int32 value) {
  return opus_encoder_ctl(encoder, request, value);
}

static inline int fieldbox_opus_decoder_reset(OpusDecoder *decoder) {
  return opus_decoder_ctl(decoder, OPUS_RESET_STATE);
}
