#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

ssize_t fb_message_send(int fd, const void *bytes, size_t length, int descriptor) {
  struct iovec vector = {(void *)bytes, length};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
  if (descriptor >= 0) {
    memset(&control, 0, sizeof control);
    header.msg_control = &control;
    header.msg_controllen = sizeof control;
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(c), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  do {
    sent = sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

ssize_t fb_message_receive(int fd, void *bytes, size_t capacity, int *descriptor) {
  struct iovec vector = {bytes, capacity};
  union {
    char bytes[CMSG_SPACE(4 * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr header = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t received;
  *descriptor = -1;
  do {
    received = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int one;
      memcpy(&one, CMSG_DATA(c) + i * sizeof one, sizeof one);
      if (*descriptor < 0)
        *descriptor = one;
      else
        close(one);
    }
  }
  if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
    return -EMSGSIZE;
  }
  return received;
}

int fb_memfd_create(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd < 0 ? -errno : fd;
}

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
static const int ring_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE;

int fb_memfd_seal(int fd) { return fcntl(fd, F_ADD_SEALS, ring_seals | F_SEAL_SEAL) < 0 ? -errno : 0; }

int fb_memfd_fix_size(int fd) { return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ? -errno : 0; }

int fb_memfd_sealed(int fd) {
  int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & ring_seals) == ring_seals;
}

int fb_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
int fb_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static int arm(int watch) {
  struct itimerspec never = {.it_value = {.tv_sec = 0x7fffffff}};
  return timerfd_settime(watch, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}
int fb_clock_watch(void) {
  int watch = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (watch >= 0 && arm(watch) < 0) {
    int error = errno;
    close(watch);
    errno = error;
    return -1;
  }
  return watch;
}
int fb_clock_was_set(int watch) {
  uint64_t count;
  int was_set = read(watch, &count, sizeof count) < 0 && errno == ECANCELED;
  arm(watch);
  return was_set;
}
int fb_signalfd(const sigset_t *signals) { return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK); }
int fb_signal_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}
ssize_t fb_random(void *bytes, size_t count) { return getrandom(bytes, count, 0); }

int fb_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t microseconds) {
  struct timespec wait = {microseconds / 1000000, microseconds % 1000000 * 1000};
  int count = epoll_pwait2(epoll, events, capacity, microseconds < 0 ? NULL : &wait, NULL);
  if (count < 0 && errno == ENOSYS) {  // before Linux 5.11
    int milliseconds = microseconds < 0 ? -1 : microseconds > 86400000000 ? 86400000 : (int)((microseconds + 999) / 1000);
    count = epoll_wait(epoll, events, capacity, milliseconds);
  }
  return count < 0 ? -errno : count;
}

int fb_exit_code(int status) { return WEXITSTATUS(status); }
int fb_signaled(int status) { return WIFSIGNALED(status); }
int fb_term_signal(int status) { return WTERMSIG(status); }

int fb_window_size(int fd, int *columns, int *rows) {
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) < 0) return -errno;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// It knows nothing of the join below, and takes the next thread for this one.
#define FIELDBOX_JOIN_CLOCK CLOCK_REALTIME
#define pthread_clockjoin_np(thread, result, clock, end) pthread_timedjoin_np(thread, result, end)
#endif
#endif
#ifndef FIELDBOX_JOIN_CLOCK
#define FIELDBOX_JOIN_CLOCK CLOCK_MONOTONIC
#endif

int fb_thread_join(pthread_t thread, int64_t microseconds) {
  struct timespec end;
  clock_gettime(FIELDBOX_JOIN_CLOCK, &end);
  int64_t nanoseconds = end.tv_nsec + microseconds % 1000000 * 1000;
  end.tv_sec += microseconds / 1000000 + nanoseconds / 1000000000;
  end.tv_nsec = nanoseconds % 1000000000;
  return pthread_clockjoin_np(thread, NULL, FIELDBOX_JOIN_CLOCK, &end);
}

void fb_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
