// Writes a second of JPEG pictures for the emulated camera: draw WIDTH HEIGHT COUNT > FILE.mjpeg. A grainy sky, a ball that goes
// round once in the loop, and room for the strip at the bottom.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "strip.h"

static void draw_row(JSAMPLE *row, int y, int width, int height, int number, int count, unsigned *grain) {
  int radius = height / 8, path = width - 2 * radius;
  int step = number * 2 * path / count;
  int ball_x = radius + (step < path ? step : 2 * path - step), ball_y = height / 2;
  for (int x = 0; x < width; x++) {
    *grain = *grain * 1664525u + 1013904223u;
    int noise = (int)(*grain >> 28);
    int dx = x - ball_x, dy = y - ball_y;
    bool ball = dx * dx + dy * dy < radius * radius;
    row[x * 3] = (JSAMPLE)(ball ? 220 : 40 + 120 * y / height + noise);
    row[x * 3 + 1] = (JSAMPLE)(ball ? 120 : 90 + 60 * x / width + noise);
    row[x * 3 + 2] = (JSAMPLE)(ball ? 30 : 200 - 80 * y / height + noise);
  }
}

int main(int count, char **words) {
  if (count != 4) {
    fprintf(stderr, "usage: draw WIDTH HEIGHT COUNT > FILE.mjpeg\n");
    return 2;
  }
  int width = atoi(words[1]), height = atoi(words[2]), pictures = atoi(words[3]);
  if (width % 16 || height % 16 || width < 64 || height < 64 || pictures < 1) {
    fprintf(stderr, "draw: width and height are multiples of 16, from 64 on\n");
    return 2;
  }
  JSAMPLE *row = malloc((size_t)width * 3);
  if (!row) return 1;
  unsigned grain = 1;
  for (int number = 0; number < pictures; number++) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, stdout);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    strip_settings(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    jpeg_write_marker(&jpeg, JPEG_COM, (const JOCTET *)strip_mark, sizeof strip_mark - 1);
    for (int y = 0; y < height; y++) {
      draw_row(row, y, width, height, number, pictures, &grain);
      jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
  }
  free(row);
  return fflush(stdout) == 0 ? 0 : 1;
}
