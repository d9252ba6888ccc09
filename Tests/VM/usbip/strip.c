#include "strip.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

void strip_settings(struct jpeg_compress_struct *jpeg) {
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, strip_quality, TRUE);
  jpeg->dct_method = JDCT_IFAST;
  jpeg->restart_in_rows = 1;
}

static uint16_t crc16_ccitt_false(const uint8_t *bytes, size_t count) {
  uint16_t crc = 0xffff;
  for (size_t i = 0; i < count; i++) {
    crc ^= (uint16_t)(bytes[i] << 8);
    for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

void strip_cells(uint64_t milliseconds, uint8_t cells[64]) {
  uint8_t bytes[6];
  for (int i = 0; i < 6; i++) bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
  bytes[0] &= 0x0f;
  uint16_t crc = crc16_ccitt_false(bytes, sizeof bytes);
  int at = 0;
  cells[at++] = 1;
  cells[at++] = 0;
  for (int bit = 43; bit >= 0; bit--) cells[at++] = milliseconds >> bit & 1;
  for (int bit = 15; bit >= 0; bit--) cells[at++] = crc >> bit & 1;
  cells[at++] = 0;
  cells[at++] = 1;
}

size_t strip_code(int width, uint64_t milliseconds, uint8_t to[strip_most_bytes]) {
  uint8_t cells[64];
  strip_cells(milliseconds, cells);
  JSAMPLE *row = malloc((size_t)width * 3);
  if (!row) return 0;
  for (int x = 0; x < width; x++) memset(row + x * 3, cells[x * 64 / width] ? 255 : 0, 3);

  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char *coded = NULL;
  unsigned long count = 0;
  jpeg_mem_dest(&jpeg, &coded, &count);
  jpeg.image_width = (JDIMENSION)width;
  jpeg.image_height = strip_rows;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  strip_settings(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < strip_rows; y++) jpeg_write_scanlines(&jpeg, &row, 1);
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  free(row);

  // Only what stands between the header of the scan and EOI.
  size_t begin = 2, length = 0;
  while (begin + 4 < count) {
    bool scan = coded[begin + 1] == 0xda;
    begin += 2 + ((size_t)coded[begin + 2] << 8 | coded[begin + 3]);
    if (scan) break;
  }
  if (count >= begin + 2 && count - 2 - begin <= strip_most_bytes) {
    length = count - 2 - begin;
    memcpy(to, coded + begin, length);
  }
  free(coded);
  return length;
}
