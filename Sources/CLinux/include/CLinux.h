#pragma once
// What Swift's Glibc module lacks: epoll, timerfd, eventfd, memfd, datagram batches with their local address, the spawn
// shim. Functions return what the system call returns, or minus errno where that is said.
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

// One datagram of a batch. Addresses are IPv6 or IPv4-mapped, as two halves in host byte order.
struct fb_datagram {
  void *bytes;
  // To send: how many bytes. Received: how many came; a datagram that was cut gives 0.
  uint32_t length;
  // Interface of a link-local local address, else 0.
  uint32_t local_scope;
  uint64_t local_high, local_low;
  uint64_t remote_high, remote_low;
  uint32_t remote_scope;
  uint16_t remote_port;
};

// The most datagrams that one call handles.
enum { FB_BATCH = 64 };

// Receives without blocking. The i-th datagram goes to memory + i * slot_bytes. Returns how many came, or -errno.
int fb_udp_receive(int fd, void *memory, size_t slot_bytes, struct fb_datagram *datagrams, int count);
// Sends without blocking, each from its local address if that is not zero. `ipv4` says that the socket is AF_INET.
// Returns how many were sent, or -errno for the first.
int fb_udp_send(int fd, int ipv4, const struct fb_datagram *datagrams, int count);

// Sends one message, with a descriptor if that is not negative. Returns the length or -errno.
ssize_t fb_message_send(int fd, const void *bytes, size_t length, int descriptor);
// Receives one message. `descriptor` becomes the first that came with it, or -1; further ones are closed. A message
// that was cut gives -EMSGSIZE. Returns the length, or -errno.
ssize_t fb_message_receive(int fd, void *bytes, size_t capacity, int *descriptor);

// A sealable memory file. Returns the descriptor or -errno.
int fb_memfd_create(const char *name);
// Forbids shrinking, growing and new writable mappings. 0 or -errno.
int fb_memfd_seal(int fd);
// Forbids shrinking and growing. 0 or -errno.
int fb_memfd_fix_size(int fd);
// Whether the seals of fb_memfd_seal are set.
int fb_memfd_sealed(int fd);

struct fb_spawn {
  const char *path;
  char *const *argv;
  char *const *envp;
  // Become 3, 4, … in the child.
  const int *descriptors;
  int descriptor_count;
  // Becomes standard output and error unless negative.
  int output;
  // Whether to become uid and gid, without supplementary groups.
  int change_user;
  uid_t uid;
  gid_t gid;
  // What it may allocate (RLIMIT_DATA); 0 for no limit of ours.
  uint64_t memory_bytes;
};
// Starts a program in a session of its own, with default signals, no new privileges, every other descriptor closed,
// killed when the calling thread dies. Returns the process id, or -errno with `step` naming what failed.
pid_t fb_spawn(const struct fb_spawn *how, const char **step);

// Descriptors that are closed on exec and do not block; -1 with errno set on failure.
int fb_epoll_create(void);
int fb_eventfd(void);
// A timer of the wall clock that never expires, and tells when the clock is set.
int fb_clock_watch(void);
// Waits again; 1 if the clock was set since the last time, 0 if not.
int fb_clock_was_set(int watch);
int fb_signalfd(const sigset_t *signals);
// Whether the process ignores a signal.
int fb_signal_ignored(int signal);
// The events of epoll, which Swift imports in different ways.
static const uint32_t FB_EPOLL_IN = EPOLLIN, FB_EPOLL_OUT = EPOLLOUT, FB_EPOLL_ENDED = EPOLLHUP | EPOLLERR;
// Random bytes from the kernel; the number written, or -1.
ssize_t fb_random(void *bytes, size_t count);

// epoll_pwait2 with a wait in microseconds, negative for ever. Returns the number of events or -errno.
int fb_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t microseconds);

// Macros of <sys/wait.h>.
int fb_exit_code(int status);
int fb_signaled(int status);
int fb_term_signal(int status);

// ioctl is variadic.
int fb_window_size(int fd, int *columns, int *rows);
// Waits so long for the end of a thread: 0 when it has ended, else an error number.
int fb_thread_join(pthread_t thread, int64_t microseconds);

// Names the calling process or thread (15 bytes are kept).
void fb_set_name(const char *name);
