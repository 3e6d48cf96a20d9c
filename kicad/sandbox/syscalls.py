"""The seccomp filter: what a script may not ask of the kernel, even inside its namespaces."""

from __future__ import annotations

import errno
import os
import tempfile
from typing import IO

# sockets and with them the network, the database and every daemon
_SOCKETS = ("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4")
# other processes, the kernel, mounts and new namespaces
_KERNEL = (
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "mount", "umount2", "pivot_root", "chroot",
    "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick", "mount_setattr", "unshare", "setns", "keyctl",
    "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "open_by_handle_at", "name_to_handle_at", "kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "syslog", "settimeofday",
    "clock_settime", "adjtimex", "clock_adjtime", "iopl", "ioperm", "mknod", "mknodat", "personality", "nfsservctl",
    "vhangup", "fanotify_init", "lookup_dcookie",
)  # fmt: skip
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEWTIME|NS|CGROUP|UTS|IPC|USER|PID|NET
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # typing into the terminal that the sandbox was started from


def filter_file() -> IO[bytes]:
    """The compiled filter as an open file, read from its start; raises OSError where libseccomp is missing."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:  # it loads the system's libseccomp
        raise OSError(f"libseccomp cannot be loaded: {error}") from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for name in (*_SOCKETS, *_KERNEL):
        try:
            rules.add_rule(refuse, name)
        except (RuntimeError, ValueError, OSError):
            continue  # this kernel's architecture has no such call
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
