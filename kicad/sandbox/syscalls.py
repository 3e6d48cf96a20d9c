"""The seccomp filter: what a script may not ask of the kernel, even inside its namespaces."""

from __future__ import annotations

import errno
import os
import tempfile
from typing import IO

# sockets and with them the network, the database and every daemon
_SOCKETS = ("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4")
# other processes, new namespaces and the mounts of this one
_CONFINEMENT = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "keyctl", "add_key", "request_key",
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "personality",
)  # fmt: skip
# memory that no process's resident size shows
_HIDDEN_MEMORY = (
    "memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget", "mq_open", "vmsplice",
)  # fmt: skip
# the machine itself, and calls that only its keepers need
_MACHINE = (
    "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick", "mount_setattr",
    "open_by_handle_at", "name_to_handle_at", "kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd",
    "syslog", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "iopl", "ioperm",
    "modify_ldt", "mknod", "mknodat", "nfsservctl", "vhangup", "fanotify_init", "lookup_dcookie",
    "sethostname", "setdomainname", "move_pages", "migrate_pages",
)  # fmt: skip
# these need not exist on every kernel and architecture; all others must be refused or there is no filter
_OPTIONAL = frozenset(_MACHINE) | {
    "process_madvise",
    "memfd_secret",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
}
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEWTIME|NS|CGROUP|UTS|IPC|USER|PID|NET
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # typing into the terminal that the sandbox was started from


def filter_file() -> IO[bytes]:
    """The compiled filter as an open file, read from its start; raises OSError where it cannot be made.

    Calls of another architecture (32-bit, x32) end the process: that is libseccomp's default.
    """
    try:
        import pyseccomp  # noqa: PLC0415 - only where a sandbox is made
    except (ImportError, RuntimeError) as error:  # it loads the system's libseccomp
        raise OSError(f"libseccomp cannot be loaded: {error}") from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for name in (*_SOCKETS, *_CONFINEMENT, *_HIDDEN_MEMORY, *_MACHINE):
        try:
            rules.add_rule(refuse, name)
        except (RuntimeError, ValueError, OSError) as error:
            if name not in _OPTIONAL:
                raise OSError(f"libseccomp cannot refuse {name}: {error}") from error
    for bit in range(32):
        if _NEW_NAMESPACES >> bit & 1:
            rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 1 << bit, 1 << bit))
    # clone3 hides its flags behind a pointer: "not there" makes the C library fall back to clone
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for request in (_TIOCSTI, _TIOCLINUX):
        rules.add_rule(refuse, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    compiled = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the sandbox open
    rules.export_bpf(compiled)
    compiled.flush()
    os.lseek(compiled.fileno(), 0, os.SEEK_SET)
    return compiled
