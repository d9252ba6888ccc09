#include "CVirtualClock.h"

#include <sys/time.h>
#include <time.h>

static __thread int64_t virtual_microseconds = -1;

void virtual_clock_set(int64_t microseconds) { virtual_microseconds = microseconds; }

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
  (void)zone;
  if (virtual_microseconds >= 0) {
    result->tv_sec = virtual_microseconds / 1000000;
    result->tv_usec = virtual_microseconds % 1000000;
    return 0;
  }
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  result->tv_sec = now.tv_sec;
  result->tv_usec = now.tv_nsec / 1000;
  return 0;
}
