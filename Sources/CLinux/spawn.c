#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// posix_spawn cannot change the user, and Swift has no fork. Between fork and exec only calls that are safe there.

enum step { STEP_NONE, STEP_DUP, STEP_SESSION, STEP_USER, STEP_PRIVILEGES, STEP_PARENT, STEP_MEMORY, STEP_EXEC };
static const char *const step_names[] = {"fork", "dup", "setsid", "change user", "no new privileges", "parent", "memory", "exec"};
struct failure {
  int step;
  int error;
};

static void fail(int report, enum step step) {
  struct failure failure = {step, errno};
  ssize_t ignored = write(report, &failure, sizeof failure);
  (void)ignored;
  _exit(127);
}

static void run_child(const struct fb_spawn *how, int report, pid_t parent) {
  int first = 3, count = how->descriptor_count, above = first + count;

  // Default signals, nothing blocked: both survive exec.
  struct sigaction action = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &action, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);

  // Everything out of the way first, since a source may be another's target.
  int moved_report = fcntl(report, F_DUPFD_CLOEXEC, above);
  if (moved_report < 0) fail(report, STEP_DUP);
  report = moved_report;
  int moved[32];
  if (count > 32) {
    errno = E2BIG;
    fail(report, STEP_DUP);
  }
  for (int i = 0; i < count; i++) {
    moved[i] = fcntl(how->descriptors[i], F_DUPFD_CLOEXEC, above);
    if (moved[i] < 0) fail(report, STEP_DUP);
  }
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing < 0 || dup2(nothing, 0) < 0) fail(report, STEP_DUP);
  if (how->output >= 0 && (dup2(how->output, 1) < 0 || dup2(how->output, 2) < 0)) fail(report, STEP_DUP);
  for (int i = 0; i < count; i++)
    if (dup2(moved[i], first + i) < 0) fail(report, STEP_DUP);
  if (report != above) {
    if (dup3(report, above, O_CLOEXEC) < 0) fail(report, STEP_DUP);
    report = above;
  }
  close_range((unsigned)above + 1, ~0u, 0);

  // Its own session: a key of the terminal must not reach it.
  if (setsid() < 0) fail(report, STEP_SESSION);
  if (how->change_user && (setgroups(0, NULL) < 0 || setgid(how->gid) < 0 || setuid(how->uid) < 0))
    fail(report, STEP_USER);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail(report, STEP_PRIVILEGES);
  // After the change of user, which clears it; the parent may have died before.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) fail(report, STEP_PARENT);
  if (getppid() != parent) {
    errno = ESRCH;
    fail(report, STEP_PARENT);
  }
  // Last: what is here of the parent counts too until exec. A limit that is lower already stays.
  struct rlimit memory;
  if (getrlimit(RLIMIT_DATA, &memory) < 0) fail(report, STEP_MEMORY);
  if (how->memory_bytes > 0 && how->memory_bytes < memory.rlim_max) {
    memory.rlim_cur = memory.rlim_max = how->memory_bytes;
    if (setrlimit(RLIMIT_DATA, &memory) < 0) fail(report, STEP_MEMORY);
  }
  execve(how->path, how->argv, how->envp);
  fail(report, STEP_EXEC);
}

pid_t fb_spawn(const struct fb_spawn *how, const char **step) {
  int report[2];
  *step = step_names[STEP_NONE];
  if (pipe2(report, O_CLOEXEC) < 0) return -errno;

  // No signal handler of ours may run in the child before they are reset.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) run_child(how, report[1], parent);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (pid < 0) {
    close(report[0]);
    return -error;
  }

  // exec closes the pipe; a failure writes into it.
  struct failure failure;
  ssize_t length;
  do {
    length = read(report[0], &failure, sizeof failure);
  } while (length < 0 && errno == EINTR);
  close(report[0]);
  if (length == sizeof failure) {
    waitpid(pid, NULL, 0);
    if (failure.step >= 0 && failure.step <= STEP_EXEC) *step = step_names[failure.step];
    return -failure.error;
  }
  return pid;
}
