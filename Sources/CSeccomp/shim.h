#pragma once

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>

// Actions and comparisons are macros that Swift cannot read, and rules are added by a variadic function.

static inline scmp_filter_ctx fieldbox_seccomp_allowing(void) { return seccomp_init(SCMP_ACT_ALLOW); }

/// Forbids a call by its name; one that this processor does not have is forbidden already. 0 or -errno.
static inline int fieldbox_seccomp_forbid(scmp_filter_ctx filter, const char *name, int error) {
  int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return -EINVAL;
  return seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)error), number, 0);
}

/// Forbids to make a process, and leaves threads. 0 or -errno.
static inline int fieldbox_seccomp_forbid_processes(scmp_filter_ctx filter) {
  int code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  // Its flags lie in memory, which no filter can read: whoever is told that it does not exist takes the older call.
  return code < 0 ? code : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/// Forbids sockets of one family, or of that and all above. 0 or -errno.
static inline int fieldbox_seccomp_forbid_family(scmp_filter_ctx filter, int family, int and_above) {
  return and_above ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GE, (unsigned)family))
                   : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, (unsigned)family));
}
