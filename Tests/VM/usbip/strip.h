// The band at the bottom of a picture that tells its time (Board/README.md, "The strip"), as the last coded row of a JPEG: with a
// restart marker before each row, a row can be replaced without coding the others again.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define strip_mark "fieldbox strip"  // a comment in pictures that were coded with these settings
enum { strip_rows = 16, strip_quality = 85, strip_most_bytes = 16384 };

// Settings shared by the pictures and their strips: 4:2:0, one restart interval for each row of blocks.
struct jpeg_compress_struct;
void strip_settings(struct jpeg_compress_struct *);

// The strip's 64 cells for a wall-clock time.
void strip_cells(uint64_t milliseconds, uint8_t cells[64]);

// Codes the strip of a picture that is `width` wide; says how many bytes, without markers.
size_t strip_code(int width, uint64_t milliseconds, uint8_t to[strip_most_bytes]);
