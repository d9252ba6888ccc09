#pragma once

#include <vpx/vpx_encoder.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>

// libvpx checks its ABI by macros around opening, and its controls are variadic: Swift can see neither.

static inline vpx_codec_err_t fieldbox_vpx_encoder_open(vpx_codec_ctx_t *codec, const vpx_codec_enc_cfg_t *settings) {
  return vpx_codec_enc_init(codec, vpx_codec_vp8_cx(), settings, 0);
}

static inline vpx_codec_err_t fieldbox_vpx_decoder_open(vpx_codec_ctx_t *codec, unsigned int threads) {
  vpx_codec_dec_cfg_t settings = {.threads = threads, .w = 0, .h = 0};
  return vpx_codec_dec_init(codec, vpx_codec_vp8_dx(), &settings, 0);
}

static inline vpx_codec_err_t fieldbox_vpx_control(vpx_codec_ctx_t *codec, int control, int value) {
  return vpx_codec_control_(codec, control, value);
}

static inline vpx_codec_err_t fieldbox_vpx_control_get(vpx_codec_ctx_t *codec, int control, int *value) {
  return vpx_codec_control_(codec, control, value);
}
