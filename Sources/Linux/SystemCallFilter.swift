import CSeccomp
import Glibc

/// What a process that serves the network can do without: programs, other processes, mounts, users, modules, and all of the kernel
/// that is rarely used and often broken. Whoever takes such a process over finds little to go on with.
public enum SystemCallFilter {
  /// Each fails with EPERM.
  static let forbidden = [
    // Programs, and other processes.
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
    // Where things are, and who one is.
    "mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "open_tree", "move_mount", "fsopen", "fsmount",
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
    // The machine and its kernel.
    "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "swapon", "swapoff",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "syslog", "acct",
    "quotactl", "iopl", "ioperm", "personality", "mknod", "mknodat",
    // Rarely used, often broken.
    "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "name_to_handle_at", "open_by_handle_at", "lookup_dcookie", "modify_ldt", "vmsplice",
    "move_pages", "mbind", "set_mempolicy", "migrate_pages", "nfsservctl", "uselib", "ustat", "sysfs", "_sysctl",
    "fanotify_init", "landlock_create_ruleset",
  ]

  /// Above those that we use.
  private static let lastFamily: Int32 = 11

  /// Holds for the thread that calls and all that it makes from then on, for good: so before the first thread is made.
  public static func install() throws(SystemError) {
    guard let filter = fieldbox_seccomp_allowing() else { throw SystemError("seccomp", code: ENOMEM) }
    defer { seccomp_release(filter) }
    for name in forbidden { try check(fieldbox_seccomp_forbid(filter, name, EPERM), name) }
    try check(fieldbox_seccomp_forbid_processes(filter), "clone")
    for family in 0..<lastFamily where ![AF_UNIX, AF_INET, AF_INET6].contains(family) {
      try check(fieldbox_seccomp_forbid_family(filter, family, 0), "socket")
    }
    try check(fieldbox_seccomp_forbid_family(filter, lastFamily, 1), "socket")
    try check(seccomp_load(filter), "load")
  }

  private static func check(_ code: Int32, _ about: String) throws(SystemError) {
    // A call that this processor's kernel never had.
    guard code < 0, code != -EDOM else { return }
    throw SystemError("seccomp", code: -code, about: about)
  }
}
