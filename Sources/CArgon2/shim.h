#pragma once

#include <argon2.h>
#include <malloc.h>

/// Hashing takes and gives back 19 MiB at a time: the allocator must not keep them for the next time.
static inline void fieldbox_return_freed_memory(void) {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_ARENA_MAX, 2);
}
