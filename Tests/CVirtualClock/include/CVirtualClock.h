#pragma once

#include <stdint.h>

/// Makes `gettimeofday` answer this many microseconds since 1970 on the calling thread; a negative number gives the
/// thread the real clock again. The test binary's `gettimeofday` stands in for the C library's, so OpenSSL sees it too.
void virtual_clock_set(int64_t microseconds);
